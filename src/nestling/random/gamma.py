"""Gamma numbers: Ahrens and Dieter's GD (1982) and, for shapes below one, GS (1974)."""

from math import exp, expm1, log, sqrt

from nestling.random.stream import Stream

_Q = (0.04166669, 0.02083148, 0.00801191, 0.00144121, -7.388e-5, 2.4511e-4, 2.424e-4)
_A = (0.3333333, -0.250003, 0.2000062, -0.1662921, 0.1423657, -0.1367177, 0.1233795)
_LOWEST = -0.71874483771719


def standard_gamma(stream: Stream, shape: float) -> float:
    """Draw one gamma number with scale 1."""
    if shape == 0.0:
        return 0.0
    return _below_one(stream, shape) if shape < 1.0 else _from_normal(stream, shape)


def _below_one(stream: Stream, shape: float) -> float:
    edge = 1.0 + 0.36787944117144233 * shape
    while True:
        p = edge * stream.uniform()
        if p >= 1.0:
            x = -log((edge - p) / shape)
            if stream.exponential() >= (1.0 - shape) * log(x):
                return x
        else:
            x = exp(log(p) / shape)
            if stream.exponential() >= x:
                return x


def _from_normal(stream: Stream, shape: float) -> float:
    """Transform a normal; correct it by a double exponential where it is rejected."""
    s2 = shape - 0.5
    s = sqrt(s2)
    t = stream.normal()
    x = s + 0.5 * t
    if t >= 0.0:
        return x * x
    u = stream.uniform()
    if (5.656854 - s * 12.0) * u <= t * t * t:
        return x * x
    q0 = _series(_Q, 1.0 / shape)
    if x > 0.0 and log(1.0 - u) <= _quotient(t, s, s2, q0):
        return x * x
    b, si, c = _hat(shape, s, s2)
    while True:
        e = stream.exponential()
        u = stream.uniform()
        u = u + u - 1.0
        t = b - si * e if u < 0.0 else b + si * e
        if t < _LOWEST:
            continue
        q = _quotient(t, s, s2, q0)
        if q > 0.0 and c * abs(u) <= expm1(q) * exp(e - 0.5 * t * t):
            x = s + 0.5 * t
            return x * x


def _series(coefficients: tuple[float, ...], r: float) -> float:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * r + coefficient
    return total * r


def _quotient(t: float, s: float, s2: float, q0: float) -> float:
    """Log of the ratio of the gamma density to the transformed normal's."""
    v = t / (s + s)
    if abs(v) <= 0.25:
        return q0 + 0.5 * t * t * _series(_A, v)
    return q0 - s * t + 0.25 * t * t + (s2 + s2) * log(1.0 + v)


def _hat(shape: float, s: float, s2: float) -> tuple[float, float, float]:
    """Location, scale and factor of the double exponential."""
    if shape <= 3.686:
        return 0.463 + s + 0.178 * s2, 1.235, 0.195 / s - 0.079 + 0.16 * s
    if shape <= 13.022:
        return 1.654 + 0.0076 * s2, 1.68 / s + 0.275, 0.062 / s + 0.024
    return 1.77, 0.75, 0.1515 / s
