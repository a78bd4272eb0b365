"""The summary in lme4's words, line by line."""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from nestling.arrays import FloatArray
from nestling.report.abbreviate import abbreviate
from nestling.report.cells import WIDTH, matrix_lines, named_row, shown_width
from nestling.report.coefficients import Column, coefficient_lines
from nestling.report.numbers import format_numbers, format_one
from nestling.report.rounding import round_numbers, zapsmall
from nestling.results.summary import Effects, Summary

DIGITS = 4
"""lme4 prints summaries with max(3, getOption("digits") - 3) digits."""

MANY = 12
"""lme4 leaves the correlations of more fixed effects than this out."""


def summary_lines(summary: Summary) -> list[str]:
    """Return the lines that R prints for `summary(fit)`."""
    lines = [*heading(summary), *call_lines(summary), ""]
    lines += criterion_lines(summary, decimals=1)
    lines += ["", *_residual_lines(summary.scaled_residuals), "", "Random effects:"]
    lines += varcorr_lines(summary.effects, summary.sigma, digits=DIGITS)
    lines += group_lines(summary)
    if len(summary.beta):
        lines += ["", "Fixed effects:"]
        lines += coefficient_lines(summary.names, coefficient_columns(summary), digits=DIGITS)
        if 1 < len(summary.beta) <= MANY:
            lines += ["", "Correlation of Fixed Effects:", *_correlation_lines(summary)]
    lines += warning_lines(summary)
    if summary.messages:
        lines += [_search_line(summary), *"\n".join(summary.messages).split("\n"), ""]
    return lines


def short_lines(summary: Summary) -> list[str]:
    """Return the lines that R prints for the fit itself."""
    lines = [*heading(summary), *call_lines(summary)]
    lines += criterion_lines(summary, decimals=4)
    lines += ["Random effects:"]
    lines += varcorr_lines(summary.effects, summary.sigma, digits=DIGITS, variances=False)
    lines += group_lines(summary)
    if len(summary.beta):
        cells = format_numbers(summary.beta, DIGITS)
        lines += ["Fixed Effects:", *named_row(summary.names, cells, gap=2)]
    else:
        lines += ["No fixed effect coefficients"]
    lines += warning_lines(summary)
    if summary.messages:
        count = f"0 optimizer warnings; {len(summary.messages)} lme4 warnings "
        lines.append(f"{_search_line(summary)} ; {count}")
    return lines


def heading(summary: Summary) -> list[str]:
    """Return the lines that say how the model was fitted."""
    how = "REML" if summary.is_reml else "maximum likelihood "
    if not summary.method:
        return [f"Linear mixed model fit by {how} ['lmerMod']"]
    title = f"Linear mixed model fit by {how}. t-tests use {summary.method} method"
    wrapped = wrap(title, WIDTH - 3, subsequent_indent="  ")
    return filled([*wrapped, " [", "lmerModLmerTest", "]"], gap="")


def call_lines(summary: Summary) -> list[str]:
    """Return formula, data, weights and offset."""
    lines = filled(["Formula:", *summary.formula_lines])
    lines.append(f"   Data: {summary.data_name}")
    if summary.weights:
        lines.append(f"Weights: {summary.weights}")
    if summary.offset:
        lines.append(f" Offset: {summary.offset}")
    return lines


def filled(items: Sequence[str], *, gap: str = " ") -> list[str]:
    """Write items one after the other, on a new line where the page ends (R's cat, fill)."""
    lines, line = [], ""
    for i, item in enumerate(items):
        if i and shown_width(line + item) + len(gap) > WIDTH:
            lines.append(line)
            line = ""
        line += item + (gap if i + 1 < len(items) else "")
    return [*lines, line]


def criterion_lines(summary: Summary, *, decimals: int) -> list[str]:
    """Return the REML criterion, or the table of information criteria by ML."""
    if summary.is_reml:
        rounded = float(round_numbers(summary.criterion, decimals))
        return [f"REML criterion at convergence: {format_one(rounded)}"]
    names = ["AIC", "BIC", "logLik", "deviance", "df.resid"]
    values = np.array([summary.aic, summary.bic, summary.loglik, summary.criterion])
    cells = format_numbers(round_numbers(np.append(values, summary.df_residual), decimals))
    cells[-1] = str(summary.df_residual)
    return named_row(names, cells)


