"""The summary as tables, for notebooks and papers."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.report.cells import Align
from nestling.report.coefficients import coefficient_cells
from nestling.report.numbers import format_decimals, format_numbers
from nestling.report.table import Table
from nestling.results.summary import Summary
from nestling.results.summary_text import DIGITS, coefficient_columns

HEADINGS = {
    "Estimate": "Estimate",
    "Std. Error": "SE",
    "df": "df",
    "t value": "t",
    "Pr(>|t|)": "p",
}


def fixed_table(summary: Summary) -> Table:
    """Return the table of fixed effects."""
    columns = coefficient_columns(summary)
    cells = [list(summary.names), *coefficient_cells(columns, digits=DIGITS)]
    return _table(["Fixed effect", *(HEADINGS[column.name] for column in columns)], cells, 1)


def random_table(summary: Summary) -> Table:
    """Return the table of variances, SDs and correlations; the residual stands last."""
    groups: list[str] = []
    names: list[str] = []
    correlations: list[str] = []
    for each in summary.effects:
        for i, name in enumerate(each.names):
            groups.append(each.label if i == 0 else "")
            names.append(name)
            correlations.append(_correlations(each.correlation[i, :i]))
    sds = np.concatenate([*(each.sd for each in summary.effects), [summary.sigma]])
    columns = [
        [*groups, "Residual"],
        [*names, ""],
        format_numbers(sds**2, DIGITS),
        format_numbers(sds, DIGITS),
    ]
    headings = ["Random effect of", "", "Variance", "SD"]
    if any(correlations):
        headings.append("Correlation")
        columns.append([*correlations, ""])
    return _table(headings, columns, 2)


def summary_latex(summary: Summary) -> str:
    """Return the two tables in LaTeX."""
    tables = [fixed_table(summary)] if len(summary.beta) else []
    return "\n\n".join(table.to_latex() for table in [*tables, random_table(summary)])


def _correlations(values: FloatArray) -> str:
    # beside a variance of zero there is no correlation
    return ", ".join(format_decimals(values, 2, missing="–"))


def _table(headings: list[str], columns: list[list[str]], n_left: int) -> Table:
    align: tuple[Align, ...] = tuple(
        "left" if j < n_left else "right" for j in range(len(headings))
    )
    return Table(tuple(headings), tuple(zip(*columns, strict=True)), align)
