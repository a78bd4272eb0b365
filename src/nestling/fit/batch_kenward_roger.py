"""Kenward and Roger's adjustment for many replicates with one grouping factor.

The formulas are those of the adjustment of one fit (Kenward and Roger 1997): P_i and Q_ij from
B = Z'V^-1 X N^1/2 and K = Z'V^-1 Z of each level, whose blocks are all there is of them when there
is one grouping factor; the expected information tr(P V_i P V_j); and the identity's share from
V = I + Z Sigma Z'. In units of sigma^2 and of the basis.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import ResponseBlocks, in_pieces
from nestling.fit.batch_nested import NestedBatch, Pass
from nestling.fit.batch_solve import BatchSolution
from nestling.fit.criterion import Problem
from nestling.linalg.stacked import multiply
from nestling.statistics.sufficient import SufficientStatistics

SMALL = 1e-10
"""Information below this share of the largest counts as none, and the rest is inverted."""

HELD = 1 << 21
"""Numbers per level and replicate that are held together."""


@dataclass(frozen=True, slots=True)
class BatchKenwardRoger:
    """What tests need, in units of sigma^2 and of the basis; replicates along the last axis.

    Attributes
    ----------
    unadjusted, vcov : (p, p, R) arrays
        Covariance matrix of the fixed effects given the variances, and adjusted for what is not
        known about these.
    grams : (m, p, p, R) array
        How `unadjusted` moves with each variance parameter.
    weights : (m, m, R) array
        Covariance matrix of the variance parameters, from the expected information.
    """

    unadjusted: FloatArray
    vcov: FloatArray
    grams: FloatArray
    weights: FloatArray

    def variance(self, contrasts: FloatArray) -> FloatArray:
        """Return the adjusted variance of each contrast (c, p), (c, R)."""
        return np.asarray(np.einsum("ci,ijr,cj->cr", contrasts, self.vcov, contrasts))

    def df(self, contrasts: FloatArray) -> FloatArray:
        """Return the degrees of freedom of the t test of each contrast (c, p), (c, R)."""
        variance = np.einsum("ci,ijr,cj->cr", contrasts, self.unadjusted, contrasts)
        moved = np.einsum("ci,mijr,cj->mcr", contrasts, self.grams, contrasts, optimize=True)
        spread = np.einsum("mcr,mnr,ncr->cr", moved, self.weights, moved, optimize=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * variance**2 / spread)

    def spreads(self, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return A1 and A2 of the joint test of independent rows (q, p), (R,) each."""
        unadjusted = np.einsum("ai,ijr,bj->rab", rows, self.unadjusted, rows)
        U = np.linalg.inv(np.linalg.cholesky(unadjusted)).transpose(0, 2, 1)
        moved = np.einsum("ai,mijr,bj->mrab", rows, self.grams, rows, optimize=True)
        D = U.transpose(0, 2, 1) @ moved @ U
        traces = np.einsum("mraa->mr", D)
        A1 = np.einsum("mr,mnr,nr->r", traces, self.weights, traces)
        A2 = np.einsum("mnr,mrab,nrba->r", self.weights, D, D, optimize=True)
        return np.asarray(A1), np.asarray(A2)


def shared_kenward_roger(
    problem: Problem,
    design: SufficientStatistics,
    responses: ResponseBlocks,
    solution: BatchSolution,
) -> BatchKenwardRoger:
    """Adjust for responses to one design."""
    return kenward_roger_of(NestedBatch.of(problem, design, responses), solution)


