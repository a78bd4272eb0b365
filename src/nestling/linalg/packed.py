"""The elements of symmetric matrices that are kept: those on and above the diagonal."""

from functools import cache

import numpy as np

from nestling.arrays import FloatArray, IntArray


@cache
def pairs(k: int) -> tuple[tuple[int, int], ...]:
    """Return the elements that are kept of a symmetric matrix of order k.

    Examples
    --------
    >>> pairs(2)
    ((0, 0), (0, 1), (1, 1))
    """
    return tuple((a, b) for a in range(k) for b in range(a, k))


@cache
def places(k: int) -> IntArray:
    """Return for every element of a symmetric matrix where it is kept.

    Examples
    --------
    >>> places(2).tolist()
    [[0, 1], [1, 2]]
    """
    table = np.empty((k, k), dtype=np.intp)
    for i, (a, b) in enumerate(pairs(k)):
        table[a, b] = table[b, a] = i
    return table


def pack(stack: FloatArray) -> FloatArray:
    """Return the kept elements of a stack of symmetric matrices (k, k, ...)."""
    rows, columns = np.array(pairs(len(stack)), dtype=np.intp).reshape(-1, 2).T
    return np.asarray(stack[rows, columns])


def doubling(k: int) -> FloatArray:
    """Return 2 for kept elements that stand for two, 1 for those on the diagonal."""
    return np.array([1.0 + (a != b) for a, b in pairs(k)])
