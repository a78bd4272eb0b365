"""Normal numbers by inversion, as R draws them by default."""

from math import log, sqrt
from typing import Final

import numpy as np

from nestling.arrays import FloatArray
from nestling.random import libm
from nestling.random.stream import Stream

BIG: Final = 134217728.0
"""2^27: R joins two uniforms into one of more bits before it inverts."""

_BLOCK: Final = 8192
"""Normals made at a time, so that what is held meanwhile stays in the processor's cache."""

_FEW: Final = 16
"""Fewer than so many are sooner made one at a time."""

Polynomials = tuple[tuple[float, ...], tuple[float, ...]]

# Wichura's coefficients: numerator and denominator, highest power first
_CENTRE: Final[Polynomials] = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_TAIL: Final[Polynomials] = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
     1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR: Final[Polynomials] = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip


def standard_normals(stream: Stream, n: int) -> FloatArray:
    """Draw n standard normals, each from two uniforms.

    Examples
    --------
    >>> standard_normals(Stream(707), 2).round(6).tolist()
    [-1.281863, -0.617611]
    """
    if n < _FEW:
        return np.array([standard_normal(stream) for _ in range(n)])
    uniform = stream.uniforms(2 * n)
    values = np.empty(n)
    for start in range(0, n, _BLOCK):
        part = uniform[2 * start : 2 * (start + _BLOCK)]
        joined = np.floor(BIG * part[0::2])
        joined += part[1::2]
        joined /= BIG
        values[start : start + _BLOCK] = normal_quantile(joined)
    return values


def standard_normal(stream: Stream) -> float:
    """Draw one standard normal: the same number as `standard_normals`, sooner.

    Examples
    --------
    >>> round(standard_normal(Stream(707)), 6)
    -1.281863
    """
    first = int(BIG * stream.uniform())
    return _quantile((first + stream.uniform()) / BIG)


def normal_quantile(p: FloatArray) -> FloatArray:
    """Return the standard normal quantiles of probabilities in (0, 1).

    Source: Wichura (1988), The percentage points of the normal distribution, algorithm AS 241,
    routine PPND16.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.975])).round(6).tolist()
    [0.0, 1.959964]
    """
    q = p - 0.5
    numerator, denominator = _evaluate(_CENTRE, 0.180625 - q * q)
    # multiplied before divided: the last bit depends on it
    numerator *= q
    values = np.divide(numerator, denominator, out=numerator)
    outer = np.flatnonzero(np.abs(q) > 0.425)
    if len(outer):
        side = q[outer]
        smaller = np.where(side < 0.0, p[outer], 0.5 - p[outer] + 0.5)
        r = np.sqrt(-libm.log(smaller))
        above, below = _evaluate(_TAIL, r - 1.6)
        result = above / below
        far = r > 5.0
        if far.any():
            above, below = _evaluate(_FAR, r[far] - 5.0)
            result[far] = above / below
        values[outer] = np.copysign(result, side)
    return values


def _evaluate(polynomials: Polynomials, r: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Evaluate numerator and denominator by Horner's rule."""
    totals = []
    for coefficients in polynomials:
        total = r * coefficients[0]
        for coefficient in coefficients[1:-1]:
            total += coefficient
            total *= r
        total += coefficients[-1]
        totals.append(total)
    return totals[0], totals[1]


def _quantile(p: float) -> float:
    """`normal_quantile` of one number, in the same order of operations."""
    q = p - 0.5
    if abs(q) <= 0.425:
        above, below = _evaluate_one(_CENTRE, 0.180625 - q * q)
        return above * q / below
    r = sqrt(-log(p if q < 0.0 else 0.5 - p + 0.5))
    above, below = _evaluate_one(_FAR, r - 5.0) if r > 5.0 else _evaluate_one(_TAIL, r - 1.6)
    return -(above / below) if q < 0.0 else above / below


def _evaluate_one(polynomials: Polynomials, r: float) -> tuple[float, float]:
    (a7, a6, a5, a4, a3, a2, a1, a0), (b7, b6, b5, b4, b3, b2, b1, b0) = polynomials
    return (
        ((((((a7 * r + a6) * r + a5) * r + a4) * r + a3) * r + a2) * r + a1) * r + a0,
        ((((((b7 * r + b6) * r + b5) * r + b4) * r + b3) * r + b2) * r + b1) * r + b0,
    )
