"""The boundary for many replicates: set vanishing variances to zero, and the sign test there.

The rules are those of `nestling.fit.boundary`, carried out for all replicates together.
"""

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch_start import by_term
from nestling.fit.boundary import NULL
from nestling.fit.criterion import Problem
from nestling.linalg.factor import lower_roots
from nestling.statistics.layout import Layout

SMALL = 1e-3
"""Relative standard deviations below this may be zero."""


def snapped_batch(
    problem: Problem, layout: Layout, theta: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return the thetas (m, R) with small variances set to zero, and where there were any."""
    zeroed, small = theta.copy(), np.zeros(theta.shape[1], dtype=bool)
    for position, row, column in by_term(problem.parameters, layout):
        if len(position) == 1:
            mine = np.abs(theta[position[0]]) < SMALL
            zeroed[position[0], mine] = 0.0
            small |= mine
            continue
        T = _roots(theta, position, row, column)
        # the smallest singular value is no smaller than |T| over the norm's (k - 1)th power
        norm = np.sqrt((theta[position] ** 2).sum(axis=0))
        determinant = np.abs(np.einsum("rkk->rk", T)).prod(axis=1)
        doubtful = determinant < 2.0 * SMALL * np.maximum(1.0, norm) * norm ** (T.shape[1] - 1)
        mine = np.flatnonzero(doubtful)
        left, values, _ = np.linalg.svd(T[mine])
        none = values < SMALL * np.maximum(1.0, values[:, :1])
        some = none.any(axis=1)
        mine = mine[some]
        kept = left[some] * np.where(none[some], 0.0, values[some])[:, None, :]
        zeroed[np.ix_(position, mine)] = lower_roots(kept)[:, row, column].T
        small[mine] = True
    return zeroed, small


def certified_batch(
    problem: Problem, layout: Layout, theta: FloatArray, slopes: FloatArray
) -> tuple[BoolArray, BoolArray]:
    """Return which replicates are singular, and which of them pass the sign test.

    `slopes` (m, R) are the derivatives D at the elements of Sigma that theta has.
    """
    singular = np.zeros(theta.shape[1], dtype=bool)
    passed = np.ones(theta.shape[1], dtype=bool)
    for position, row, column in by_term(problem.parameters, layout):
        T = _roots(theta, position, row, column)
        D = np.zeros_like(T)
        D[:, row, column] = D[:, column, row] = slopes[position].T
        values, vectors = np.linalg.eigh(T @ T.transpose(0, 2, 1))
        null = values < NULL * np.maximum(1.0, values[:, -1:])
        inside = np.einsum("rai,rab,rbj->rij", vectors, D, vectors, optimize=True)
        inside = np.where(null[:, :, None] & null[:, None, :], inside, 0.0)
        size = np.maximum(1.0, np.abs(D).max(axis=(1, 2)))
        passed &= np.linalg.eigvalsh(inside)[:, 0] >= -1e-6 * size
        singular |= null.any(axis=1)
    return singular, passed


def _roots(theta: FloatArray, position: IntArray, row: IntArray, column: IntArray) -> FloatArray:
    k = int(row.max()) + 1
    T = np.zeros((theta.shape[1], k, k))
    T[:, row, column] = theta[position].T
    return T
