"""Marginal residuals made independent: an inverse root of their covariance times them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ModelError
from nestling.fit.choose import is_nested
from nestling.results.random_leverage import rotated
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

LARGEST = 6000
"""Random effects of crossed factors whose joint eigenvectors can be found."""


def marginal_residuals(fit: LmerFit) -> FloatArray:
    """Return y - X beta, the offset taken out, in the rows' own units."""
    weights = fit.matrices.weights
    values = _weighted(fit)
    return values if weights is None else values / np.sqrt(weights)


def normalised_residuals(fit: LmerFit) -> FloatArray:
    """Return marginal residuals that the model makes independent with variance one.

    L^-1 sqrt(w) (y - X beta) / sigma with V = L L'. For nested grouping factors L is the
    Cholesky factor, the rows sorted by cluster: each row less what the rows of its cluster
    before it predict. Crossed factors have no such order: L is the symmetric root of V.
    """
    values = _weighted(fit) / fit.sigma
    rows = Rows.of(fit.matrices)
    Z, codes = rotated(fit, rows, slice(0, rows.n))
    solution = fit.solution
    roots = solution.problem.parameters.roots(solution.point.theta)
    if is_nested(fit.statistics):
        return _innovations(values, Z, codes, [T @ T.T for T in roots])
    return _symmetric(values, Z, codes, roots)


def _weighted(fit: LmerFit) -> FloatArray:
    """Return sqrt(w) (y - X beta): from the rows in the basis, as small differences."""
    basis, rows = fit.basis, Rows.of(fit.matrices)
    contrast = np.append(-fit.solution.point.beta, 1.0)
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    values = np.empty(rows.n)
    for block in rows.blocks():
        values[block] = contrast @ (basis.transform.T @ rows.fixed(block)[columns])
    return values * basis.response_scale


def _innovations(
    values: FloatArray, Z: list[FloatArray], codes: list[IntArray], Sigma: list[FloatArray]
) -> FloatArray:
    """Filter the rows of every topmost cluster, the first of all clusters together, and so on.

    The state is the joint distribution of the effects of a row's clusters given the rows before
    it; where a cluster is new, its effects start from their own distribution.
    """
    widths = [len(S) for S in Sigma]
    ends = np.cumsum(widths)
    order = np.lexsort(codes)
    top = codes[-1][order]
    first = np.flatnonzero(np.r_[True, np.diff(top) != 0])
    turn = np.arange(len(top)) - np.repeat(first, np.diff(np.r_[first, len(top)]))
    # rows of the same turn belong to different topmost clusters
    by_turn = np.argsort(turn, kind="stable")
    z = np.concatenate(Z)
    K, J = len(z), len(first)
    cluster = np.repeat(np.arange(J), np.diff(np.r_[first, len(top)]))
    mean, P = np.zeros((K, J)), np.zeros((K, K, J))
    before = [np.full(J, -1) for _ in codes]
    result = np.empty_like(values)
    bounds = np.r_[0, np.cumsum(np.bincount(turn))]
    for start, stop in itertools.pairwise(bounds):
        at = by_turn[start:stop]
        row, j = order[at], cluster[at]
        for code, S, last, end in zip(codes, Sigma, before, ends, strict=True):
            new = j[code[row] != last[j]]
            if len(new):
                part = slice(end - len(S), end)
                mean[part, new] = 0.0
                P[part, :, new] = 0.0
                P[:, part, new] = 0.0
                P[part, part, new] = S[:, :, None]
                last[j] = code[row]
        zj = z[:, row]
        Pz = np.einsum("abj,bj->aj", P[..., j], zj)
        variance = 1.0 + np.einsum("aj,aj->j", zj, Pz)
        innovation = values[row] - np.einsum("aj,aj->j", zj, mean[:, j])
        result[row] = innovation / np.sqrt(variance)
        mean[:, j] += Pz * (innovation / variance)
        P[..., j] -= Pz[:, None] * Pz[None, :] / variance
    return result


def _symmetric(
    values: FloatArray, Z: list[FloatArray], codes: list[IntArray], roots: tuple[FloatArray, ...]
) -> FloatArray:
    """V^-1/2 r from the eigenvalues of Lambda'Z'Z Lambda, of the order of the random effects."""
    from scipy.linalg import eigh
    from scipy.sparse import csr_array

    n, position = len(values), 0
    columns, entries = [], []
    for z, code, T in zip(Z, codes, roots, strict=True):
        for a, effect in enumerate(T.T @ z):
            columns.append(position + code * len(T) + a)
            entries.append(effect)
        position += (int(code.max()) + 1) * len(T)
    if position > LARGEST:
        raise ModelError(
            f"kind='normalised' of crossed grouping factors with {position} random effects needs "
            f"their joint eigenvectors, which are too many (at most {LARGEST}). Ask for "
            "kind='studentised' instead."
        )
    cells = (np.tile(np.arange(n), len(columns)), np.concatenate(columns))
    U = csr_array((np.concatenate(entries), cells), shape=(n, position))
    squares, vectors = eigh((U.T @ U).toarray())
    squares = np.maximum(squares, 0.0)
    # V = I + UU' has roots sqrt(1 + s) along Uv; (1/sqrt(1 + s) - 1) / s without cancellation
    factor = -1.0 / (np.sqrt(1.0 + squares) * (1.0 + np.sqrt(1.0 + squares)))
    return np.asarray(values + U @ (vectors @ (factor * (vectors.T @ (U.T @ values)))))
