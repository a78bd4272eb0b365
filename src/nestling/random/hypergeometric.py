"""Hypergeometric counts: Kachitvichyanukul and Schmeiser's HIN and H2PE (1985)."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, sqrt
from typing import Final

from nestling.random.stream import Stream

_SCALE: Final = 1e25
"""Inversion runs on this scale, so that small first probabilities do not vanish."""
_LOG_SCALE: Final = 57.5646273248511421
_WIDTH_ABOVE: Final = 0.0034
_WIDTH_BELOW: Final = 0.0078
_LOG_FACTORIALS: Final = (
    0.0, 0.0, 0.69314718055994530941723212145817, 1.79175946922805500081247735838070,
    3.17805383034794561964694160129705, 4.78749174278204599424770093452324,
    6.57925121201010099506017829290394, 8.52516136106541430016553103634712,
)  # fmt: skip


def hypergeometric(stream: Stream, white: int, black: int, drawn: int) -> int:
    """Draw the number of white balls among those drawn from an urn.

    Examples
    --------
    >>> hypergeometric(Stream(707), 10, 7, 8), hypergeometric(Stream(707), 1000, 700, 500)
    (6, 304)
    """
    total = white + black
    # the rarer colour, in the smaller of the two parts that the draw makes
    few, many = min(white, black), max(white, black)
    part = total - drawn if 2 * drawn >= total else drawn
    count = _rare_in_part(stream, _urn(few, many, part))
    rare_drawn = few - count if 2 * drawn >= total else count
    return drawn - rare_drawn if white > black else rare_drawn


@dataclass(frozen=True, slots=True)
class _Urn:
    """Two colours and a part of them, with the range and the mode of the rarer one's count."""

    few: int
    many: int
    part: int
    low: int
    high: int
    mode: int

    def log_ways(self, count: float) -> float:
        """Minus the logarithm of the probability of a count, up to a constant."""
        return sum(
            _log_factorial(int(size))
            for size in (
                count,
                self.few - count,
                self.part - count,
                self.many - self.part + count,
            )
        )


@lru_cache(maxsize=64)
def _urn(few: int, many: int, part: int) -> _Urn:
    mode = int((part + 1.0) * (few + 1.0) / (few + many + 2.0))
    return _Urn(few, many, part, max(0, part - many), min(few, part), mode)


def _rare_in_part(stream: Stream, urn: _Urn) -> int:
    if urn.low == urn.high:
        return urn.low
    if urn.mode - urn.low < 10:
        return _invert(stream, urn)
    return _h2pe(stream, urn, _hat(urn))


def _invert(stream: Stream, urn: _Urn) -> int:
    """HIN: walk up the probabilities until the uniform is used up."""
    few, many, part = urn.few, urn.many, urn.part
    # the part holds none of the rarer colour, or all of the other
    rest, kept = (many, few + many - part) if part < many else (few, part)
    first = exp(
        _log_factorial(rest)
        + _log_factorial(kept)
        - _log_factorial(abs(many - part))
        - _log_factorial(few + many)
        + _LOG_SCALE
    )
    while True:
        u, mass = _SCALE * stream.uniform(), first
        for count in range(urn.low, urn.high + 1):
            if u <= mass:
                return count
            u -= mass
            mass *= float(few - count) * (part - count)
            mass = mass / (count + 1) / (many - part + count + 1)


@dataclass(frozen=True, slots=True)
class _Hat:
    """A rectangle about the mode and exponential tails; areas are summed from the left."""

    left: float
    right: float
    left_rate: float
    right_rate: float
    rectangle: float
    left_tail: float
    total: float
    at_mode: float


