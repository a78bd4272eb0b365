"""Tables of coefficients as R's printCoefmat() prints them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.report.cells import matrix_lines
from nestling.report.numbers import format_numbers
from nestling.report.p_values import LEGEND, format_p_values, stars
from nestling.report.rounding import round_numbers

Role = Literal["estimate", "test", "plain", "p"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a table of coefficients.

    Attributes
    ----------
    name : str
        Heading.
    values : (p,) array
    role : {"estimate", "test", "plain", "p"}
        Estimates (and their standard errors, and degrees of freedom) share their decimals; a
        test statistic has decimals of its own, few; a plain column all its digits; p values
        have their own form and stars.
    """

    name: str
    values: FloatArray
    role: Role


def coefficient_lines(
    rows: Sequence[str], columns: Sequence[Column], *, digits: int = 4, missing: str = "NaN"
) -> list[str]:
    """Lines of a table of coefficients.

    Stars stand beside the p values, and their legend below, when one of them is under 0.1.

    Parameters
    ----------
    rows : sequence of str
        Coefficient names.
    columns : sequence of Column
    digits : int
        Significant digits.
    missing : str
        What NaN prints as, but "NA" among the p values of others.

    Examples
    --------
    >>> columns = [
    ...     Column("Estimate", np.array([1.06662]), "estimate"),
    ...     Column("Std. Error", np.array([0.09394]), "estimate"),
    ...     Column("t value", np.array([11.354]), "test"),
    ... ]
    >>> coefficient_lines(["x"], columns)
    ['  Estimate Std. Error t value', 'x  1.06662    0.09394   11.35']
    """
    names = [column.name for column in columns]
    cells = coefficient_cells(columns, digits=digits, missing=missing)
    legend: list[str] = []
    for column in columns:
        if column.role == "p" and (column.values < 0.1).any():
            marks = [stars(float(p)) for p in column.values]
            width = max(map(len, marks))
            names.append("")
            cells.append([mark.ljust(width) for mark in marks])
            legend = ["---", LEGEND]
    return [*matrix_lines(rows, names, list(zip(*cells, strict=True))), *legend]


def coefficient_cells(
    columns: Sequence[Column], *, digits: int = 4, missing: str = "NaN"
) -> list[list[str]]:
    """Format the columns of a table of coefficients, and return them one by one.

    Examples
    --------
    >>> coefficient_cells([Column("z", np.array([2.0, -0.5]), "test")])
    [[' 2.0', '-0.5']]
    """
    few = max(1, min(5, digits - 1))
    shared = iter(_shared([c.values for c in columns if c.role == "estimate"], digits, missing))
    cells = []
    for column in columns:
        match column.role:
            case "estimate":
                cells.append(next(shared))
            case "test":
                rounded = round_numbers(column.values, few)
                cells.append(format_numbers(rounded, digits, missing=missing))
            case "plain":
                cells.append(format_numbers(column.values, digits, missing=missing))
            case "p":
                cells.append(_p_cells(column.values, few, missing))
    _strip_missing(columns, cells)
    _mend_zeros(columns, cells, max(1, digits - 1))
    return cells


def _shared(arrays: Sequence[FloatArray], digits: int, missing: str) -> list[list[str]]:
    """Format columns together, to the significant digits of their smallest number."""
    if not arrays:
        return []
    values = np.array(arrays, dtype=float)
    size = np.abs(values)
    known = size[np.isfinite(size) & (size != 0.0)]
    whole = 1 + int(np.floor(np.log10(known.min()))) if known.size else 1
    rounded = round_numbers(values, max(1, digits - whole))
    flat = format_numbers(rounded.ravel(), digits, missing=missing)
    n = values.shape[1]
    return [flat[i * n : (i + 1) * n] for i in range(len(arrays))]


def _p_cells(values: FloatArray, digits: int, missing: str) -> list[str]:
    known = np.flatnonzero(~np.isnan(values))
    cells = [missing] * len(values)
    for i, cell in zip(known, format_p_values(values[known], digits), strict=True):
        cells[i] = cell
    return cells


def _strip_missing(columns: Sequence[Column], cells: list[list[str]]) -> None:
    """Let numbers that are missing take no more width than they need."""
    for column, texts in zip(columns, cells, strict=True):
        for i in np.flatnonzero(np.isnan(column.values)):
            texts[i] = texts[i].strip()


def _mend_zeros(columns: Sequence[Column], cells: list[list[str]], digits: int) -> None:
    """Show again, with digits of their own, numbers that were rounded to zero."""
    vanished = [
        (i, j)
        for i, column in enumerate(columns)
        if column.role not in {"test", "p"}
        for j, value in enumerate(column.values)
        if np.isfinite(value) and value != 0.0 and float(cells[i][j]) == 0.0
    ]
    again = format_numbers([columns[i].values[j] for i, j in vanished], digits)
    for (i, j), cell in zip(vanished, again, strict=True):
        cells[i][j] = cell
