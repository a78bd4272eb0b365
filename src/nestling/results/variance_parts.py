"""How the variance of the response divides: ICC and R-squared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True)
class VarianceParts:
    """The variances that ICC and R-squared are made of.

    Attributes
    ----------
    fixed : float
        Variance over the rows of X beta.
    random : dict of str to float
        Per grouping factor the mean over the rows of the variance z'Sigma z that its random
        effects give to a row (Johnson 2014): with an intercept alone its variance.
    residual : float
    """

    fixed: float
    random: dict[str, float]
    residual: float

    @property
    def all_random(self) -> float:
        """The random effects' variance, of all grouping factors."""
        return sum(self.random.values())

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return self.fixed + self.all_random + self.residual


def variance_parts(fit: LmerFit) -> VarianceParts:
    """Return the parts of the variance of a fit."""
    random: dict[str, float] = {}
    for term, covariance in zip(fit.matrices.random, fit.estimates.covariances, strict=True):
        share = float((covariance * mean_products(term.columns)).sum())
        random[term.group] = random.get(term.group, 0.0) + share
    fixed = float(np.var(linear_predictor(fit), ddof=1))
    return VarianceParts(fixed, random, fit.sigma**2)


def mean_products(columns: tuple[FloatArray, ...]) -> FloatArray:
    """Return the means over the rows of the products of columns, (k, k)."""
    n = len(columns[0])
    return np.array([[float(a @ b) / n for b in columns] for a in columns])


def linear_predictor(fit: LmerFit) -> FloatArray:
    """Return X beta, without the offset."""
    total = np.zeros(fit.nobs)
    for j, slope in zip(fit.basis.kept, fit.estimates.beta, strict=True):
        total += slope * fit.matrices.columns[j]
    return total


def icc(fit: LmerFit, *, by_group: bool = False) -> pd.Series[float]:
    """Return intraclass correlations; see `ComparisonQuestions.icc`."""
    import pandas as pd

    parts = variance_parts(fit)
    noise = parts.all_random + parts.residual
    if by_group:
        return pd.Series({group: each / noise for group, each in parts.random.items()}, name="icc")
    values = {"adjusted": parts.all_random / noise, "unadjusted": parts.all_random / parts.total}
    return pd.Series(values, name="icc")


def r2(fit: LmerFit) -> pd.Series[float]:
    """Return Nakagawa's R-squared; see `ComparisonQuestions.r2`."""
    import pandas as pd

    parts = variance_parts(fit)
    values = {
        "conditional": (parts.fixed + parts.all_random) / parts.total,
        "marginal": parts.fixed / parts.total,
    }
    return pd.Series(values, name="r2")


def design_effect(fit: LmerFit) -> pd.DataFrame:
    """Return the design effect per grouping factor; see `ComparisonQuestions.design_effect`."""
    import pandas as pd

    correlations = icc(fit, by_group=True)
    rows = {}
    for term in fit.matrices.random:
        sizes = np.bincount(term.codes, minlength=len(term.levels)).astype(float)
        size = float((sizes**2).sum() / sizes.sum())
        effect = 1.0 + (size - 1.0) * float(correlations[term.group])
        rows[term.group] = [float(correlations[term.group]), size, effect, fit.nobs / effect]
    columns = ["icc", "size", "design_effect", "effective_n"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
