"""The text of a study: what was done, what became of it, the table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nestling.design.design import Design
from nestling.studies.plan import Plan
from nestling.studies.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


def lines_of(title: str, plan: Plan, replicates: Replicates, table: pd.DataFrame) -> list[str]:
    """Return the lines of a study's text."""
    return [*_head(title, plan, replicates), "", *_text(table).split("\n")]


def html_of(title: str, plan: Plan, replicates: Replicates, table: pd.DataFrame) -> str:
    """Return the same for a notebook."""
    head = "<br>".join(escape(line) for line in _head(title, plan, replicates))
    shown = table.to_html(float_format=lambda value: f"{value:.4g}", na_rep="")
    return f"<p>{head}</p>{shown}"


Parts: TypeAlias = Mapping[str, tuple[Plan, Replicates]]
"""By model the plan and what came of it."""


def lines_by_model(title: str, parts: Parts, table: pd.DataFrame) -> list[str]:
    """Return the lines of a study of several models."""
    return [*_heads(title, parts), "", *_text(table).split("\n")]


def html_by_model(title: str, parts: Parts, table: pd.DataFrame) -> str:
    """Return the same for a notebook."""
    head = "<br>".join(escape(line) for line in _heads(title, parts))
    shown = table.to_html(float_format=lambda value: f"{value:.4g}", na_rep="")
    return f"<p>{head}</p>{shown}"


def _heads(title: str, parts: Parts) -> list[str]:
    """Say once what the models share, then of each its formula and its fits."""
    lines: list[str] = []
    for name, (plan, replicates) in parts.items():
        first, second, *rest = _head(title, plan, replicates)
        if not lines:
            lines = [first, second]
        said = [line for line in rest if not line.startswith("Fitted: ")]
        lines.append("; ".join([f"Model {name}: {plan.formula.text}", *said]))
    return lines


def _head(title: str, plan: Plan, replicates: Replicates) -> list[str]:
    n = len(replicates)
    lines = [
        f"{title} of {plan.truth.formula.text}, {n} replicates",
        f"Design: {design_text(plan.design)}; predictors {plan.predictors}",
    ]
    if plan.formula.text != plan.truth.formula.text:
        lines.append(f"Fitted: {plan.formula.text}")
    if plan.truth.family.name != "gaussian":
        lines.append(f"Family of the truth: {plan.truth.family}; fitted as if it were normal")
    if not plan.same_scale:
        lines.append(
            f"The true values are on the scale of the {plan.truth.family.link} link and those "
            "fitted on the scale of y: they are not compared"
        )
    said = [
        f"{count} {what} ({100.0 * count / n:.1f} %)"
        for what in ("singular", "not converged", "failed")
        if (count := replicates.count(what))
    ]
    dropped = int((np.isnan(replicates.fixed).any(axis=1) & replicates.fitted).sum())
    if dropped:
        said.append(f"{dropped} with a column dropped ({100.0 * dropped / n:.1f} %)")
    if replicates.note:
        lines.append(f"Replicates: {replicates.note}")
    if said:
        lines.append(f"Fits: {', '.join(said)}")
    return lines


def design_text(design: Design) -> str:
    """Return a design on one line.

    Examples
    --------
    >>> from nestling.design.design import nested
    >>> design_text(nested(g=20, id=5))
    '100 rows (g 20 units, id 100 units, 5 in each g)'
    """
    units = ", ".join(" ".join(line.split()) for line in str(design).splitlines()[1:])
    if design.is_open:
        return f"sizes drawn anew for every study ({units})"
    return f"{design.n} rows ({units})"


def _text(table: pd.DataFrame) -> str:
    shown = table[[name for name in table if not str(name).startswith("mcse_")]]
    return shown.to_string(float_format=lambda value: f"{value:.4g}", na_rep="")
