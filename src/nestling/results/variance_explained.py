"""How much less variance a model leaves than a smaller one, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentTypeError, ModelError
from nestling.results.likelihood_ratio import check_comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


def variance_explained(fit: LmerFit, null: LmerFit) -> pd.DataFrame:
    """Return reductions of variance; see `ComparisonQuestions.variance_explained`."""
    import pandas as pd

    if not hasattr(null, "varcorr"):
        raise ArgumentTypeError(
            f"null is of type {type(null).__name__}; give a fit of nl.lmer() without the "
            "predictors whose share is asked."
        )
    check_comparable({"the null model": null, "the model": fit})
    after, before = intercept_variances(fit), intercept_variances(null)
    if set(after) != set(before):
        raise ModelError(
            f"The null model has random intercepts of {_named(before)}, the model of "
            f"{_named(after)}. Give both the same grouping factors."
        )
    groups = list(before)
    old = np.array([null.sigma**2, *(before[group] for group in groups)])
    new = np.array([fit.sigma**2, *(after[group] for group in groups)])
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {"null": old, "model": new, "raudenbush_bryk": 1.0 - new / old}
    if len(groups) == 1:
        weights = np.array([[1.0, 1.0], [1.0 / harmonic_size(fit, groups[0]), 1.0]])
        columns["snijders_bosker"] = 1.0 - (weights @ new) / (weights @ old)
    return pd.DataFrame(columns, index=["Residual", *groups])


def intercept_variances(fit: LmerFit) -> dict[str, float]:
    """Return the variance of each grouping factor's random intercept."""
    found: dict[str, float] = {}
    for term, covariance in zip(fit.matrices.random, fit.estimates.covariances, strict=True):
        if "(Intercept)" in term.names:
            place = term.names.index("(Intercept)")
            found[term.group] = float(covariance[place, place])
    if len(found) < len(fit.n_groups):
        raise ModelError(
            f"The model {fit.formula.text!r} has no random intercept for "
            f"{_named(set(fit.n_groups) - set(found))}; there is no variance to compare."
        )
    return found


def harmonic_size(fit: LmerFit, group: str) -> float:
    """Return the harmonic mean of the clusters' sizes."""
    codes = next(term.codes for term in fit.matrices.random if term.group == group)
    sizes = np.bincount(codes)
    return float(1.0 / np.mean(1.0 / sizes[sizes > 0]))


def _named(groups: Iterable[str]) -> str:
    return ", ".join(sorted(groups))
