"""Binomial numbers: inversion, and Kachitvichyanukul and Schmeiser's BTPE (1988)."""

from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Final

from nestling.random.stream import Stream

_LARGEST_INVERTED: Final = 110
"""Inversion starts again beyond this count, against loops that rounding would not end."""


def binomial(stream: Stream, size: int, prob: float) -> int:
    """Draw the number of successes in so many trials.

    Examples
    --------
    >>> binomial(Stream(707), 10, 0.3), binomial(Stream(707), 200, 0.85)
    (1, 171)
    """
    if size == 0 or prob == 0.0:
        return 0
    if prob == 1.0:
        return size
    p = min(prob, 1.0 - prob)
    drawn = _invert(stream, size, p) if size * p < 30.0 else _btpe(stream, _hat(size, p))
    return size - drawn if prob > 0.5 else drawn


def _invert(stream: Stream, n: int, p: float) -> int:
    """Walk up the probabilities until the uniform is used up."""
    q = 1.0 - p
    odds = p / q
    rise = odds * (n + 1)
    at_zero = q**n
    while True:
        u, mass = stream.uniform(), at_zero
        for k in range(_LARGEST_INVERTED + 2):
            if u < mass:
                return k
            u -= mass
            mass *= rise / (k + 1) - odds


@dataclass(frozen=True, slots=True)
class _Hat:
    """BTPE's hat about the mode: a triangle, parallelograms beside it, exponential tails.

    `triangle`, `sides`, `left_tail`, `total` are the areas summed so far.
    """

    n: int
    p: float
    variance: float
    mode: int
    half_width: float
    centre: float
    c: float
    left_rate: float
    right_rate: float
    triangle: float
    sides: float
    left_tail: float
    total: float


@lru_cache(maxsize=64)
def _hat(n: int, p: float) -> _Hat:
    q = 1.0 - p
    mean = n * p
    variance = mean * q
    peak = mean + p
    mode = int(peak)
    half_width = int(2.195 * sqrt(variance) - 4.6 * q) + 0.5
    centre = mode + 0.5
    left, right = centre - half_width, centre + half_width
    c = 0.134 + 20.5 / (15.3 + mode)
    left_slope = (peak - left) / (peak - left * p)
    left_rate = left_slope * (1.0 + 0.5 * left_slope)
    right_slope = (right - peak) / (right * q)
    right_rate = right_slope * (1.0 + 0.5 * right_slope)
    sides = half_width * (1.0 + c + c)
    left_tail = sides + c / left_rate
    return _Hat(
        n=n,
        p=p,
        variance=variance,
        mode=mode,
        half_width=half_width,
        centre=centre,
        c=c,
        left_rate=left_rate,
        right_rate=right_rate,
        triangle=half_width,
        sides=sides,
        left_tail=left_tail,
        total=left_tail + c / right_rate,
    )


def _btpe(stream: Stream, hat: _Hat) -> int:
    left, right = hat.centre - hat.half_width, hat.centre + hat.half_width
    while True:
        u = stream.uniform() * hat.total
        v = stream.uniform()
        if u <= hat.triangle:
            return int(hat.centre - hat.half_width * v + u)
        if u <= hat.sides:
            x = left + (u - hat.triangle) / hat.c
            v = v * hat.c + 1.0 - abs(hat.centre - x) / hat.half_width
            if v <= 0.0 or v > 1.0:
                continue
        elif u <= hat.left_tail:
            x = left + log(v) / hat.left_rate
            # what lies between -1 and 0 is cut to 0
            if x <= -1.0:
                continue
            v *= (u - hat.sides) * hat.left_rate
        else:
            x = right - log(v) / hat.right_rate
            if x >= hat.n + 1:
                continue
            v *= (u - hat.left_tail) * hat.right_rate
        if _accepted(hat, int(x), v):
            return int(x)


def _accepted(hat: _Hat, k: int, v: float) -> bool:
    """Compare v with the probability of k over that of the mode."""
    distance = abs(k - hat.mode)
    if distance <= 20 or distance >= hat.variance / 2.0 - 1.0:
        return v <= _ratio_by_steps(hat, k)
    share = distance / hat.variance
    squeeze = share * ((distance * (distance / 3.0 + 0.625) + 0.1666666666666) / hat.variance + 0.5)
    normal = _wrapped(-distance * distance) / (2.0 * hat.variance)
    height = log(v)
    if height < normal - squeeze:
        return True
    return height <= normal + squeeze and height <= _log_ratio(hat, k)


def _wrapped(square: int) -> int:
    """Keep the lowest 32 bits, as R's integers do.

    R overflows here where the variance is above 1e8 or so, and its numbers show it.
    """
    return (square + 2**31) % 2**32 - 2**31


def _ratio_by_steps(hat: _Hat, k: int) -> float:
    odds = hat.p / (1.0 - hat.p)
    rise = (hat.n + 1) * odds
    ratio = 1.0
    for i in range(hat.mode + 1, k + 1):
        ratio *= rise / i - odds
    for i in range(k + 1, hat.mode + 1):
        ratio /= rise / i - odds
    return ratio


def _log_ratio(hat: _Hat, k: int) -> float:
    """`_ratio_by_steps` as a logarithm, with all factorials by Stirling's formula."""
    n, p, mode = hat.n, hat.p, hat.mode
    above, above_mode = k + 1.0, mode + 1.0
    below, below_mode = n - k + 1.0, n - mode + 1.0
    return (
        (mode + 0.5) * log(above_mode / above)
        + (n - mode + 0.5) * log(below_mode / below)
        + (k - mode) * log(below * p / (above * (1.0 - p)))
        + _stirling(above_mode)
        + _stirling(below_mode)
        + _stirling(above)
        + _stirling(below)
    )


def _stirling(x: float) -> float:
    """Return what Stirling's formula leaves out of log x!."""
    square = x * x
    series = 13860.0 - (462.0 - (132.0 - (99.0 - 140.0 / square) / square) / square) / square
    return series / x / 166320.0
