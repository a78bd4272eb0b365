"""The result of a power study in the words of a paper."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from nestling.errors import ArgumentError, did_you_mean
from nestling.studies.study_text import design_text

if TYPE_CHECKING:
    from nestling.studies.power_study import Power

SAID = {
    "z": "z",
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "lrt": "likelihood-ratio",
}


def sentence(study: Power, effect: str, test: str | None) -> str:
    """Say the power for one effect, with its interval and the test's type-I rate."""
    table = study.simulated
    effects = table["effect"].unique().tolist()
    if effect not in effects:
        raise ArgumentError(
            f"effect={effect!r} is not a fixed effect of the model or a hypothesis of the study. "
            f"{did_you_mean(str(effect), effects)}"
        )
    rows = {row["test"]: row for row in table.to_dict("records") if row["effect"] == effect}
    chosen = next(iter(rows)) if test is None else test
    if chosen not in rows:
        raise ArgumentError(
            f"test={chosen!r} was not part of the study. {did_you_mean(str(chosen), list(rows))}"
        )
    row = rows[chosen]
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
