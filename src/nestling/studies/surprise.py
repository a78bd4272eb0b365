"""Whether one data set is surprising: where its estimates stand among the replicates'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.compare import named_values
from nestling.results.lmer_fit import LmerFit
from nestling.studies.by_rows import fitted, measured
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Surprise:
    """The estimates of one data set among those of many replicates.

    Attributes
    ----------
    table : DataFrame
        One row per parameter: `estimate`, `truth`, `percentile` (share of replicates with a lower
        estimate, ties counted half), `p` (two-sided Monte-Carlo p value) and `n`, the replicates.
    """

    table: pd.DataFrame

    def __str__(self) -> str:
        """Return the table with the least likely parameter named."""
        worst = self.table["p"].idxmin()
        p = self.table["p"].min()
        said = (
            f"The estimate that is farthest out is {worst}: p = {p:.3g} by itself, "
            f"{min(1.0, p * len(self.table)):.3g} as the least of {len(self.table)} (Bonferroni)."
        )
        return f"{self.table.to_string(float_format='{:.4g}'.format)}\n\n{said}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table.to_html(float_format=lambda value: f"{value:.4g}", na_rep="")


def surprise(plan: Plan, names: Names, replicates: Replicates, data: Any) -> Surprise:
    """Place the estimates of a data set, or of its fit, among the replicates'."""
    import pandas as pd

    fit = data if isinstance(data, LmerFit) else fitted(plan, data)
    if fit.formula.text != plan.formula.text:
        raise ArgumentError(
            f"The fit is of {fit.formula.text!r}, the study of {plan.formula.text!r}; their "
            "estimates mean different things. Fit the study's model, or give the data."
        )
    if fit.call.reml != plan.reml:
        raise ArgumentTypeError(
            f"The fit has reml={fit.call.reml}, the study reml={plan.reml}. Give the data, which "
            "are then fitted as the replicates were."
        )
    own = measured(0, fit, names, ())
    estimate = np.concatenate([own.fixed[0], own.spreads[0]])
    many = np.concatenate([replicates.fixed, replicates.spreads], axis=1)
    known = np.isfinite(many)
    n = known.sum(axis=0)
    below = ((many < estimate) & known).sum(axis=0)
    ties = ((many == estimate) & known).sum(axis=0)
    above = n - below - ties
    with np.errstate(invalid="ignore", divide="ignore"):
        percentile = (below + 0.5 * ties) / n
    # the data set counts as one of the replicates (Davison and Hinkley 1997, section 4.2)
    p = np.minimum(1.0, 2.0 * (1.0 + np.minimum(below, above) + ties) / (n + 1.0))
    p = np.where(np.isfinite(estimate) & (n > 0), p, np.nan)
    known_spreads = named_values(plan.truth.parameters) if plan.same_scale else {}
    spreads = [known_spreads.get(name, np.nan) for name in names.spreads]
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "truth": np.concatenate([plan.true_beta(names.fixed), spreads]),
            "percentile": percentile,
            "p": p,
            "n": n,
        },
        index=pd.Index([*names.fixed, *names.spreads], name="effect"),
    )
    return Surprise(table)
