"""Factors made in a formula: factor(), ordered() and relevel()."""

from typing import Any

import numpy as np

from nestling.data.columns import Factor, Numeric
from nestling.data.grouping import grouping
from nestling.data.labels import labels
from nestling.errors import DataError, FormulaError, did_you_mean


def to_factor(value: Numeric | Factor) -> Factor:
    """Return numbers as a factor with a level for each, in numeric order.

    Examples
    --------
    >>> to_factor(Numeric(np.array([2.5, 1.0, 2.5]), "numeric")).levels
    ('1', '2.5')
    """
    if isinstance(value, Factor):
        return value
    codes, found = grouping(value)
    return Factor(codes, labels(found), ordered=False)


def make_factor(function: str, text: str, factor: Factor, options: dict[str, Any]) -> Factor:
    """Make a factor of another, as R's functions of these names do.

    Parameters
    ----------
    function : {"factor", "as.factor", "ordered", "relevel"}
    text : str
        The call, for messages.
    factor : Factor
    options : dict
        `levels`, `labels`, `ordered`, `ref` as R has them.

    Raises
    ------
    FormulaError, DataError
        When labels do not match the levels, or the reference level does not occur.

    Examples
    --------
    >>> column = to_factor(Numeric(np.array([2.0, 1.0, 2.0]), "numeric"))
    >>> make_factor("factor", "factor(x)", column, {"levels": [2, 1]}).levels
    ('2', '1')
    """
    if function == "relevel":
        return _with_reference(text, factor, options)
    if "levels" in options:
        wanted = options["levels"]
        factor = with_levels(text, factor, labels(wanted if isinstance(wanted, list) else [wanted]))
    if "labels" in options:
        factor = _with_labels(text, factor, options["labels"])
    ordered = function == "ordered" or bool(options.get("ordered", factor.ordered))
    return Factor(factor.codes, factor.levels, ordered)


def with_levels(text: str, factor: Factor, levels: tuple[str, ...]) -> Factor:
    """Put the levels in the order given; values that are not among them become missing, as in R."""
    if len(set(levels)) < len(levels):
        raise FormulaError(f"{text} gives a level twice.")
    position = {level: code for code, level in enumerate(levels)}
    if levels == factor.levels:
        return factor
    table = [position.get(level, -1) for level in factor.levels]
    codes = np.array([*table, -1], dtype=np.intp)[factor.codes]
    return Factor(codes, levels, factor.ordered)


def _with_labels(text: str, factor: Factor, given: Any) -> Factor:
    names = labels(given if isinstance(given, list) else [given])
    if len(names) != len(factor.levels) or len(set(names)) < len(names):
        raise FormulaError(
            f"{text} gives {len(names)} labels for the levels {', '.join(factor.levels)}; give "
            "one for each, all different."
        )
    return Factor(factor.codes, names, factor.ordered)


def _with_reference(text: str, factor: Factor, options: dict[str, Any]) -> Factor:
    if factor.ordered:
        raise DataError(f"{text}: an ordered factor has no reference level.")
    (reference,) = labels([options.get("ref", "")])
    if reference not in factor.levels:
        raise DataError(
            f"{text}: {reference!r} is not a level. {did_you_mean(reference, factor.levels)}"
        )
    levels = (reference, *(level for level in factor.levels if level != reference))
    return with_levels(text, factor, levels)
