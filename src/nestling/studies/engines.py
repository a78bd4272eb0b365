"""Which way the replicates of a plan are made."""

import warnings

from nestling.errors import NestlingError, NestlingWarning
from nestling.results.lmer_fit import LmerFit
from nestling.studies.by_rows import ByRows, fitted, names_of
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names
from nestling.studies.run import Engine
from nestling.studies.shared_design import shared_design
from nestling.studies.stacked_design import stacked_design

TRIES = 20
"""Data sets that are tried to learn the names of the model's parameters."""


def engine_of(plan: Plan, *, rows: bool = False) -> tuple[Engine, Names]:
    """Return the fastest engine that can do the plan, and what it measures.

    With `rows` the data are those that `ByRows` simulates.

    Raises
    ------
    NestlingError
        What the last of twenty data sets said, when none of them could be fitted.
    """
    shared = None if rows else shared_design(plan)
    if shared is not None:
        return shared, shared.names
    stack = stacked_design(plan, rows=rows)
    if stack is not None:
        return stack, stack.names
    names = names_of(_first_fit(plan), plan)
    return ByRows(plan, names), names


def _first_fit(plan: Plan) -> LmerFit:
    """Learn the names from the first data set that can be fitted."""
    last: NestlingError | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        for index in range(TRIES):
            data = plan.truth.simulate(plan.design, plan.stream(index))
            try:
                return fitted(plan, data)
            except NestlingError as error:
                last = error
    assert last is not None
    raise last
