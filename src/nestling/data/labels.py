"""Labels as R's as.character() writes them, so that levels carry the names R gives."""

from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any


def number_text(value: float) -> str:
    """Write a number with up to 15 significant digits, fixed or scientific, whichever is shorter.

    Examples
    --------
    >>> [number_text(x) for x in (1.0, 0.1, 100000.0, 123456.0, 1e-5, 2 / 3)]
    ['1', '0.1', '1e+05', '123456', '1e-05', '0.666666666666667']
    """
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    digits = Decimal(f"{value:.14e}").normalize()
    sign, figures, exponent = digits.as_tuple()
    if not digits:
        return "0"
    assert isinstance(exponent, int)
    power = exponent + len(figures) - 1
    mantissa = "".join(map(str, figures))
    point = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    scientific = f"{mantissa[0]}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"
    fixed = f"{abs(digits):f}"
    return ("-" if sign else "") + (fixed if len(fixed) <= len(scientific) else scientific)


def label(value: Any) -> str:
    """Write one level of a factor as R would.

    Examples
    --------
    >>> label("a"), label(3), label(0.5), label(True)
    ('a', '3', '0.5', 'TRUE')
    """
    if isinstance(value, str):
        return str(value)
    if type(value).__name__ in ("bool", "bool_"):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return number_text(float(value))
    return str(value)


def labels(values: Iterable[Any]) -> tuple[str, ...]:
    """Write the levels of a factor as R would."""
    return tuple(map(label, values))