def kenward_roger_of(batch: NestedBatch, solution: BatchSolution) -> BatchKenwardRoger:
    """Adjust for the replicates of a kernel with one grouping factor, at their optima by REML."""
    k, p, J = batch.ZX[0].shape[:3]
    m, R = solution.theta.shape
    step = max(1, HELD // (2 * (m + 1) * k * (p + k) * J))

    def adjusted(index: IntArray, theta: FloatArray) -> BatchKenwardRoger:
        return _adjusted(batch, index, theta)

    return in_pieces(adjusted, np.arange(R), solution.theta, step)


def _adjusted(batch: NestedBatch, index: IntArray, theta: FloatArray) -> BatchKenwardRoger:
    tree, (entries,) = Pass(batch, index, theta), batch.entries
    A, (B,) = tree.A[0], tree.fixed
    K = A - multiply(A, multiply(tree.W[0], A))
    p, m, R = B.shape[1], len(entries.row), theta.shape[1]
    Sigma = tree.Sigma[0]
    # E B and E K of every direction E: the elements of Sigma, then Sigma itself
    EB, EK = np.zeros((m + 1, *B.shape)), np.zeros((m + 1, *K.shape))
    for i, (a, b) in enumerate(zip(entries.row, entries.column, strict=True)):
        EB[i, a], EB[i, b] = B[b], B[a]
        EK[i, a], EK[i, b] = K[b], K[a]
    EB[m], EK[m] = multiply(Sigma, B), multiply(Sigma, K)
    G = np.stack([np.einsum("apjr,aqjr->pqr", B, each) for each in EB])
    traces, Q = np.empty((m + 1, m + 1, R)), np.empty((m + 1, m + 1, p, p, R))
    for j in range(m + 1):
        KEB = multiply(K, EB[j])
        for i in range(j + 1):
            Q[i, j] = np.einsum("apjr,aqjr->pqr", EB[i], KEB)
            Q[j, i] = Q[i, j].transpose(1, 0, 2)
            traces[i, j] = traces[j, i] = np.einsum("abjr,bajr->r", EK[i], EK[j])
    mixed = np.einsum("mnppr->mnr", Q)
    traces += np.einsum("mabr,nbar->mnr", G, G) - mixed - mixed.transpose(1, 0, 2)
    mean = np.einsum("maajr->mr", EK) - np.einsum("mppr->mr", G)
    information = traces.copy()
    information[m, :m] = information[:m, m] = mean[:m] - traces[m, :m]
    information[m, m] = batch.nu - 2.0 * mean[m] + traces[m, m]
    identity = np.eye(p)[:, :, None]
    own = Q[m, m].copy()
    Q[m, m] = identity - 2.0 * G[m] + own
    Q[:m, m] = G[:m] - Q[:m, m]
    Q[m, :m] = G[:m] - Q[m, :m]
    G[m] = identity - G[m]
    weights = 2.0 * _inverse(information)
    inner = np.einsum("mnr,mnabr->abr", weights, Q)
    inner -= np.einsum("mnr,mabr,nbcr->acr", weights, G, G, optimize=True)
    root = tree.inverse.transpose(1, 0, 2)
    vcov = _between(root, identity + inner + inner.transpose(1, 0, 2))
    grams = np.stack([_between(root, each) for each in G])
    return BatchKenwardRoger(_between(root, identity + np.zeros(R)), vcov, grams, weights)


def _between(root: FloatArray, middle: FloatArray) -> FloatArray:
    """Return root middle root'."""
    return np.asarray(np.einsum("air,ijr,bjr->abr", root, middle, root, optimize=True))


def _inverse(information: FloatArray) -> FloatArray:
    """Invert (m, m, R); parameters the data cannot tell apart share what there is."""
    size = np.sqrt(np.maximum(np.einsum("mmr->mr", information), 0.0))
    scale = np.where(size > 0.0, size, 1.0)
    scaled = information / (scale[:, None] * scale)
    finite = np.isfinite(scaled).all(axis=(0, 1))
    values, vectors = np.linalg.eigh(np.where(finite, scaled, 0.0).transpose(2, 0, 1))
    known = values > SMALL * values[:, -1:]
    half = vectors * np.where(known, 1.0 / np.sqrt(np.where(known, values, 1.0)), 0.0)[:, None]
    half /= scale.T[:, :, None]
    inverse = (half @ half.transpose(0, 2, 1)).transpose(1, 2, 0)
    return np.where(finite, inverse, np.nan)