@lru_cache(maxsize=64)
def _hat(urn: _Urn) -> _Hat:
    few, many, part = urn.few, urn.many, urn.part
    total = float(few + many)
    sd = sqrt((total - part) * part * few * many / (total - 1.0) / total / total)
    # cut to whole numbers, so that the edges lie between counts
    half_width = int(1.5 * sd) + 0.5
    left, right = urn.mode - half_width + 0.5, urn.mode + half_width + 0.5
    at_mode = urn.log_ways(urn.mode)
    left_height = exp(at_mode - urn.log_ways(left))
    right_height = exp(at_mode - urn.log_ways(right - 1.0))
    left_rate = -log(left * (many - part + left) / (few - left + 1.0) / (part - left + 1.0))
    right_rate = -log((few - right + 1.0) * (part - right + 1.0) / right / (many - part + right))
    rectangle = half_width + half_width
    left_tail = rectangle + left_height / left_rate
    return _Hat(
        left,
        right,
        left_rate,
        right_rate,
        rectangle,
        left_tail,
        left_tail + right_height / right_rate,
        at_mode,
    )


def _h2pe(stream: Stream, urn: _Urn, hat: _Hat) -> int:
    while True:
        u = stream.uniform() * hat.total
        v = stream.uniform()
        if u < hat.rectangle:
            count = int(hat.left + u)
        elif u <= hat.left_tail:
            count = int(hat.left + log(v) / hat.left_rate)
            if count < urn.low:
                continue
            v *= (u - hat.rectangle) * hat.left_rate
        else:
            count = int(hat.right - log(v) / hat.right_rate)
            if count > urn.high:
                continue
            v *= (u - hat.left_tail) * hat.right_rate
        if _accepted(urn, hat, count, v):
            return count


def _accepted(urn: _Urn, hat: _Hat, count: int, v: float) -> bool:
    """Compare v with the probability of the count over that of the mode."""
    if urn.mode < 100 or count <= 50:
        return v <= _ratio_by_steps(urn, count)
    upper, width = _squeeze(urn, count)
    height = log(v)
    if height > upper:
        return False
    return height < upper - width or height <= hat.at_mode - urn.log_ways(count)


def _ratio_by_steps(urn: _Urn, count: int) -> float:
    ratio = 1.0
    for i in range(urn.mode + 1, count + 1):
        ratio *= (urn.few - i + 1.0) * (urn.part - i + 1.0) / (urn.many - urn.part + i) / i
    for i in range(count + 1, urn.mode + 1):
        ratio *= i * (urn.many - urn.part + i) / (urn.few - i + 1.0) / (urn.part - i + 1.0)
    return ratio


def _squeeze(urn: _Urn, count: int) -> tuple[float, float]:
    """Bound the logarithm of the ratio from above, and say how far it can be below."""
    y, mode = float(count), urn.mode
    offset = urn.many - urn.part
    gap = y - mode
    cells = (y + 1.0, urn.few - y + 1.0, urn.part - y + 1.0, offset + y + 1.0)
    at_mode = (mode + 0.5, urn.few - mode + 0.5, urn.part - mode + 0.5, offset + mode + 0.5)
    steps = (-gap / cells[0], gap / cells[1], gap / cells[2], -gap / cells[3])
    upper = sum(
        size * step * (1.0 + step * (-0.5 + step / 3.0))
        for size, step in zip(at_mode, steps, strict=True)
    )
    fourth = sum(
        size * step**4 / (1.0 + min(step, 0.0)) for size, step in zip(at_mode, steps, strict=True)
    )
    g = cells[1] * cells[2] / (cells[0] * cells[3]) - 1.0
    g_upper = g * (1.0 + g * (-0.5 + g / 3.0))
    g_lower = g_upper - 0.25 * g**4 / (1.0 + min(g, 0.0))
    upper += y * g_upper - mode * g_lower + _WIDTH_ABOVE
    return upper, 0.25 * fourth + (y + mode) * (g_upper - g_lower) + _WIDTH_BELOW


def _log_factorial(n: int) -> float:
    """Log n!, by two terms beyond Stirling's formula from 8 on: the precision R works with."""
    if n < len(_LOG_FACTORIALS):
        return _LOG_FACTORIALS[max(n, 0)]
    return (
        (n + 0.5) * log(n)
        - n
        + 0.0833333333333333 / n
        - 0.00277777777777778 / n / n / n
        + 0.9189385332
    )
