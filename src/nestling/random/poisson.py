"""Poisson numbers: Ahrens and Dieter's algorithm PD (1982), and their table for small means."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import copysign, exp, factorial, floor, log, sqrt
from typing import Final

from nestling.random.exponential import standard_exponential
from nestling.random.normal import standard_normal
from nestling.random.stream import Stream

_TABLE_END: Final = 35
"""The table of cumulative probabilities ends at this count; beyond it one draws again."""
_ROOT_2PI_INVERSE: Final = 0.398942280401432677939946059934

# the paper's series of log(1 + v) beyond its square, lowest power first
_A: Final = (
    -0.5, 0.3333333, -0.2500068, 0.2000118, -0.1661269, 0.1421878, -0.1384794, 0.125006
)  # fmt: skip


def poisson(stream: Stream, mean: float) -> int:
    """Draw one Poisson number.

    Examples
    --------
    >>> poisson(Stream(707), 3.0), poisson(Stream(707), 100.0)
    (1, 87)
    """
    if mean >= 10.0:
        return _corrected_normal(stream, _constants(mean))
    if mean == 0.0:
        return 0
    cumulative = _table(mean)
    while (k := bisect_left(cumulative, stream.uniform())) > _TABLE_END:
        pass
    return k


@lru_cache(maxsize=64)
def _table(mean: float) -> tuple[float, ...]:
    masses = accumulate(range(1, _TABLE_END + 1), lambda m, k: m * (mean / k), initial=exp(-mean))
    return tuple(accumulate(masses))


@dataclass(frozen=True, slots=True)
class _Constants:
    """What PD needs to know of a mean: the discrete normal that it corrects."""

    mean: float
    sd: float
    sure: int
    omega: float
    c: float
    c0: float
    c1: float
    c2: float
    c3: float

    def densities(self, k: int) -> tuple[float, float, float, float]:
        """Exponent and factor of the Poisson probability, then of the discrete normal's."""
        gap = self.mean - k
        if k < 10:
            px, py = -self.mean, self.mean**k / factorial(k)
        else:
            stirling = 0.083333333333333333333 / k
            stirling -= 4.8 * stirling * stirling * stirling
            v = gap / k
            if abs(v) <= 0.25:
                px = k * v * v * _series(v) - stirling
            else:
                px = k * log(1.0 + v) - gap - stirling
            py = _ROOT_2PI_INVERSE / sqrt(k)
        x = (0.5 - gap) / self.sd
        x *= x
        fy = self.omega * (((self.c3 * x + self.c2) * x + self.c1) * x + self.c0)
        return px, py, -0.5 * x, fy


@lru_cache(maxsize=64)
def _constants(mean: float) -> _Constants:
    sd = sqrt(mean)
    b1 = 1.0 / 24.0 / mean
    b2 = 0.3 * b1 * b1
    c3 = b1 * b2 / 7.0
    return _Constants(
        mean=mean,
        sd=sd,
        sure=floor(mean - 1.1484),
        omega=_ROOT_2PI_INVERSE / sd,
        c=0.1069 / mean,
        c0=1.0 - b1 + 3.0 * b2 - 15.0 * c3,
        c1=b1 - 6.0 * b2 + 45.0 * c3,
        c2=b2 - 15.0 * c3,
        c3=c3,
    )


def _corrected_normal(stream: Stream, of: _Constants) -> int:
    """PD: a rounded normal, corrected by a double exponential where it is rejected."""
    g = of.mean + of.sd * standard_normal(stream)
    if g >= 0.0:
        k = floor(g)
        if k >= of.sure:
            return k
        u = stream.uniform()
        gap = of.mean - k
        if 6.0 * of.mean * of.mean * u >= gap * gap * gap:
            return k
        px, py, fx, fy = of.densities(k)
        if fy - u * fy <= py * exp(px - fx):
            return k
    while True:
        e = standard_exponential(stream)
        u = 2.0 * stream.uniform() - 1.0
        t = 1.8 + copysign(e, u)
        if t <= -0.6744:
            continue
        k = floor(of.mean + of.sd * t)
        px, py, fx, fy = of.densities(k)
        if of.c * abs(u) <= py * exp(px + e) - fy * exp(fx + e):
            return k


def _series(v: float) -> float:
    total = _A[-1]
    for coefficient in reversed(_A[:-1]):
        total = total * v + coefficient
    return total
