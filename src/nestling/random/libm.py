"""The C library's functions, element by element.

R calls them one number at a time. numpy has vector code of its own for some processors, whose
last bit can differ; these give the same numbers on all of them.
"""

import math
from collections.abc import Callable

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
    """Natural logarithms of positive numbers."""
    return each(math.log, values)


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
