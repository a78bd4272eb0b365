"""Levels of a grouping factor: those that occur, numbered in R's order."""

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.data.columns import Column, Factor


def grouping(column: Column) -> tuple[IntArray, AnyArray]:
    """Return the code of each row (-1 where missing) and the levels that occur.

    Integers are sorted as numbers and keep their type; text is sorted; categories keep their
    order.

    Examples
    --------
    >>> from nestling.data.columns import Numeric
    >>> codes, levels = grouping(Numeric(np.array([10.0, 2.0, 10.0]), "integer"))
    >>> codes.tolist(), levels.tolist()
    ([1, 0, 1], [2, 10])
    """
    if isinstance(column, Factor):
        used = np.bincount(column.codes + 1, minlength=len(column.levels) + 1)[1:] > 0
        levels = np.array(column.levels, dtype=object)[used]
        if used.all():
            return column.codes, levels
        rank = np.append(np.cumsum(used) - 1, -1)
        return rank[column.codes], levels
    values = column.values
    if column.kind == "logical":
        codes, levels = _numbered(values)
        return codes, np.array(["FALSE", "TRUE"], dtype=object)[levels.astype(np.intp)]
    codes, levels = _numbered(values)
    if column.kind == "integer" or bool((levels == np.floor(levels)).all()):
        levels = levels.astype(np.int64)
    return codes, levels


def _numbered(values: AnyArray) -> tuple[IntArray, AnyArray]:
    missing = np.isnan(values)
    if missing.any():
        codes = np.full(len(values), -1, dtype=np.intp)
        present, levels = _numbered(values[~missing])
        codes[~missing] = present
        return codes, levels
    if not len(values):
        return np.empty(0, dtype=np.intp), values
    low, high = float(values.min()), float(values.max())
    if high - low <= 4 * len(values) + 1000:
        shifted = (values - low).astype(np.intp)
        if np.array_equal(shifted, values - low):
            used = np.flatnonzero(np.bincount(shifted))
            rank = np.empty(int(high - low) + 1, dtype=np.intp)
            rank[used] = np.arange(len(used))
            return rank[shifted], used + low
    levels, codes = np.unique(values, return_inverse=True)
    return codes, levels
