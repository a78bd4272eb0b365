"""Numbers as R prints them: common significant digits, fixed or scientific notation."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

DIGITS = 7
"""R's getOption("digits")."""


def format_numbers(
    values: Iterable[float], digits: int = DIGITS, nsmall: int = 0, *, missing: str = "NaN"
) -> list[str]:
    """Format numbers together, as R's format() does.

    All get the decimals of the one that needs most to show its significant digits, at most
    `digits` of them. Fixed notation is used unless scientific is narrower. Cells have a common
    width.

    Parameters
    ----------
    values : array
        Infinities print as Inf and -Inf; the sign of a zero is dropped.
    digits : int
        Significant digits, 1 to 15.
    nsmall : int
        Fewest decimals in fixed notation.
    missing : str
        What NaN prints as.

    Examples
    --------
    >>> format_numbers([1.0, 10.25, 100.125], 4)
    ['  1.00', ' 10.25', '100.12']
    >>> format_numbers([1e-10, 1.0], 4)
    ['1e-10', '1e+00']
    """
    numbers = [float(value) for value in values]
    needs = _needs([value for value in numbers if math.isfinite(value)], digits)
    if needs.fixed_width <= needs.scientific_width:
        decimals = max(needs.decimals, nsmall)
        width = needs.left + (decimals + 1 if decimals else 0)
        cells = [_cell(value, f".{decimals}f", missing) for value in numbers]
    else:
        width = needs.scientific_width
        cells = [_cell(value, f".{needs.mantissa - 1}e", missing) for value in numbers]
    width = max([width if any(map(math.isfinite, numbers)) else 0, *map(len, cells)])
    return [cell.rjust(width) for cell in cells]


def format_one(value: float, digits: int = DIGITS) -> str:
    """Format one number, as R's cat() does.

    Examples
    --------
    >>> format_one(3190069.53), format_one(379.0)
    ('3190070', '379')
    """
    return format_numbers([value], digits)[0]


def format_decimals(values: Iterable[float], decimals: int, *, missing: str = "NaN") -> list[str]:
    """Format numbers in fixed notation with given decimals, as R's formatC(format = "f") does.

    Examples
    --------
    >>> format_decimals([1.0, -0.125], 2)
    ['1.00', '-0.12']
    """
    return [_cell(float(value), f".{decimals}f", missing) for value in values]


@dataclass(frozen=True, slots=True)
class _Needs:
    """What the numbers of a vector need together.

    Attributes
    ----------
    left : int
        Width before the decimal point, minus sign included.
    decimals : int
    mantissa : int
        Digits of the mantissa in scientific notation.
    scientific_width : int
    """

    left: int
    decimals: int
    mantissa: int
    scientific_width: int

    @property
    def fixed_width(self) -> int:
        return self.left + (self.decimals + 1 if self.decimals else 0)


def _needs(finite: list[float], digits: int) -> _Needs:
    left, decimals, mantissa = 1, 0, 1
    wide_exponent = False
    for value in finite:
        if value == 0.0:
            continue
        exponent, significant = _significant(abs(value), digits)
        whole = max(1, exponent + 1)
        # a number just below a power of ten may reach it in scientific notation only
        if digits < exponent and abs(value) < 10.0**exponent - 0.5:
            whole = exponent
        left = max(left, whole + (value < 0))
        decimals = max(decimals, significant - exponent - 1)
        mantissa = max(mantissa, significant)
        wide_exponent = wide_exponent or abs(exponent) >= 100
    negative = any(value < 0 for value in finite)
    point = mantissa + (mantissa > 1)
    return _Needs(left, decimals, mantissa, negative + point + len("e+00") + wide_exponent)


def _significant(value: float, digits: int) -> tuple[int, int]:
    """Exponent and number of significant digits needed, of at most `digits`."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return int(exponent), max(1, len(mantissa.replace(".", "").rstrip("0")))


def _cell(value: float, how: str, missing: str) -> str:
    if math.isnan(value):
        return missing
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return format(value + 0.0, how)  # adding zero turns -0.0 into 0.0
