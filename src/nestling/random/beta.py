"""Beta numbers: Cheng's algorithms BB and BC (1978)."""

import sys
from math import exp, isinf, log, sqrt

from nestling.random.stream import Stream

_LARGEST = sys.float_info.max
_EXP_MAX = sys.float_info.max_exp * log(2.0)


def standard_beta(stream: Stream, first: float, second: float) -> float:
    """Draw one beta number with these two shapes."""
    a, b = min(first, second), max(first, second)
    if a <= 1.0:
        w = _switching(stream, a, b)
        return a / (a + w) if first == a else w / (a + w)
    w = _basic(stream, a, b)
    return b / (b + w) if first != a else w / (b + w)


def _odds(u: float, rate: float, scale: float) -> tuple[float, float]:
    v = rate * log(u / (1.0 - u))
    if v > _EXP_MAX:
        return v, _LARGEST
    w = scale * exp(v)
    return v, _LARGEST if isinf(w) else w


def _basic(stream: Stream, a: float, b: float) -> float:
    """BB, for both shapes above one."""
    total = a + b
    rate = sqrt((total - 2.0) / (2.0 * a * b - total))
    gamma = a + 1.0 / rate
    while True:
        u1, u2 = stream.uniform(), stream.uniform()
        v, w = _odds(u1, rate, a)
        z = u1 * u1 * u2
        r = gamma * v - 1.3862944
        s = a + r - w
        if s + 2.609438 >= 5.0 * z:
            return w
        t = log(z)
        if s > t or r + total * log(total / (b + w)) >= t:
            return w


def _switching(stream: Stream, a: float, b: float) -> float:
    """BC, for a smaller shape of at most one."""
    total, rate = a + b, 1.0 / a
    delta = 1.0 + b - a
    k1 = delta * (0.0138889 + 0.0416667 * a) / (b * rate - 0.777778)
    k2 = 0.25 + (0.5 + 0.25 / delta) * a
    while True:
        u1, u2 = stream.uniform(), stream.uniform()
        if u1 < 0.5:
            y = u1 * u2
            z = u1 * y
            if 0.25 * u2 + z - y >= k1:
                continue
        else:
            z = u1 * u1 * u2
            if z <= 0.25:
                return _odds(u1, rate, b)[1]
            if z >= k2:
                continue
        v, w = _odds(u1, rate, b)
        if total * (log(total / (a + w)) + v) - 1.3862944 >= log(z):
            return w
