"""Tables of coefficients as R's printCoefmat() prints them."""

from collections.abc import Sequence

import numpy as np

from nestling.arrays import FloatArray
from nestling.report.cells import matrix_lines
from nestling.report.numbers import format_numbers, format_one, round_numbers

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."))
LEGEND = "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"


def coefficient_lines(
    rows: Sequence[str],
    estimates: FloatArray,
    statistics: FloatArray,
    *,
    df: FloatArray | None = None,
    p_values: FloatArray | None = None,
    digits: int = 4,
) -> list[str]:
    """Lines of a table of coefficients.

    Parameters
    ----------
    rows : sequence of str
        Coefficient names.
    estimates : (p, 2) array
        Estimates and standard errors: they share their decimals.
    statistics : (p,) array
        t values.
    df, p_values : (p,) arrays, optional
        Degrees of freedom and p values; with p values come stars and their legend.
    digits : int
        Significant digits.

    Examples
    --------
    >>> coefficient_lines(["x"], np.array([[1.06662, 0.09394]]), np.array([11.354]))
    ['  Estimate Std. Error t value', 'x  1.06662    0.09394   11.35']
    """
    columns = ["Estimate", "Std. Error"]
    cells = estimate_cells(estimates, digits)
    table = [list(column) for column in zip(*cells, strict=True)]
    tests = max(1, min(5, digits - 1))
    if df is not None:
        columns.append("df")
        table.append(format_numbers(round_numbers(df, tests), digits))
    columns.append("t value")
    table.append(format_numbers(round_numbers(statistics, tests), digits))
    legend: list[str] = []
    if p_values is not None:
        columns.append("Pr(>|t|)")
        table.append(format_p_values(p_values, tests))
        if (p_values < 0.1).any():
            columns.append("")
            table.append([_stars(p).ljust(3) for p in p_values])
            legend = ["---", LEGEND]
    return [*matrix_lines(rows, columns, list(zip(*table, strict=True))), *legend]


def estimate_cells(estimates: FloatArray, digits: int) -> list[list[str]]:
    """Format estimates and standard errors with common decimals."""
    size = np.abs(estimates)
    known = size[np.isfinite(size) & (size != 0.0)]
    lowest = 1 + int(np.floor(np.log10(known.min()))) if len(known) else 0
    rounded = round_numbers(estimates, max(1, digits - lowest))
    flat = format_numbers(rounded.ravel(), digits)
    cells = [flat[i * 2 : i * 2 + 2] for i in range(len(estimates))]
    # a number that is not zero must not be printed as zero
    vanished = [
        (i, j)
        for i, row in enumerate(cells)
        for j, cell in enumerate(row)
        if (float(cell) == 0.0) != (estimates[i, j] == 0.0)
    ]
    if vanished:
        again = format_numbers([estimates[i, j] for i, j in vanished], max(1, digits - 1))
        for (i, j), cell in zip(vanished, again, strict=True):
            cells[i][j] = cell
    return cells


def format_p_values(p_values: FloatArray, digits: int, eps: float = 2.220446e-16) -> list[str]:
    """Format p values as R's format.pval(): tiny ones as '< 2e-16'.

    Examples
    --------
    >>> format_p_values(np.array([1e-20, 3.26e-6, 0.04]), 3)
    ['< 2e-16', '3.26e-06', '0.04']
    """
    cells = [""] * len(p_values)
    tiny = p_values < eps
    usual = np.isfinite(p_values) & ~tiny
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.where(p_values > 0, p_values, 1e-50)))
    fixed = usual & ((exponent >= -3) | (p_values == 0))
    for group in (fixed, usual & ~fixed):
        index = np.flatnonzero(group)
        for i, cell in zip(index, format_numbers(p_values[index], digits), strict=True):
            cells[i] = cell.strip() if len(index) == 1 else cell
    for i in np.flatnonzero(tiny):
        cells[i] = f"< {format_one(eps, max(1, digits - 2))}"
    for i in np.flatnonzero(np.isnan(p_values)):
        cells[i] = "NA"
    return cells


def _stars(p: float) -> str:
    return next((mark for bound, mark in STARS if p < bound), " ")
