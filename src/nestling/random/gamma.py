"""Gamma numbers: Ahrens and Dieter's GD (1982) and, for shapes below one, their GS (1974)."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, expm1, log, sqrt

from nestling.random.exponential import standard_exponential
from nestling.random.normal import standard_normal
from nestling.random.stream import Stream

# the paper's series, lowest power first: of q0 in 1 / shape, and of log(1 + v) beyond its square
_Q = (0.04166669, 0.02083148, 0.00801191, 0.00144121, -7.388e-5, 2.4511e-4, 2.424e-4)
_A = (0.3333333, -0.250003, 0.2000062, -0.1662921, 0.1423657, -0.1367177, 0.1233795)
_LOWEST = -0.71874483771719
_ROOT_32 = 5.656854
_INVERSE_E = 0.36787944117144233


def standard_gamma(stream: Stream, shape: float) -> float:
    """Draw one gamma number of this shape and scale 1; shape 0 is the number 0.

    Examples
    --------
    >>> round(standard_gamma(Stream(707), 2.5), 6), standard_gamma(Stream(707), 0.0)
    (0.597965, 0.0)
    """
    if shape >= 1.0:
        return _large(stream, _constants(shape))
    return _small(stream, shape) if shape > 0.0 else 0.0


def gamma(stream: Stream, shape: float, scale: float) -> float:
    """Draw one gamma number; scale 0 is the number 0, without a draw.

    Examples
    --------
    >>> round(gamma(Stream(707), 2.5, 3.0), 6), gamma(Stream(707), 2.5, 0.0)
    (1.793895, 0.0)
    """
    return scale * standard_gamma(stream, shape) if scale > 0.0 else 0.0


def _small(stream: Stream, shape: float) -> float:
    """GS: rejection from a power below 1 and an exponential above it."""
    edge = 1.0 + _INVERSE_E * shape
    while True:
        p = edge * stream.uniform()
        if p >= 1.0:
            x = -log((edge - p) / shape)
            if standard_exponential(stream) >= (1.0 - shape) * log(x):
                return x
        else:
            x = exp(log(p) / shape)
            if standard_exponential(stream) >= x:
                return x


@dataclass(frozen=True, slots=True)
class _Constants:
    """What GD needs to know of a shape: the normal, the quotient, the double exponential."""

    variance: float
    sd: float
    accept: float
    q0: float
    location: float
    scale: float
    factor: float

    def quotient(self, t: float) -> float:
        """Log of the gamma density over that of the transformed normal, up to a constant."""
        v = t / (self.sd + self.sd)
        if abs(v) <= 0.25:
            return self.q0 + 0.5 * t * t * _series(_A, v)
        return self.q0 - self.sd * t + 0.25 * t * t + (self.variance + self.variance) * log(1.0 + v)


@lru_cache(maxsize=64)
def _constants(shape: float) -> _Constants:
    variance = shape - 0.5
    sd = sqrt(variance)
    if shape <= 3.686:
        hat = (0.463 + sd + 0.178 * variance, 1.235, 0.195 / sd - 0.079 + 0.16 * sd)
    elif shape <= 13.022:
        hat = (1.654 + 0.0076 * variance, 1.68 / sd + 0.275, 0.062 / sd + 0.024)
    else:
        hat = (1.77, 0.75, 0.1515 / sd)
    return _Constants(variance, sd, _ROOT_32 - sd * 12.0, _series(_Q, 1.0 / shape), *hat)


def _large(stream: Stream, of: _Constants) -> float:
    """GD: the square of a shifted normal, corrected by a double exponential where rejected."""
    t = standard_normal(stream)
    x = of.sd + 0.5 * t
    if t >= 0.0:
        return x * x
    u = stream.uniform()
    if of.accept * u <= t * t * t:
        return x * x
    if x > 0.0 and log(1.0 - u) <= of.quotient(t):
        return x * x
    while True:
        e = standard_exponential(stream)
        u = stream.uniform()
        u = u + u - 1.0
        t = of.location - of.scale * e if u < 0.0 else of.location + of.scale * e
        if t < _LOWEST:
            continue
        q = of.quotient(t)
        if q > 0.0 and of.factor * abs(u) <= expm1(q) * exp(e - 0.5 * t * t):
            x = of.sd + 0.5 * t
            return x * x


def _series(coefficients: tuple[float, ...], r: float) -> float:
    c1, c2, c3, c4, c5, c6, c7 = coefficients
    return ((((((c7 * r + c6) * r + c5) * r + c4) * r + c3) * r + c2) * r + c1) * r
