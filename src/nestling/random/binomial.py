"""Binomial numbers: inversion, and Kachitvichyanukul and Schmeiser's BTPE (1988)."""

from dataclasses import dataclass
from math import log, sqrt

from nestling.random.stream import Stream


def binomial(stream: Stream, n: int, probability: float) -> int:
    """Draw the number of successes in n trials."""
    if n == 0 or probability == 0.0:
        return 0
    if probability == 1.0:
        return n
    p = min(probability, 1.0 - probability)
    drawn = _inversion(stream, n, p) if n * p < 30.0 else _btpe(stream, _Hat.of(n, p))
    return n - drawn if probability > 0.5 else drawn


def _inversion(stream: Stream, n: int, p: float) -> int:
    q = 1.0 - p
    odds = p / q
    g = odds * (n + 1)
    start = _power(q, n)
    while True:
        k, mass, u = 0, start, stream.uniform()
        while True:
            if u < mass:
                return k
            if k > 110:
                break
            u -= mass
            k += 1
            mass *= g / k - odds


def _power(x: float, n: int) -> float:
    """x^n by repeated squaring, in R's order of multiplications."""
    total = 1.0
    while True:
        if n & 1:
            total *= x
        n >>= 1
        if not n:
            return total
        x *= x


@dataclass(frozen=True, slots=True)
class _Hat:
    """The majorising function: a triangle, parallelograms beside it, exponential tails."""

    n: int
    p: float
    q: float
    npq: float
    mean: float
    m: int
    p1: float
    left: float
    right: float
    c: float
    left_rate: float
    right_rate: float
    p2: float
    p3: float
    p4: float

    @classmethod
    def of(cls, n: int, p: float) -> "_Hat":
        q = 1.0 - p
        np = n * p
        npq = np * q
        mean = np + p
        m = int(mean)
        p1 = int(2.195 * sqrt(npq) - 4.6 * q) + 0.5
        middle = m + 0.5
        left, right = middle - p1, middle + p1
        c = 0.134 + 20.5 / (15.3 + m)
        slope = (mean - left) / (mean - left * p)
        left_rate = slope * (1.0 + 0.5 * slope)
        slope = (right - mean) / (right * q)
        right_rate = slope * (1.0 + 0.5 * slope)
        p2 = p1 * (1.0 + c + c)
        p3 = p2 + c / left_rate
        p4 = p3 + c / right_rate
        return cls(n, p, q, npq, mean, m, p1, left, right, c, left_rate, right_rate, p2, p3, p4)


def _btpe(stream: Stream, hat: _Hat) -> int:
    middle = hat.m + 0.5
    while True:
        u = stream.uniform() * hat.p4
        v = stream.uniform()
        if u <= hat.p1:
            return int(middle - hat.p1 * v + u)
        if u <= hat.p2:
            x = hat.left + (u - hat.p1) / hat.c
            v = v * hat.c + 1.0 - abs(middle - x) / hat.p1
            if v > 1.0 or v <= 0.0:
                continue
            k = int(x)
        elif u > hat.p3:
            k = int(hat.right - log(v) / hat.right_rate)
            if k > hat.n:
                continue
            v = v * (u - hat.p3) * hat.right_rate
        else:
            shifted = hat.left + log(v) / hat.left_rate
            if shifted <= -1.0:
                continue
            k = int(shifted)
            v = v * (u - hat.p2) * hat.left_rate
        if _accepted(hat, k, v):
            return k


def _accepted(hat: _Hat, k: int, v: float) -> bool:
    distance = abs(k - hat.m)
    if distance <= 20 or distance >= hat.npq / 2.0 - 1.0:
        odds = hat.p / hat.q
        g = (hat.n + 1) * odds
        ratio = 1.0
        for i in range(hat.m + 1, k + 1):
            ratio *= g / i - odds
        for i in range(k + 1, hat.m + 1):
            ratio /= g / i - odds
        return v <= ratio
    squeeze = (distance / hat.npq) * (
        (distance * (distance / 3.0 + 0.625) + 0.1666666666666) / hat.npq + 0.5
    )
    normal = -distance * distance / (2.0 * hat.npq)
    height = log(v)
    if height < normal - squeeze:
        return True
    if height > normal + squeeze:
        return False
    x1, f1 = k + 1.0, hat.mean + 1.0
    z, w = hat.n + 1.0 - hat.mean, hat.n - k + 1.0
    bound = (
        (hat.m + 0.5) * log(f1 / x1)
        + (hat.n - hat.m + 0.5) * log(z / w)
        + (k - hat.m) * log(w * hat.p / (x1 * hat.q))
        + sum(_stirling(each) for each in (f1, z, x1, w))
    )
    return height <= bound


def _stirling(x: float) -> float:
    """Correction of Stirling's formula."""
    square = x * x
    inner = 13860.0 - (462.0 - (132.0 - (99.0 - 140.0 / square) / square) / square) / square
    return inner / x / 166320.0
