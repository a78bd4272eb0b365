"""Which combinations of coefficients the data can tell, when X has dependent columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.contrast_tests import ContrastTests, contrast_tests, method_of

if TYPE_CHECKING:
    from nestling.arrays import BoolArray, FloatArray
    from nestling.results.lmer_fit import LmerFit

TOLERANCE = 1e-8
"""Share of a row of L that may lie outside the rows of X."""


def null_directions(fit: LmerFit) -> FloatArray:
    """Return changes of all coefficients that no fitted value feels, (columns, dropped)."""
    matrices, basis = fit.matrices, fit.basis
    p = len(matrices.names)
    N = np.zeros((p, len(basis.dropped)))
    if not len(basis.dropped):
        return N
    X = np.column_stack([matrices.columns[j] for j in basis.kept])
    others = np.column_stack([matrices.columns[j] for j in basis.dropped])
    scale = np.sqrt(np.einsum("np,np->p", X, X))
    N[basis.kept] = -np.linalg.lstsq(X / scale, others)[0] / scale[:, None]
    N[basis.dropped] = np.eye(len(basis.dropped))
    return np.asarray(N / np.linalg.norm(N, axis=0))


def estimable(L: FloatArray, N: FloatArray) -> BoolArray:
    """Return which rows of L (m, columns) are combinations of rows of X."""
    size = np.maximum(np.linalg.norm(L, axis=1), 1.0)
    return np.asarray((np.abs(L @ N) <= TOLERANCE * size[:, None]).all(axis=1))


def rows_of_tests(fit: LmerFit, L: FloatArray, offset: FloatArray, ddf: str) -> ContrastTests:
    """Estimate rows of L over all columns of X, plus an offset; NaN where not estimable.

    A combination in which every coefficient cancels is zero with certainty and has no test.
    """
    m = len(L)
    known = estimable(L, null_directions(fit))
    kept = L[:, fit.basis.kept]
    used = known & (np.abs(kept) > 0.0).any(axis=1)
    values = {name: np.full(m, np.nan) for name in ("estimate", "se", "df", "statistic", "p")}
    values["estimate"][known], values["se"][known] = offset[known], 0.0
    if used.any():
        tests = contrast_tests(fit, kept[used], ddf, null=-offset[used])
        values["estimate"][used] = tests.estimate + offset[used]
        values["se"][used], values["df"][used] = tests.se, tests.df
        values["statistic"][used], values["p"][used] = tests.statistic, tests.p_value
    return ContrastTests(
        values["estimate"], values["se"], values["df"], values["statistic"], values["p"],
        method_of(ddf),
    )  # fmt: skip
