"""How far predictions are from what they predict, given the variances: Henderson's equations.

The error of x'beta + z'b splits into two independent parts. With beta known, b is off by its
conditional covariance, sigma^2 C. The rest is the error of beta, which enters b as well:
x - X'V^-1 Z Sigma z in place of x. Both come from blocks per level; nothing n x n is formed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.linalg.factor import symmetric_root
from nestling.results.conditional_modes import by_level
from nestling.results.prediction_leverage import leverage_of
from nestling.statistics.rows import BLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nestling.arrays import FloatArray, IntArray
    from nestling.model.matrices import NewRows, RandomTerm
    from nestling.results.lmer_fit import LmerFit


def prediction_variance(fit: LmerFit, rows: NewRows, terms: Mapping[int, RandomTerm]) -> FloatArray:
    """Return the variance of the error of x'beta + z'b, (rows,).

    Parameters
    ----------
    fit : LmerFit
    rows : NewRows
    terms : mapping from int to RandomTerm
        By position among the terms of the fit, those that are part of the prediction. A level
        that the fit has not seen has its own variance, z'Sigma z, and no conditional mode.
    """
    solution, basis = fit.solution, fit.basis
    point = solution.point
    root = symmetric_root(point.unscaled)
    G = basis.transform[:-1, :-1]
    total = np.zeros(rows.n_rows)
    parts: list[FloatArray] = []
    if terms:
        factorisation = by_level(solution.problem, fit.statistics, point)
        # regressions of the columns of X on the random effects, (k, p, J) per factor
        parts = [
            np.einsum("ab,bpj->apj", T @ T.T, H[:, :-1])
            for T, H in zip(
                solution.problem.parameters.roots(point.theta), factorisation.ZVW, strict=True
            )
        ]
        leverage = leverage_of(fit)
    for start in range(0, rows.n_rows, BLOCK):
        block = slice(start, min(start + BLOCK, rows.n_rows))
        columns = [rows.columns[j][block] for j in basis.kept]
        X = G.T @ np.reshape(columns, (len(columns), block.stop - block.start))
        if terms:
            Z, codes = _rotated(fit, terms, block)
            for z, code, part in zip(Z, codes, parts, strict=True):
                for row, effect in zip(z, part, strict=True):
                    X -= row * effect[:, code]
            total[block] += leverage(Z, codes)
        half = root.T @ X
        total[block] += np.einsum("pn,pn->n", half, half)
    total *= fit.sigma**2
    for position, term in terms.items():
        unknown = term.codes < 0
        if unknown.any():
            total[unknown] += spread(term.columns, fit.estimates.covariances[position])[unknown]
    return total


def spread(columns: Sequence[FloatArray], covariance: FloatArray) -> FloatArray:
    """Return z'Sigma z of each row."""
    z = np.stack(columns)
    return np.asarray(np.einsum("an,ab,bn->n", z, covariance, z))


def _rotated(
    fit: LmerFit, terms: Mapping[int, RandomTerm], block: slice
) -> tuple[list[FloatArray], list[IntArray]]:
    """Return Z in the basis, (k, rows), and codes, per grouping factor.

    What is not part of the prediction, and levels not seen, have rows of zeros.
    """
    Z, codes = [], []
    n = block.stop - block.start
    for members in fit.solution.layout.members:
        z: list[FloatArray] = []
        code = np.zeros(n, dtype=np.intp)
        for position in members:
            term = terms.get(position)
            if term is None:
                z.append(np.zeros((len(fit.matrices.random[position].names), n)))
                continue
            known = term.codes[block] >= 0
            code = np.where(known, term.codes[block], 0)
            columns = np.stack([np.where(known, each[block], 0.0) for each in term.columns])
            z.append(fit.basis.rotations[position].T @ columns)
        Z.append(np.concatenate(z))
        codes.append(code)
    return Z, codes
