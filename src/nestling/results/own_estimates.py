"""What each cluster's own data say of its random effects, without the model's distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def own_estimates(fit: LmerFit, group: str) -> FloatArray:
    """Return least-squares effects of a grouping factor's levels, (J, k).

    Regressions of the residuals from the fixed effects, y - X beta, on the columns of Z, level by
    level, with the prior weights. NaN where a level's rows cannot tell its effects apart.
    """
    terms = [term for term in fit.matrices.random if term.group == group]
    codes, J = terms[0].codes, len(terms[0].levels)
    Z = np.column_stack([column for term in terms for column in term.columns])
    weights = fit.matrices.weights
    r = fit.residuals("marginal")
    scaled = Z if weights is None else Z * weights[:, None]
    k = Z.shape[1]
    gram = np.empty((J, k, k))
    moment = np.empty((J, k))
    for a in range(k):
        moment[:, a] = np.bincount(codes, scaled[:, a] * r, J)
        for b in range(k):
            gram[:, a, b] = np.bincount(codes, scaled[:, a] * Z[:, b], J)
    size = np.sqrt(np.maximum(np.einsum("jkk->jk", gram), np.finfo(float).tiny))
    correlation = gram / (size[:, :, None] * size[:, None, :])
    told = np.linalg.eigvalsh(correlation)[:, 0] > 1e-10
    found = np.full((J, k), np.nan)
    found[told] = np.linalg.solve(gram[told], moment[told][:, :, None])[:, :, 0]
    return found
