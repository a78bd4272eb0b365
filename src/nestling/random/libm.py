"""The C library's functions, as R calls them, on arrays.

numpy has vector code of its own for some processors, whose last bit can differ from the C
library's. Here the numbers are the C library's on all of them.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from nestling.arrays import FloatArray


def each(function: Callable[[float], float], values: FloatArray) -> FloatArray:
    """Apply a function of `math` to every element.

    Examples
    --------
    >>> each(math.sqrt, np.array([4.0, 9.0]))
    array([2., 3.])
    """
    return np.fromiter(map(function, values.tolist()), dtype=float, count=len(values))


def log(values: FloatArray) -> FloatArray:
    """Natural logarithms of positive numbers; by numpy, which is faster, where it agrees.

    Examples
    --------
    >>> log(np.array([1.0, 0.5])).round(6)
    array([ 0.      , -0.693147])
    """
    return np.log(values) if _numpy_agrees() else each(math.log, values)


@cache
def _numpy_agrees() -> bool:
    probes = np.exp(-np.linspace(0.001, 40.0, 4099))
    return bool((np.log(probes) == each(math.log, probes)).all())


def exp(values: FloatArray) -> FloatArray:
    """Exponentials; infinity where they overflow, as in C.

    Examples
    --------
    >>> exp(np.array([0.0, 1000.0]))
    array([ 1., inf])
    """
    return each(_exp, values)


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
