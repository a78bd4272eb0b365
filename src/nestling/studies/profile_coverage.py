"""Coverage of profile likelihood intervals: of every parameter, spreads included."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError, NestlingError, NestlingWarning
from nestling.report.progress import progress_bar
from nestling.results.compare import named_values
from nestling.results.confint import confint
from nestling.studies.by_rows import fitted
from nestling.studies.plan import Plan
from nestling.studies.replay import row_maker
from nestling.studies.replicates import Names, Replicates
from nestling.studies.workers import made, workers_of

if TYPE_CHECKING:
    import pandas as pd


def profile_coverage(
    plan: Plan,
    names: Names,
    replicates: Replicates,
    level: float,
    n_sims: Any,
    n_jobs: Any,
    progress: bool | None,
) -> pd.DataFrame:
    """Profile the fits of replicates; see `Recovery.profile_coverage`."""
    n = _number(n_sims, len(replicates))
    workers_of(n_jobs)  # says now when it cannot be
    wanted = [*names.spreads, *names.fixed]
    limits = np.empty((n, len(wanted), 2))
    profiles = _Profiles(plan, row_maker(plan), wanted, level)
    with (
        progress_bar(n, "profile", progress=progress) as bar,
        closing(made(profiles.limits, [range(i, i + 1) for i in range(n)], n_jobs)) as arriving,
    ):
        for (index,), found in arriving:
            limits[index] = found
            if bar is not None:
                bar.update(1)
    return _table(plan, wanted, limits)


@dataclass(frozen=True, slots=True, eq=False)
class _Profiles:
    """What a worker needs to profile any replicate."""

    plan: Plan
    data: Callable[[int], pd.DataFrame]
    names: list[str]
    level: float

    def limits(self, one: range) -> FloatArray:
        """Return the limits of the replicate in a range of one."""
        limits = np.full((len(self.names), 2), np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NestlingWarning)
            try:
                fit = fitted(self.plan, self.data(one.start))
                table = confint(fit, None, self.level, "profile")
            except (NestlingError, np.linalg.LinAlgError):
                return limits
        for row, name in enumerate(self.names):
            if name in table.index:
                limits[row] = table.loc[name].to_numpy(dtype=float)
        return limits


def _table(plan: Plan, names: list[str], limits: FloatArray) -> pd.DataFrame:
    import pandas as pd

    known = named_values(plan.truth.parameters) if plan.same_scale else {}
    truth = np.array([known.get(name, np.nan) for name in names])
    low, high = limits[..., 0], limits[..., 1]
    valid = np.isfinite(low) & np.isfinite(high) & np.isfinite(truth)
    n = valid.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (low <= truth) & (truth <= high) & valid
        coverage = np.where(n > 0, inside.sum(axis=0) / n, np.nan)
        below = np.where(n > 0, ((truth < low) & valid).sum(axis=0) / n, np.nan)
        above = np.where(n > 0, ((truth > high) & valid).sum(axis=0) / n, np.nan)
        width = np.where(n > 0, np.where(valid, high - low, 0.0).sum(axis=0) / n, np.nan)
        error = np.sqrt(coverage * (1 - coverage) / n)
    return pd.DataFrame(
        {
            "truth": truth,
            "coverage": coverage,
            "mcse_coverage": error,
            "truth_below": below,
            "truth_above": above,
            "width": width,
            "n": n,
        },
        index=pd.Index(names, name="effect"),
    )


def _number(n_sims: Any, most: int) -> int:
    if n_sims is None:
        return most
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer):
        raise ArgumentTypeError(f"n_sims={n_sims!r}; expected a whole number of replicates.")
    if not 1 <= n_sims <= most:
        raise ArgumentError(f"n_sims={n_sims}; the study has {most} replicates.")
    return int(n_sims)
