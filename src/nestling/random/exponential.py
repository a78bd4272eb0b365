"""Exponential numbers: algorithm SA of Ahrens and Dieter (1972)."""

from itertools import accumulate
from math import factorial, log
from typing import Final

from nestling.random.stream import Stream

_LN2: Final = log(2.0)

_CUTS: Final = tuple(accumulate(_LN2**k / factorial(k) for k in range(1, 17)))
"""Probabilities that at most k uniforms decide; the sixteenth is 1 to double precision."""


def standard_exponential(stream: Stream) -> float:
    """Draw one exponential number with rate 1.

    The doublings that take a uniform past 1 give the multiple of ln 2 below the number; the rest
    is ln 2 times the smallest of so many uniforms as the remaining bits call for.

    Examples
    --------
    >>> round(standard_exponential(Stream(707)), 6)
    2.678566
    """
    whole, bits = 0.0, 2.0 * stream.uniform()
    while bits <= 1.0:
        whole += _LN2
        bits += bits
    bits -= 1.0
    if bits <= _LN2:
        return whole + bits
    smallest = stream.uniform()
    for cut in _CUTS[1:]:
        smallest = min(smallest, stream.uniform())
        if bits <= cut:
            break
    return whole + smallest * _LN2
