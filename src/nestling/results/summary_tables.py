"""The summary as tables for notebooks and papers."""

from html import escape

import numpy as np

from nestling.report.coefficients import estimate_cells, format_p_values
from nestling.report.numbers import format_numbers, round_numbers
from nestling.report.table import Align, Table
from nestling.results.summary import Summary


def fixed_table(summary: Summary) -> Table:
    """Return the table of fixed effects."""
    estimates = np.column_stack([summary.beta, summary.se])
    columns: list[list[str]] = [list(summary.names)]
    columns += [list(column) for column in zip(*estimate_cells(estimates, 4), strict=True)]
    headings = ["Fixed effect", "Estimate", "SE"]
    if summary.df is not None:
        headings.append("df")
        columns.append(format_numbers(round_numbers(summary.df, 1), 4))
    headings.append("t")
    columns.append(format_numbers(round_numbers(summary.t_values, 2), 4, nsmall=2))
    if summary.p_values is not None:
        headings.append("p")
        columns.append(format_p_values(summary.p_values, 3))
    return _table(headings, columns, 1)


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
