"""The summary as notebooks show it."""

from html import escape

from nestling.results.summary import Summary
from nestling.results.summary_tables import fixed_table, random_table


def summary_html(summary: Summary) -> str:
    """Return the model, its two tables and, folded away, lme4's text.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
        A fragment of HTML without scripts or style sheets.
    """
    how = "REML" if summary.is_reml else "maximum likelihood"
    if summary.method:
        how += f", {summary.method} method"
    formula = " ".join(line.strip() for line in summary.formula_lines)
    parts = [
        "<div>",
        f"<p><b>Linear mixed model</b> fitted by {escape(how)}:",
        f"<code>{escape(formula)}</code><br>",
        f"{escape(facts(summary))}</p>",
    ]
    if len(summary.beta):
        parts.append(fixed_table(summary).to_html())
    parts.append(random_table(summary).to_html())
    parts += [f"<p>{escape(line)}</p>" for line in (*summary.remarks, *summary.messages)]
    parts += [
        "<details><summary>The summary as lme4 prints it</summary>",
        f"<pre>{escape(str(summary))}</pre>",
        "</details>",
        "</div>",
    ]
    return "\n".join(parts)


def facts(summary: Summary) -> str:
    """Return one line of what the model is fitted to and how well it fits."""
    groups = ", ".join(f"{count:,} {name}" for name, count in summary.n_groups.items())
    parts = [f"{summary.nobs:,} rows of {summary.data_name}; {groups}"]
    if summary.weights:
        parts.append(f"weights {summary.weights}")
    if summary.offset:
        parts.append(f"offset {summary.offset}")
    if summary.is_reml:
        parts.append(f"REML criterion {summary.criterion:.1f}")
    else:
        parts.append(
            f"deviance {summary.criterion:.1f}, AIC {summary.aic:.1f}, BIC {summary.bic:.1f}"
        )
    return "; ".join(parts)
