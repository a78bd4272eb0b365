"""Tables of tests as R prints objects of class "anova"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nestling.arrays import FloatArray
from nestling.report.cells import matrix_lines
from nestling.report.coefficients import Column, coefficient_cells
from nestling.report.p_values import LEGEND, stars
from nestling.report.rounding import zapsmall

DIGITS = 5
"""R prints tables of tests with two digits less than other numbers."""

_STATISTICS = frozenset({"Chisq", "F", "Cp"})


def anova_cells(columns: Mapping[str, FloatArray]) -> list[list[str]]:
    """Format the columns of a table of tests one by one; what is missing is empty.

    Degrees of freedom and test statistics keep their small values; numbers in other columns
    that are nothing beside the largest of theirs become zero.

    Examples
    --------
    >>> anova_cells({"Chisq": np.array([np.nan, 42.07538]), "Df": np.array([np.nan, 1.0])})
    [['', '42.075'], ['', '1']]
    """
    return coefficient_cells(
        [_column(*each) for each in columns.items()], digits=DIGITS, missing=""
    )


def anova_lines(rows: Sequence[str], columns: Mapping[str, FloatArray]) -> list[str]:
    """Lines of a table of tests, with stars beside the last p values and their legend below.

    Parameters
    ----------
    rows : sequence of str
        Names.
    columns : mapping of str to (rows,) array
        By heading; NaN is missing. Headings that begin with "Pr(" hold p values.

    Examples
    --------
    >>> anova_lines(["m0", "m1"], {"npar": np.array([4, 5]), "Pr(>Chisq)": np.array([np.nan, 0.3])})
    ['   npar Pr(>Chisq)', 'm0    4           ', 'm1    5        0.3']
    """
    names, cells = list(columns), anova_cells(columns)
    legend: list[str] = []
    tests = [name for name in names if _is_p(name)]
    if tests and bool((columns[tests[-1]] < 0.1).any()):
        marks = [stars(float(p)) for p in columns[tests[-1]]]
        width = max(map(len, marks))
        names.append("")
        cells.append([mark.ljust(width) for mark in marks])
        legend = ["---", LEGEND]
    return [*matrix_lines(rows, names, list(zip(*cells, strict=True))), *legend]


def _column(name: str, values: FloatArray) -> Column:
    if _is_p(name):
        return Column(name, values, "p")
    if name in _STATISTICS or name.endswith(" value"):
        return Column(name, values, "test")
    kept = values if name.endswith("Df") else zapsmall(values, DIGITS)
    return Column(name, np.asarray(kept, dtype=float), "plain")


def _is_p(name: str) -> bool:
    return name.startswith("Pr(")
