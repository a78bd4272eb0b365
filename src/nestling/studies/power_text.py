"""What a table of power needs said below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.studies.power_study import Power


def notes_of(study: Power) -> list[str]:
    """Return the lines below the table: where power by formula and by simulation differ, and why.

    A difference counts when the approximation is outside the Monte-Carlo interval by more than
    five hundredths: what neither chance nor the approximation itself explains.
    """
    table = study.table
    notes = []
    known = np.isfinite(table["approx"].to_numpy(dtype=float))
    if known.any():
        notes.append("approx: power without simulation, from the expected information at the truth")
        high, low = table["approx"] > table["upper"] + 0.05, table["approx"] < table["lower"] - 0.05
        far = table[known & (high | low)]
        if len(far):
            said = ", ".join(f"{row.effect} ({row.test})" for row in far.itertuples())
            notes.append(f"It is far from the simulated power for {said}: trust the simulation")
    asked = study.names.asked
    if asked is not None and asked.reductions:
        notes.append("type1 of a variance: replicates of their own, in which it is zero")
    return ["", *notes] if notes else []
