"""The reference grid: every combination of the predictors' levels, as rows of the model matrix.

Factors take all their levels and numeric predictors their mean in the rows that were fitted, but
those with two values both of them, as R's emmeans does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.columns import Column, Factor, Numeric
from nestling.data.door import read
from nestling.data.labels import number_text
from nestling.errors import ArgumentError, did_you_mean
from nestling.model.evaluate import evaluate
from nestling.model.expressions import names_in
from nestling.model.matrices import encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nestling.arrays import AnyArray, FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

FEW = 2
"""A numeric predictor with at most so many values is treated as a factor."""
LARGEST = 2_000_000
"""Cells of the grid's model matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One predictor of the grid.

    Attributes
    ----------
    name : str
    values : sequence
        Text for a factor, truth values or numbers.
    discrete : bool
        Whether the values are all that occur, so that their frequencies are known.
    """

    name: str
    values: tuple[Any, ...]
    discrete: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """The values as text."""
        return tuple(_text(value) for value in self.values)

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers, whose labels say little without the name."""
        return not isinstance(self.values[0], str | bool | np.bool_)


def axes_of(fit: LmerFit, at: Mapping[str, Any] | None) -> tuple[Axis, ...]:
    """Return the predictors of the fixed effects, with the values that `at` asks for."""
    fixed = fit.matrices.encoding.fixed
    pairs = list(zip(fixed.variables, fixed.expressions, strict=True))
    within = {name for text, node in pairs if text in fit.matrices.encoding.levels
              for name in names_in(node)}  # fmt: skip
    used = {name for coding in fit.matrices.encoding.fixed_coding for name in coding.variables}
    nodes = [node for text, node in pairs if text in used] + list(fixed.offsets)
    names = list(dict.fromkeys(name for node in nodes for name in names_in(node)))
    given = dict(at or {})
    for name in given:
        if name not in names:
            raise ArgumentError(
                f"at names {name!r}, which is not a predictor of the fixed effects. "
                f"{did_you_mean(name, names) if names else 'There are none.'}"
            )
    rows = fit.matrices.row_index
    return tuple(
        _axis(name, _used_values(fit.frame.column(name), rows), name in within, given.get(name))
        for name in names
    )


def _axis(name: str, values: AnyArray, factor: bool, given: Any) -> Axis:
    """Choose the values of one predictor; `values` are those of all rows, text for a factor."""
    known: tuple[Any, ...] | None = tuple(values.tolist()) if values.dtype == object else None
    if known is None:
        unique = np.unique(values)
        few = factor or len(unique) <= FEW or values.dtype == bool
        known = tuple(unique.tolist()) if few else (float(values.mean()),)
        if given is None:
            return Axis(name, known, few)
    if given is None:
        return Axis(name, known, discrete=True)
    asked = [given] if isinstance(given, str) or np.ndim(given) == 0 else list(given)
    if not asked:
        raise ArgumentError(f"at gives no values for {name!r}. Give at least one.")
    if values.dtype == object:
        by_text = {_text(value): value for value in known}
        for value in asked:
            if _text(value) not in by_text:
                raise ArgumentError(
                    f"at asks for {name!r} = {value!r}. {did_you_mean(_text(value), by_text)}"
                )
        return Axis(name, tuple(by_text[_text(value)] for value in asked), discrete=True)
    if values.dtype == bool:
        return Axis(name, tuple(_truth(name, value) for value in asked), discrete=True)
    try:
        numbers = tuple(float(value) for value in asked)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"at gives {given!r} for {name!r}, which holds numbers. Give one or more numbers."
        ) from error
    return Axis(name, numbers, discrete=set(numbers) <= set(np.unique(values).tolist()))


def _truth(name: str, value: Any) -> bool:
    if _text(value) not in {"TRUE", "FALSE", "0", "1"}:
        raise ArgumentError(f"at asks for {name!r} = {value!r}; it is True or False.")
    return _text(value) in {"TRUE", "1"}


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return number_text(float(value)) if isinstance(value, float | int | np.number) else str(value)


