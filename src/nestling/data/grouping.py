"""Levels of a grouping factor: those that occur, numbered in R's order."""

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.data.columns import Column, Factor

SPREAD = 4
"""A lookup table beats sorting while it has up to this many entries per row."""


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
        codes, used = used_codes(column.codes, len(column.levels))
        return codes, np.array(column.levels, dtype=object)[used]
    if column.integers is not None:
        return numbered(column.integers)
    codes, levels = _numbered_floats(column.values)
    if column.kind == "logical":
        return codes, np.array(["FALSE", "TRUE"], dtype=object)[levels.astype(np.intp)]
    return codes, levels


def used_codes(codes: IntArray, n_levels: int) -> tuple[IntArray, IntArray]:
    """Renumber codes without the levels that do not occur; also return the old code of each.

    Examples
    --------
    >>> codes, used = used_codes(np.array([2, 0, -1, 2]), 4)
    >>> codes.tolist(), used.tolist()
    ([1, 0, -1, 1], [0, 2])
    """
    used = np.flatnonzero(np.bincount(codes + 1, minlength=n_levels + 1)[1:])
    if len(used) == n_levels:
        return codes, used
    rank = np.full(n_levels + 1, -1, dtype=np.intp)
    rank[used] = np.arange(len(used))
    return rank[codes], used  # the last entry serves the code -1


def numbered(values: AnyArray) -> tuple[IntArray, AnyArray]:
    """Return the codes of integers by their order, and the distinct integers."""
    low, high = int(values.min()), int(values.max())
    if high - low > SPREAD * len(values) + 1000:
        return _hashed(values)
    codes = values.astype(np.intp, copy=False)
    if low:
        codes = codes - low
    present = np.zeros(high - low + 1, dtype=bool)
    present[codes] = True
    used = np.flatnonzero(present)
    if len(used) < len(present):
        rank = np.empty(len(present), dtype=np.intp)
        rank[used] = np.arange(len(used))
        codes = rank[codes]
    return codes, used + low


def _numbered_floats(values: AnyArray) -> tuple[IntArray, AnyArray]:
    known = ~np.isnan(values)
    if not known.all():
        codes = np.full(len(values), -1, dtype=np.intp)
        codes[known], levels = _numbered_floats(values[known])
        return codes, levels
    if not len(values):
        return np.empty(0, dtype=np.intp), values.astype(np.int64)
    if max(-values.min(), values.max()) < 2.0**53:
        whole = values.astype(np.int64)
        if np.array_equal(whole, values):
            return numbered(whole)
    return _hashed(values)


def _hashed(values: AnyArray) -> tuple[IntArray, AnyArray]:
    """Return codes and levels of values of any spread; only the distinct ones are sorted."""
    import pandas as pd

    codes, levels = pd.factorize(values, sort=True)
    return codes.astype(np.intp, copy=False), np.asarray(levels)
