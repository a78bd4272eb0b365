"""Tests of simulated residuals that allow for the parameters having been estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.refits import refits

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def standardised_by_own_fit(fit: LmerFit, Y: FloatArray) -> FloatArray:
    """Return (y - X beta) / SD of each column of Y (n, R) by the model fitted to that column.

    The SD of a row is sqrt(z'Sigma z + sigma^2 / w): with it nothing needs to be simulated to
    know where in its distribution a response stands.
    """
    found = refits(fit, Y)
    matrices = fit.matrices
    X = [matrices.columns[j] for j in fit.basis.kept]
    mean = np.zeros(Y.shape)
    for column, beta in zip(X, found.beta.T, strict=True):
        mean += column[:, None] * beta
    if matrices.offset is not None:
        mean += matrices.offset[:, None]
    weights = 1.0 if matrices.weights is None else matrices.weights[:, None]
    variance = found.sigma**2 / weights + np.zeros(Y.shape)
    for term, covariance in zip(matrices.random, found.covariances, strict=True):
        for a, left in enumerate(term.columns):
            for b, right in enumerate(term.columns):
                variance += (left * right)[:, None] * covariance[:, a, b]
    return np.asarray((Y - mean) / np.sqrt(variance))
