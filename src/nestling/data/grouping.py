"""Grouping factors: which group each row belongs to."""

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.data.columns import Column, Numeric

# A lookup table is faster than sorting while it is not much longer than the column.
TABLE = 4


def grouping(column: Column) -> tuple[IntArray, AnyArray]:
    """Return the codes and levels of a grouping factor; only levels that occur.

    Parameters
    ----------
    column : Numeric or Factor

    Returns
    -------
    codes : (n,) array
        0 .. J-1, and -1 where the group is missing.
    levels : (J,) array
        Integers as integers in numeric order, other numbers as floats, categories as text in
        the factor's order.

    Examples
    --------
    >>> from nestling.data.door import read
    >>> grouping(read({"g": [30, 10, 10]}).column("g"))
    (array([1, 0, 0]), array([10, 30]))
    """
    if isinstance(column, Numeric):
        if column.kind == "logical":
            return _of_truth(column.values)
        if column.integers is not None:
            return _of_integers(column.integers)
        return _of_floats(column.values)
    codes, used = compress(column.codes, len(column.levels))
    return codes, text_array(column.levels)[used]


def compress(codes: IntArray, n_levels: int) -> tuple[IntArray, IntArray]:
    """Renumber codes without unused levels: new codes, and the old code of each new one."""
    # position 0 counts the missing (-1)
    counts = np.bincount(codes + 1, minlength=n_levels + 1)
    used = np.flatnonzero(counts[1:])
    if len(used) == n_levels:
        return codes, used
    table = np.full(n_levels + 1, -1, dtype=np.intp)
    table[used] = np.arange(len(used))
    return table[codes], used  # code -1 reads the table's last entry, which stays -1


def text_array(levels: tuple[str, ...]) -> AnyArray:
    """Hold labels as an array of Python strings."""
    array = np.empty(len(levels), dtype=object)
    array[:] = levels
    return array


def _of_integers(values: AnyArray) -> tuple[IntArray, AnyArray]:
    if not len(values):
        return np.empty(0, dtype=np.intp), values
    low, high = int(values.min()), int(values.max())
    span = high - low + 1
    if span > max(TABLE * len(values), 1024):
        levels, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.intp, copy=False), levels
    # small integer types could overflow in the subtraction, so widen first
    shifted = values.astype(np.intp, copy=False)
    if low:
        shifted = shifted - low
    present = np.zeros(span, dtype=bool)
    present[shifted] = True
    used = np.flatnonzero(present)
    levels = used + low
    if len(used) == span:
        return shifted, levels
    table = np.empty(span, dtype=np.intp)
    table[used] = np.arange(len(used))
    return table[shifted], levels


def _of_floats(values: AnyArray) -> tuple[IntArray, AnyArray]:
    known = ~np.isnan(values)
    complete = bool(known.all())
    finite = values if complete else values[known]
    whole = finite.astype(np.int64) if np.all(np.abs(finite) < 2.0**53) else None
    if whole is not None and np.array_equal(whole, finite):
        found, levels = _of_integers(whole)
    else:
        levels, found = np.unique(finite, return_inverse=True)
    if complete:
        return found.astype(np.intp, copy=False), levels
    codes = np.full(len(values), -1, dtype=np.intp)
    codes[known] = found
    return codes, levels


def _of_truth(values: AnyArray) -> tuple[IntArray, AnyArray]:
    codes = np.where(np.isnan(values), -1, values).astype(np.intp)
    codes, used = compress(codes, 2)
    return codes, text_array(("FALSE", "TRUE"))[used]
