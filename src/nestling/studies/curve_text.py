"""The text of a curve, and which effects it shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.studies.along import Along
from nestling.studies.power_study import Power
from nestling.studies.study_text import design_text

if TYPE_CHECKING:
    import pandas as pd


def chosen_effects(effect: Any, names: Sequence[str]) -> tuple[str, ...]:
    """Return the effects that are asked for; by default all but an intercept among others.

    Examples
    --------
    >>> chosen_effects(None, ["(Intercept)", "X"]), chosen_effects("X", ["(Intercept)", "X"])
    (('X',), ('X',))
    """
    if effect is None:
        return tuple(name for name in names if name != "(Intercept)") or tuple(names)
    given = [effect] if isinstance(effect, str) else effect
    if not isinstance(given, list | tuple) or not given:
        raise ArgumentTypeError(
            f"effect={effect!r}; expected the name of an effect or hypothesis, or a list of names."
        )
    for name in given:
        if name not in names:
            raise ArgumentError(
                f"effect={name!r} is neither a fixed effect of the model nor a hypothesis. "
                f"{did_you_mean(str(name), names)}"
            )
    return tuple(given)


def curve_lines(
    title: str, along: Along, studies: Sequence[Power], table: pd.DataFrame
) -> list[str]:
    """Return the lines of a curve's text."""
    shown = table.to_string(index=False, float_format=lambda value: f"{value:.4g}", na_rep="")
    return [*_head(title, along, studies), "", *shown.split("\n")]


def curve_html(title: str, along: Along, studies: Sequence[Power], table: pd.DataFrame) -> str:
    """Return the same for a notebook."""
    head = "<br>".join(escape(line) for line in _head(title, along, studies))
    shown = table.to_html(index=False, float_format=lambda value: f"{value:.4g}", na_rep="")
    return f"<p>{head}</p>{shown}"


def _head(title: str, along: Along, studies: Sequence[Power]) -> list[str]:
    first, last = studies[0], studies[-1]
    plan = first.plan
    counts = sorted({len(study.replicates) for study in studies})
    n = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    lines = [
        f"{title} of {plan.truth.formula.text} along {along.name}, {n} replicates at each point",
        f"Design: {design_text(plan.design)}; predictors {plan.predictors}",
    ]
    if along.kind == "size":
        lines.insert(2, f"    to: {design_text(last.plan.design)}")
    if plan.formula.text != plan.truth.formula.text:
        lines.append(f"Fitted: {plan.formula.text}")
    for value, study in zip(along.values, studies, strict=True):
        if study.replicates.note:
            lines.append(f"{along.name} {value:g}: {study.replicates.note}")
        if failed := study.replicates.count("failed"):
            lines.append(f"{along.name} {value:g}: {failed} fits failed")
    return lines
