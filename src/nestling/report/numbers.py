"""Numbers as R prints them: common significant digits, fixed or scientific notation."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from nestling.arrays import FloatArray

DIGITS = 7
"""R's getOption("digits")."""


def format_numbers(
    values: Sequence[float] | FloatArray, digits: int = DIGITS, nsmall: int = 0
) -> list[str]:
    """Format numbers together, as R's format() does.

    All get the decimals that the one needing most has, up to `digits` significant digits for
    each; fixed notation is used unless scientific is narrower. Cells have a common width.

    Parameters
    ----------
    values : array
        NaN prints as NaN; infinities as Inf.
    digits : int
        Significant digits.
    nsmall : int
        Fewest decimals in fixed notation.

    Examples
    --------
    >>> format_numbers([1.0, 10.25, 100.125], 4)
    ['  1.00', ' 10.25', '100.12']
    >>> format_numbers([1e-10, 1.0], 4)
    ['1e-10', '1e+00']
    """
    numbers = [float(value) for value in values]
    finite = [value for value in numbers if np.isfinite(value)]
    decimals, mantissa, scientific = _layout(finite, digits)
    if scientific:
        cells = [_scientific(value, mantissa) for value in numbers]
    else:
        cells = [_fixed(value, max(decimals, nsmall)) for value in numbers]
    width = max(map(len, cells), default=0)
    return [cell.rjust(width) for cell in cells]


def format_one(value: float, digits: int = DIGITS) -> str:
    """Format one number, as R's cat() does.

    Examples
    --------
    >>> format_one(3190069.53), format_one(379.0)
    ('3190070', '379')
    """
    return format_numbers([value], digits)[0]


def _layout(finite: list[float], digits: int) -> tuple[int, int, bool]:
    """Decimals of fixed notation, digits of the mantissa, and whether scientific is narrower."""
    decimals = mantissa = 0
    left = 1
    exponent_width = 2
    negative = any(value < 0 for value in finite)
    for value in finite:
        if value == 0.0:
            mantissa = max(mantissa, 1)
            continue
        exponent, significant = _significant(abs(value), digits)
        sign = int(value < 0)
        decimals = max(decimals, significant - exponent - 1)
        mantissa = max(mantissa, significant)
        left = max(left, sign + max(exponent + 1, 1))
        if abs(exponent) >= 100:
            exponent_width = 3
    mantissa = max(mantissa, 1)
    fixed_width = left + (decimals + 1 if decimals > 0 else 0)
    point = mantissa + 1 if mantissa > 1 else mantissa
    scientific_width = negative + point + 2 + exponent_width
    return max(decimals, 0), mantissa, fixed_width > scientific_width


def _significant(value: float, digits: int) -> tuple[int, int]:
    """Exponent and number of significant digits needed, of at most `digits`."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return int(exponent), max(1, len(mantissa.replace(".", "").rstrip("0")))


def _fixed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else _special(value)


def _scientific(value: float, mantissa: int) -> str:
    return f"{value:.{mantissa - 1}e}" if np.isfinite(value) else _special(value)


def _special(value: float) -> str:
    return "NaN" if np.isnan(value) else ("Inf" if value > 0 else "-Inf")


def round_half_even(value: float, decimals: int) -> float:
    """Round as R 4 does: to the nearest of the two candidates, by their decimal digits.

    Examples
    --------
    >>> round_half_even(0.15, 1), round_half_even(2.5, 0), round_half_even(-1.005, 2)
    (0.1, 2.0, -1.0)
    """
    if not np.isfinite(value) or decimals > 300:
        return value
    if abs(value) >= 1e15 and decimals >= 0:
        return value
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(value)
    below = (exact / step).to_integral_value(rounding="ROUND_FLOOR") * step
    low, high = float(below), float(below + step)
    # compare as doubles, as R does: 0.15 is as near to 0.1 as to 0.2 in double precision
    down, up = value - low, high - value
    if down == up:
        even = (below / step) % 2 == 0
        return low if even else high
    return low if down < up else high


def round_numbers(values: FloatArray, decimals: int) -> FloatArray:
    """Round every number of an array as R does.

    Examples
    --------
    >>> import numpy as np
    >>> round_numbers(np.array([1.25, 1.35]), 1).tolist()
    [1.2, 1.4]
    """
    flat = np.array([round_half_even(float(v), decimals) for v in np.ravel(values)])
    return np.asarray(flat.reshape(np.shape(values)))


def zapsmall(values: FloatArray, digits: int) -> FloatArray:
    """Round to the digits that matter beside the largest number, as R's zapsmall()."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) else 0.0
    if largest > 0.0:
        # R passes the fraction on to round(), which rounds it to the nearest whole number
        return round_numbers(values, max(0, int(np.floor(digits - np.log10(largest) + 0.5))))
    return round_numbers(values, digits)