def _used_values(column: Column, rows: IntArray | None) -> AnyArray:
    """Return the values in the rows that were fitted; a factor's in the order of its levels."""
    if isinstance(column, Numeric):
        values = column.values if rows is None else column.values[rows]
        return values.astype(bool) if column.kind == "logical" else values
    codes = column.codes if rows is None else column.codes[rows]
    present = np.unique(codes[codes >= 0])
    return np.array([column.levels[code] for code in present], dtype=object)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows of the model matrix for every combination; the first predictor varies fastest.

    Attributes
    ----------
    axes : tuple of Axis
    index : (rows, axes) array
        Position among each predictor's values.
    X : (rows, columns) array
        Of all columns of the model matrix, those that were dropped too.
    offset : (rows,) array
    """

    axes: tuple[Axis, ...]
    index: IntArray
    X: FloatArray
    offset: FloatArray


def grid_of(fit: LmerFit, axes: tuple[Axis, ...]) -> Grid:
    """Encode every combination of the axes' values."""
    sizes = [len(axis.values) for axis in axes]
    total = prod(sizes)
    if total * len(fit.matrices.names) > LARGEST:
        shown = ", ".join(f"{a.name} ({len(a.values)})" for a in axes)
        raise ArgumentError(
            f"The reference grid has {total} rows: {shown}. Fix some predictors with at=."
        )
    index = np.stack(np.unravel_index(np.arange(total), sizes[::-1]), axis=1)[:, ::-1] if axes \
        else np.zeros((1, 0), dtype=np.intp)  # fmt: skip
    columns: dict[str, Any] = {
        axis.name: np.array(axis.values, dtype=object if isinstance(axis.values[0], str) else None)[
            index[:, i]
        ]
        for i, axis in enumerate(axes)
    }
    # a model without predictors still has a row
    frame = read(columns or {"(row)": np.zeros(1)})
    rows = encode(fit.formula, fit.matrices, frame, frozenset())
    X = np.empty((total, len(rows.columns)))
    for j, column in enumerate(rows.columns):
        X[:, j] = column
    offset = _mean_offset(fit) + (np.zeros(total) if rows.offset is None else rows.offset)
    return Grid(axes, np.asarray(index, dtype=np.intp), X, offset)


def _mean_offset(fit: LmerFit) -> float:
    """Mean of the offset argument; offset() in the formula is a matter of the grid's rows."""
    matrices = fit.matrices
    if fit.call.offset is None or matrices.offset is None:
        return 0.0
    total = float(matrices.offset.mean())
    for node in matrices.encoding.fixed.offsets:
        value = evaluate(node, fit.frame, matrices.encoding.memory)
        assert isinstance(value, Numeric)
        part = value.values if matrices.row_index is None else value.values[matrices.row_index]
        total -= float(part.mean())
    return total


def frequencies(fit: LmerFit, axes: Sequence[Axis], index: IntArray) -> FloatArray:
    """Count the rows of the data in each combination of the given axes' values, (rows,)."""
    counted = [(i, axis) for i, axis in enumerate(axes) if axis.discrete]
    rows = fit.matrices.row_index
    own: list[IntArray] = []
    for _, axis in counted:
        column = fit.frame.column(axis.name)
        if isinstance(column, Factor):
            place = {label: code for code, label in enumerate(axis.labels)}
            table = np.array([*(place.get(level, -1) for level in column.levels), -1])
            codes = table[column.codes]
        else:
            known = np.array([float(value) for value in axis.values])
            order = np.argsort(known)
            near = np.minimum(np.searchsorted(known[order], column.values), len(known) - 1)
            found = order[near]
            codes = np.where(known[found] == column.values, found, -1)
        own.append(codes if rows is None else codes[rows])
    if not counted:
        return np.ones(len(index))
    sizes = [len(axis.values) for _, axis in counted]
    stacked = np.stack(own)
    inside = (stacked >= 0).all(axis=0)
    cells = np.ravel_multi_index(tuple(stacked[:, inside]), sizes)
    counts = np.bincount(cells, minlength=prod(sizes))
    cell = np.ravel_multi_index(tuple(index[:, [i for i, _ in counted]].T), sizes)
    return np.asarray(counts[cell], dtype=float)