def coefficient_columns(summary: Summary) -> list[Column]:
    """Return the table of fixed effects by columns."""
    columns = [
        Column("Estimate", summary.beta, "estimate"),
        Column("Std. Error", summary.se, "estimate"),
    ]
    if summary.df is not None:
        columns.append(Column("df", summary.df, "estimate"))
    columns.append(Column("t value", summary.t_values, "test"))
    if summary.p_values is not None:
        columns.append(Column("Pr(>|t|)", summary.p_values, "p"))
    return columns


def _residual_lines(residuals: FloatArray) -> list[str]:
    lines = ["Scaled residuals: "]
    if len(residuals) > 5:
        quantiles = zapsmall(np.quantile(residuals, [0.0, 0.25, 0.5, 0.75, 1.0]), DIGITS + 1)
        names = ["Min", "1Q", "Median", "3Q", "Max"]
        return lines + named_row(names, format_numbers(quantiles, DIGITS))
    names = [str(i + 1) for i in range(len(residuals))]
    return lines + named_row(names, format_numbers(residuals, DIGITS))


def varcorr_lines(
    effects: Sequence[Effects], sigma: float, *, digits: int = DIGITS, variances: bool = True
) -> list[str]:
    """Return the table of random effects."""
    sds = np.concatenate([*(each.sd for each in effects), [sigma]])
    groups: list[str] = []
    for each in effects:
        groups += [each.label, *[""] * (len(each.names) - 1)]
    columns = ["Groups", "Name"]
    table = [[*groups, "Residual"], [*(name for each in effects for name in each.names), ""]]
    if variances:
        columns.append("Variance")
        table.append(format_numbers(sds**2, digits))
    columns.append("Std.Dev.")
    table.append(format_numbers(sds, digits))
    widest = max(len(each.names) for each in effects)
    if widest > 1:
        blocks = [row for each in effects for row in _correlation_cells(each, widest, digits)]
        blocks.append([""] * (widest - 1))
        columns += ["Corr", *[""] * (widest - 2)]
        table += [list(column) for column in zip(*blocks, strict=True)]
    return matrix_lines([""] * len(sds), columns, list(zip(*table, strict=True)), left=True)


def _correlation_cells(effects: Effects, widest: int, digits: int) -> list[list[str]]:
    """Format a term's correlations together; only those below the diagonal are shown."""
    k = len(effects.names)
    decimals = max(2, digits - 2)
    cells = format_numbers(round_numbers(effects.correlation, decimals).ravel(), nsmall=decimals)
    return [
        [cells[i * k + j] if j < i else "" for j in range(min(k, widest - 1))]
        + [""] * (widest - 1 - k)
        for i in range(k)
    ]


def group_lines(summary: Summary) -> list[str]:
    """Return the numbers of rows and of levels."""
    groups = "; ".join(f"{name}, {count}" for name, count in summary.n_groups.items())
    return filled([f"Number of obs: {summary.nobs}, groups: ", groups])


def _correlation_lines(summary: Summary) -> list[str]:
    p = len(summary.beta)
    se = np.sqrt(np.diag(summary.vcov))
    correlation = summary.vcov / np.outer(se, se)
    flat = format_numbers(round_numbers(correlation, 3).ravel(), nsmall=3)
    cells = [[flat[i * p + j] if j < i else "" for j in range(p - 1)] for i in range(1, p)]
    rows = abbreviate(summary.names, 11)[1:]
    columns = abbreviate(summary.names, 6)[:-1]
    return matrix_lines(rows, columns, cells, left=True)


def _search_line(summary: Summary) -> str:
    return f"optimizer ({summary.optimizer}) convergence code: 0 (OK)"


def warning_lines(summary: Summary) -> list[str]:
    """Return what was noticed while the matrices were made."""
    return ["fit warnings:", *summary.remarks] if summary.remarks else []
