"""At which level a predictor varies, and which grouping factor is inside which."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nestling.arrays import IntArray
from nestling.data.columns import Numeric
from nestling.data.door import Frame
from nestling.data.grouping import grouping
from nestling.errors import ArgumentError, DesignError, did_you_mean
from nestling.model.equations_parts import Level
from nestling.model.levels_tree import hierarchy_of, stacked


def from_data(
    frame: Frame, groups: tuple[str, ...], variables: Iterable[str]
) -> tuple[tuple[Level, ...], dict[str, int]]:
    """Find the hierarchy in data: what is inside what, and where each variable is constant.

    Parameters
    ----------
    frame : Frame
        The data.
    groups : tuple of str
        Grouping factors of the formula; `school:class` is the combination of two columns.
    variables : iterable of str
        Columns whose level is asked for.

    Returns
    -------
    levels : tuple of Level
        A factor stands above those nested in it; crossed factors share a level.
    level_of : dict of str to int
        The highest level within whose groups the variable is constant; 1 if there is none.
    """
    codes = {group: _codes(frame, group) for group in groups}
    sizes = {group: int(each.max(initial=-1)) + 1 for group, each in codes.items()}
    inside = {
        group: [
            other
            for other in groups
            if sizes[other] < sizes[group] and _constant(codes[other], codes[group])
        ]
        for group in groups
    }
    levels = stacked(inside)
    level_of = {}
    for variable in variables:
        column = frame.column(variable)
        values = column.values if isinstance(column, Numeric) else column.codes
        level_of[variable] = max(
            (
                level.number
                for level in levels[1:]
                for group in level.names
                if _constant(values, codes[group])
            ),
            default=1,
        )
    return levels, level_of


def _codes(frame: Frame, group: str) -> IntArray:
    """Return the number of each row's level, -1 where any part is missing."""
    first, *others = (grouping(frame.column(part))[0] for part in group.split(":"))
    for each in others:
        combined = first * (each.max(initial=0) + 1) + each
        combined = np.where((first < 0) | (each < 0), np.nan, combined)
        first = grouping(Numeric(combined, "integer"))[0]
    return first


def _constant(values: Any, codes: IntArray) -> bool:
    """Tell whether values are the same in all rows of each group; missing ones do not count."""
    known = (codes >= 0) & ((values >= 0) if values.dtype.kind in "iu" else ~np.isnan(values))
    if not known.all():
        values, codes = values[known], codes[known]
    one = np.zeros(codes.max(initial=0) + 1, dtype=values.dtype)
    one[codes] = values
    return bool((one[codes] == values).all())


def from_design(
    inside: Mapping[str, tuple[str, ...]], groups: tuple[str, ...]
) -> tuple[Level, ...]:
    """Find the hierarchy of a formula's grouping factors in a design's nesting.

    Parameters
    ----------
    inside : mapping
        For each unit of the design, the units it is nested in.
    groups : tuple of str
        Grouping factors of the formula.

    Raises
    ------
    DesignError
        If the design has no such unit.
    """
    closed: dict[str, set[str]] = {}
    for group in groups:
        for part in group.split(":"):
            if part not in inside:
                raise DesignError(
                    f"The design has no unit {part!r}, which the formula groups by. "
                    f"{did_you_mean(part, inside)}"
                )
            closed.setdefault(group, set()).update({part, *inside[part]})
    return stacked(
        {group: [other for other in groups if closed[other] < closed[group]] for group in groups}
    )


def from_names(groups: tuple[str, ...]) -> tuple[Level, ...]:
    """Find the hierarchy that the names of grouping factors tell."""
    return hierarchy_of(groups)


def said(
    at: Mapping[str, str], levels: tuple[Level, ...], unit: str | None, variables: Iterable[str]
) -> dict[str, int]:
    """Return the levels of predictors that the user names.

    Raises
    ------
    ArgumentError
        For a predictor or a grouping factor that the formula does not have.
    """
    known = {name: level.number for level in levels[1:] for name in level.names}
    if unit is not None:
        known[unit] = 1
    names = list(variables)
    for predictor, group in at.items():
        if predictor not in names:
            raise ArgumentError(
                f"at={{{predictor!r}: ...}} names no predictor of the formula. "
                f"{did_you_mean(predictor, names)}"
            )
        if group not in known:
            raise ArgumentError(
                f"at={{{predictor!r}: {group!r}}} names no grouping factor of the formula. "
                f"{did_you_mean(str(group), known)}"
            )
    return {predictor: known[group] for predictor, group in at.items()}
