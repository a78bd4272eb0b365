"""The result of a power study in the words of a paper."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from nestling.errors import ArgumentError, did_you_mean
from nestling.studies.study_text import design_text

if TYPE_CHECKING:
    from nestling.studies.plan import Test
    from nestling.studies.power import Power

SAID = {"z": "z", "satterthwaite": "Satterthwaite", "kenward-roger": "Kenward-Roger"}


def sentence(study: Power, effect: str, test: Test | None) -> str:
    """Say the power for one effect, with its interval and the test's type-I rate."""
    if effect not in study.names.fixed:
        raise ArgumentError(
            f"effect={effect!r} is not a fixed effect of the model. "
            f"{did_you_mean(str(effect), study.names.fixed)}"
        )
    chosen = study.plan.tests[0] if test is None else test
    if chosen not in study.plan.tests:
        raise ArgumentError(
            f"test={chosen!r} was not part of the study. "
            f"{did_you_mean(str(chosen), study.plan.tests)}"
        )
    table = study.table
    row = table[(table["effect"] == effect) & (table["test"] == chosen)].iloc[0]
    return (
        f"With {design_text(study.plan.design)}, {len(study.replicates)} replicates and "
        f"{SAID[chosen]} tests, the power for {effect} is {_share(row['power'])} "
        f"[{_share(row['lower'])}, {_share(row['upper'])}]; the test's type-I rate is "
        f"{_share(row['type1'], 3)}."
    )


def _share(value: float, digits: int = 2) -> str:
    """Write a share as papers do: .83."""
    if isnan(value):
        return "not known"
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if text.startswith("0.") else text
