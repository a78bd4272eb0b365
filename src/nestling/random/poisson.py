"""Poisson numbers: Ahrens and Dieter's algorithm PD (1982), and a table for small means."""

from dataclasses import dataclass
from math import copysign, exp, factorial, floor, log, sqrt

from nestling.random.stream import Stream

_A = (-0.5, 0.3333333, -0.2500068, 0.2000118, -0.1661269, 0.1421878, -0.1384794, 0.125006)
_ROOT_2PI = 0.398942280401432677939946059934
_LAST = 35
"""The table of cumulative probabilities ends here; beyond it the draw is repeated."""


def poisson(stream: Stream, mean: float) -> int:
    """Draw one Poisson number."""
    if mean == 0.0:
        return 0
    return _table(stream, mean) if mean < 10.0 else _PD.of(mean).draw(stream)


def _table(stream: Stream, mean: float) -> int:
    while True:
        u = stream.uniform()
        mass = total = exp(-mean)
        if u <= total:
            return 0
        for k in range(1, _LAST + 1):
            mass *= mean / k
            total += mass
            if u <= total:
                return k


@dataclass(frozen=True, slots=True)
class _PD:
    """Constants of the normal that is corrected to a Poisson."""

    mean: float
    s: float
    omega: float
    c: float
    c0: float
    c1: float
    c2: float
    c3: float

    @classmethod
    def of(cls, mean: float) -> "_PD":
        s = sqrt(mean)
        b1 = 0.0416666666666666667 / mean
        b2 = 0.3 * b1 * b1
        c3 = 0.1428571428571428571 * b1 * b2
        return cls(
            mean=mean,
            s=s,
            omega=_ROOT_2PI / s,
            c=0.1069 / mean,
            c0=1.0 - b1 + 3.0 * b2 - 15.0 * c3,
            c1=b1 - 6.0 * b2 + 45.0 * c3,
            c2=b2 - 15.0 * c3,
            c3=c3,
        )

    def draw(self, stream: Stream) -> int:
        g = self.mean + self.s * stream.normal()
        if g >= 0.0:
            k = floor(g)
            if k >= floor(self.mean - 1.1484):
                return k
            u = stream.uniform()
            gap = self.mean - k
            if 6.0 * self.mean * self.mean * u >= gap * gap * gap:
                return k
            px, py, fx, fy = self._densities(k)
            if fy - u * fy <= py * exp(px - fx):
                return k
        while True:
            e = stream.exponential()
            u = 2.0 * stream.uniform() - 1.0
            t = 1.8 + copysign(e, u)
            if t <= -0.6744:
                continue
            k = floor(self.mean + self.s * t)
            px, py, fx, fy = self._densities(k)
            if self.c * abs(u) <= py * exp(px + e) - fy * exp(fx + e):
                return k

    def _densities(self, k: int) -> tuple[float, float, float, float]:
        """Logarithm and factor of the Poisson probability and of the normal density."""
        gap = self.mean - k
        if k < 10:
            px, py = -self.mean, self.mean**k / factorial(k)
        else:
            delta = 0.083333333333333333333 / k
            delta *= 1.0 - 4.8 * delta * delta
            v = gap / k
            if abs(v) <= 0.25:
                total = _A[-1]
                for coefficient in reversed(_A[:-1]):
                    total = total * v + coefficient
                px = k * v * v * total - delta
            else:
                px = k * log(1.0 + v) - gap - delta
            py = _ROOT_2PI / sqrt(k)
        x = (0.5 - gap) / self.s
        x *= x
        return (
            px,
            py,
            -0.5 * x,
            self.omega * (((self.c3 * x + self.c2) * x + self.c1) * x + self.c0),
        )
