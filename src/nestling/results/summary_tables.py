"""The summary as tables for notebooks and papers."""

from html import escape

import numpy as np

from nestling.report.coefficients import coefficient_cells
from nestling.report.numbers import format_numbers
from nestling.report.table import Align, Table
from nestling.results.summary import Summary
from nestling.results.summary_text import coefficient_columns

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
    cells = [list(summary.names), *coefficient_cells(columns, digits=4)]
    return _table(["Fixed effect", *(HEADINGS[column.name] for column in columns)], cells, 1)


def random_table(summary: Summary) -> Table:
    """Return the table of variances, SDs and correlations."""
    groups: list[str] = []
    names: list[str] = []
    correlations: list[str] = []
    for each in summary.effects:
        for i, name in enumerate(each.names):
            groups.append(each.label if i == 0 else "")
            names.append(name)
            correlations.append(", ".join(f"{value:.2f}" for value in each.correlation[i, :i]))
    sds = np.concatenate([*(each.sd for each in summary.effects), [summary.sigma]])
    columns = [
        [*groups, "Residual"],
        [*names, ""],
        format_numbers(sds**2, 4),
        format_numbers(sds, 4),
    ]
    headings = ["Group", "Effect", "Variance", "SD"]
    if any(correlations):
        headings.append("Corr")
        columns.append([*correlations, ""])
    return _table(headings, columns, 2)


def _table(headings: list[str], columns: list[list[str]], n_left: int) -> Table:
    align: tuple[Align, ...] = tuple(
        "left" if j < n_left else "right" for j in range(len(headings))
    )
    return Table(tuple(headings), tuple(zip(*columns, strict=True)), align)


def facts(summary: Summary) -> str:
    """Return one line of what the model is fitted to and how well."""
    groups = ", ".join(f"{count} {name}" for name, count in summary.n_groups.items())
    if summary.reml:
        fit = f"REML criterion {summary.criterion:.1f}"
    else:
        fit = f"deviance {summary.criterion:.1f}, AIC {summary.aic:.1f}, BIC {summary.bic:.1f}"
    return f"{summary.nobs} rows, {groups}; {fit}"


def summary_html(summary: Summary) -> str:
    """Return the summary for a notebook."""
    how = "REML" if summary.reml else "maximum likelihood"
    formula = escape(" ".join(line.strip() for line in summary.formula_lines))
    heading = f"<b>Linear mixed model</b> fitted by {how}: <code>{formula}</code>"
    parts = [f"<p>{heading}<br>{escape(facts(summary))}</p>"]
    if len(summary.beta):
        parts.append(fixed_table(summary).to_html())
    parts.append(random_table(summary).to_html())
    return "\n".join(parts)


def summary_latex(summary: Summary) -> str:
    """Return the two tables in LaTeX."""
    tables = [fixed_table(summary)] if len(summary.beta) else []
    return "\n\n".join(table.to_latex() for table in [*tables, random_table(summary)])
