"""Beta numbers: Cheng's algorithms BB and BC (1978)."""

import sys
from math import exp, inf, log, sqrt
from typing import Final

from nestling.random.stream import Stream

_LARGEST: Final = sys.float_info.max
_LARGEST_EXPONENT: Final = sys.float_info.max_exp * log(2.0)
_LOG_4: Final = 1.3862944
_ONE_AND_LOG_5: Final = 2.609438


def beta(stream: Stream, shape1: float, shape2: float) -> float:
    """Draw one beta number; a shape of zero puts all probability at an end.

    Examples
    --------
    >>> round(beta(Stream(707), 2.0, 3.0), 6), beta(Stream(707), 0.0, 3.0)
    (0.136545, 0.0)
    """
    if shape1 == 0.0 or shape2 == 0.0:
        if shape1 == shape2:
            return 0.0 if stream.uniform() < 0.5 else 1.0
        return 1.0 if shape2 == 0.0 else 0.0
    a, b = min(shape1, shape2), max(shape1, shape2)
    if a > 1.0:
        odds = _both_above_one(stream, a, b)
        return odds / (b + odds) if shape1 == a else b / (b + odds)
    odds = _one_below(stream, a, b)
    return a / (a + odds) if shape1 == a else odds / (a + odds)


def _candidate(u: float, rate: float, scale: float) -> tuple[float, float]:
    """Draw from the log-logistic hat: its logarithm, and the number times the scale."""
    v = rate * log(u / (1.0 - u))
    if v > _LARGEST_EXPONENT:
        return v, _LARGEST
    return v, min(scale * exp(v), _LARGEST)


def _log(x: float) -> float:
    return log(x) if x > 0.0 else -inf


def _both_above_one(stream: Stream, a: float, b: float) -> float:
    """BB: beta-prime odds, rejected from a log-logistic hat."""
    total = a + b
    rate = sqrt((total - 2.0) / (2.0 * a * b - total))
    gamma = a + 1.0 / rate
    while True:
        u, other = stream.uniform(), stream.uniform()
        v, w = _candidate(u, rate, a)
        z = u * u * other
        r = gamma * v - _LOG_4
        if a + r - w + _ONE_AND_LOG_5 >= 5.0 * z:
            return w
        target = log(z)
        if a + r - w > target or r + total * _log(total / (b + w)) >= target:
            return w


def _one_below(stream: Stream, a: float, b: float) -> float:
    """BC: for a smaller shape of at most one."""
    total, rate = a + b, 1.0 / a
    delta = 1.0 + b - a
    outside = delta * (0.0138889 + 0.0416667 * a) / (b * rate - 0.777778)
    beyond = 0.25 + (0.5 + 0.25 / delta) * a
    while True:
        u, other = stream.uniform(), stream.uniform()
        if u < 0.5:
            y = u * other
            z = u * y
            if 0.25 * other + z - y >= outside:
                continue
        else:
            z = u * u * other
            if z <= 0.25:
                return _candidate(u, rate, b)[1]
            if z >= beyond:
                continue
        v, w = _candidate(u, rate, b)
        if total * (_log(total / (a + w)) + v) - _LOG_4 >= log(z):
            return w
