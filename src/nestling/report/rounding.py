"""Rounding to decimals and to significant digits, as R does."""

import numpy as np
import numpy.typing as npt

from nestling.arrays import BoolArray, FloatArray

PRECISION = 15
"""Decimal digits that a double holds for certain."""


def round_numbers(values: npt.ArrayLike, decimals: int) -> FloatArray:
    """Round numbers to a number of decimals.

    Of the two neighbouring numbers with that many decimals, as doubles, the nearer one is taken,
    and of two equally near ones the even one. A number that has no more digits stays as it is.

    Parameters
    ----------
    values : array
    decimals : int
        May be negative.

    Examples
    --------
    >>> round_numbers([0.15, 2.5, 0.285, -1.005], 1).tolist()
    [0.1, 2.5, 0.3, -1.0]
    >>> round_numbers([0.5, 1.5, 1250], -2).tolist()
    [0.0, 0.0, 1200.0]
    """
    x = np.asarray(values, dtype=float)
    if decimals > 323 or not x.size:
        return x.copy()
    if decimals == 0:
        return np.asarray(np.rint(x))
    size = np.abs(x)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        lower, upper, even = _neighbours(size, decimals)
        down, up = size - lower, upper - size
        rounded = np.where((down < up) | ((down == up) & even), lower, upper)
    # R takes log10 from the middle of the binade, so the limit is a matter of the exponent alone
    magnitude = (np.frexp(size)[1] - 0.5) * np.log10(2.0)
    keep = ~np.isfinite(x) | (x == 0.0) | (decimals + magnitude > PRECISION)
    return np.asarray(np.where(keep, x, np.copysign(rounded, x)))


def _neighbours(size: FloatArray, decimals: int) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the numbers with so many decimals below and above, and whether the lower is even."""
    power = 10.0 ** abs(decimals)
    if decimals > 0:
        count = np.floor(size * power)
        return count / power, np.ceil(size * power) / power, count % 2.0 == 0.0
    count = np.floor(size / power)
    return count * power, np.ceil(size / power) * power, count % 2.0 == 0.0


def signif(values: npt.ArrayLike, digits: int) -> FloatArray:
    """Round numbers to significant digits.

    Examples
    --------
    >>> signif([123456.0, 0.00123456], 3).tolist()
    [123000.0, 0.00123]
    """
    x = np.asarray(values, dtype=float)
    rounded = x.copy()
    known = np.isfinite(x) & (x != 0.0)
    size = x[known]
    decimals = max(1, digits) - 1 - np.floor(np.log10(np.abs(size)))
    power = 10.0 ** np.abs(decimals)
    scaled = np.rint(np.where(decimals > 0, size * power, size / power))
    rounded[known] = np.where(decimals > 0, scaled / power, scaled * power)
    return rounded


def zapsmall(values: npt.ArrayLike, digits: int) -> FloatArray:
    """Round to the decimals that `digits` significant digits leave beside the largest number.

    Examples
    --------
    >>> zapsmall([1.0, 1e-20, 0.123456789], 4).tolist()
    [1.0, 0.0, 0.1235]
    """
    x = np.asarray(values, dtype=float)
    known = np.abs(x[~np.isnan(x)])
    largest = float(known.max()) if known.size else 0.0
    if largest == 0.0:
        return round_numbers(x, digits)
    spare = digits - float(np.log10(largest)) if np.isfinite(largest) else 0.0
    # a fraction of a decimal counts when it is a half or more
    return round_numbers(x, max(0, int(np.floor(spare + 0.5))))
