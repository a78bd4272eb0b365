"""R-squared by source and level (Rights and Sterba 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ModelError
from nestling.results.variance_parts import linear_predictor

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit


def r2_parts(fit: LmerFit) -> pd.DataFrame:
    """Return the shares of the variance; see `ComparisonQuestions.r2_parts`.

    Each row's Z and X beta are parted into the mean of the cluster and the deviation from it,
    which are uncorrelated over the rows, so that the parts add up exactly.
    """
    import pandas as pd

    groups = {term.group for term in fit.matrices.random}
    if len(groups) > 1:
        raise ModelError(
            f"The model has the grouping factors {', '.join(sorted(groups))}. The decomposition "
            "is defined for two levels; fit.r2() and fit.icc(by_group=True) take any number."
        )
    codes, n = fit.matrices.random[0].codes, fit.nobs
    explained = linear_predictor(fit)
    between = cluster_means(explained, codes)
    f1 = float(((explained - between) ** 2).sum() / (n - 1))
    f2 = float(np.var(between, ddof=1))
    v1 = v2 = m = 0.0
    for term, covariance in zip(fit.matrices.random, fit.estimates.covariances, strict=True):
        Z = np.column_stack(term.columns)
        means = np.column_stack([cluster_means(each, codes) for each in term.columns])
        centre = Z.mean(axis=0)
        inside, outside = Z - means, means - centre
        v1 += float((covariance * (inside.T @ inside)).sum() / (n - 1))
        v2 += float((covariance * (outside.T @ outside)).sum() / (n - 1))
        m += float(centre @ covariance @ centre)
    residual = fit.sigma**2
    within, above = f1 + v1 + residual, f2 + v2 + m
    parts = {"f1": (f1, 0.0), "f2": (0.0, f2), "v": (v1, v2), "m": (0.0, m), "e": (residual, 0.0)}
    table = pd.DataFrame(index=list(parts))
    table["variance"] = [a + b for a, b in parts.values()]
    table["total"] = table["variance"] / (within + above)
    table["within"] = [a / within for a, _ in parts.values()]
    table["between"] = [b / above if above > 0.0 else np.nan for _, b in parts.values()]
    return table


def cluster_means(values: FloatArray, codes: IntArray) -> FloatArray:
    """Return for each row the mean of its cluster."""
    sizes = np.bincount(codes)
    sums = np.bincount(codes, values)
    return np.asarray(np.divide(sums, sizes, where=sizes > 0, out=np.zeros(len(sizes)))[codes])
