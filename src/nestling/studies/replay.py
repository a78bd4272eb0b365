"""One replicate of a study again, with its rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.lmer_fit import LmerFit
from nestling.studies.by_rows import fitted
from nestling.studies.plan import Plan
from nestling.studies.replicates import Replicates
from nestling.studies.rows_again import rows_again
from nestling.studies.shared_design import shared_design
from nestling.studies.stacked_design import stacked_design

if TYPE_CHECKING:
    import pandas as pd


def replay(
    plan: Plan, replicates: Replicates, index: Any, *, rows: bool = False
) -> tuple[pd.DataFrame, LmerFit]:
    """Return the data of a replicate and its fit; with `rows` they had rows in any case.

    A replicate that was drawn without rows gets rows that have its sufficient statistics.

    Raises
    ------
    ArgumentError
        When there is no such replicate.
    """
    if isinstance(index, bool) or not isinstance(index, int | np.integer):
        raise ArgumentTypeError(f"index={index!r}; expected the number of a replicate.")
    if not 0 <= index < len(replicates):
        raise ArgumentError(f"index={index}; the study has replicates 0 to {len(replicates) - 1}.")
    data = row_maker(plan, rows=rows)(int(index))
    return data, fitted(plan, data)


def row_maker(plan: Plan, *, rows: bool = False) -> Callable[[int], pd.DataFrame]:
    """Return what makes the rows of any replicate of a study."""
    if rows:
        return partial(simulated, plan)
    shared = shared_design(plan)
    if shared is not None:
        return partial(rows_again, shared)
    stack = stacked_design(plan)
    return partial(simulated, plan) if stack is None else stack.draws.data


def simulated(plan: Plan, index: int) -> pd.DataFrame:
    """Return the rows that the replicate's streams give."""
    data: pd.DataFrame = plan.truth.simulate(plan.design, plan.stream(index))
    return data
