"""One replicate of a study again, with its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.lmer_fit import LmerFit
from nestling.studies.by_rows import fitted
from nestling.studies.plan import Plan
from nestling.studies.replicates import Replicates

if TYPE_CHECKING:
    import pandas as pd


def replay(
    plan: Plan, replicates: Replicates, index: Any, *, rows: bool = False
) -> tuple[pd.DataFrame, LmerFit]:
    """Return the data of a replicate and its fit; with `rows` they had rows in any case.

    Raises
    ------
    ArgumentError
        When there is no such replicate, or the replicates were drawn without rows.
    """
    if isinstance(index, bool) or not isinstance(index, int | np.integer):
        raise ArgumentTypeError(f"index={index!r}; expected the number of a replicate.")
    if not 0 <= index < len(replicates):
        raise ArgumentError(f"index={index}; the study has replicates 0 to {len(replicates) - 1}.")
    if plan.predictors == "fixed" and not rows:
        raise ArgumentError(
            "Replicates of a study with predictors='fixed' are drawn without rows, so there is "
            "no data to show. Use predictors='redrawn'."
        )
    data = plan.truth.simulate(plan.design, plan.stream(int(index)))
    return data, fitted(plan, data)
