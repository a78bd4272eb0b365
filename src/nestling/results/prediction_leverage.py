"""z'Cz for rows that need not be like those of the fit: other levels may meet, or be absent.

C is the relative conditional covariance of all random effects.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nestling.results.conditional_modes import by_level
from nestling.results.random_leverage import random_leverage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scipy.sparse import csc_array

    from nestling.arrays import BoolArray, FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit
    from nestling.statistics.sufficient import SufficientStatistics

    Leverage = Callable[[Sequence[FloatArray], Sequence[IntArray]], FloatArray]

CHUNK_CELLS = 1 << 22
"""Random effects times rows that are solved for at a time."""


def leverage_of(fit: LmerFit) -> Leverage:
    """Return the function that gives z'Cz for rows of Z, in the basis, and their codes.

    Rows that touch one factor need the blocks of its levels; rows whose levels meet in the data
    of the fit need what leverages need; for others the sparse equations are solved.
    """
    factors = range(len(fit.solution.layout.members))

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        touched = np.array([(z != 0.0).any(axis=0) for z in Z])
        count = touched.sum(axis=0)
        total = np.zeros(len(count))
        for f in factors:
            alone = (count == 1) & touched[f]
            if alone.any():
                total[alone] = _within(fit, f, Z[f][:, alone], codes[f][alone])
        several = count > 1
        usual = several & (count == len(Z)) & _met(fit.statistics, codes)
        for which, solve in ((usual, random_leverage), (several & ~usual, _sparse)):
            if which.any():
                part = solve(fit)
                total[which] = part([z[:, which] for z in Z], [code[which] for code in codes])
        return total

    return leverage


def _within(fit: LmerFit, factor: int, z: FloatArray, code: IntArray) -> FloatArray:
    factorisation = by_level(fit.solution.problem, fit.statistics, fit.solution.point)
    C = factorisation.conditional_covariances()[factor]
    return np.asarray(np.einsum("an,abn,bn->n", z, C[..., code], z))


def _met(statistics: SufficientStatistics, codes: Sequence[IntArray]) -> BoolArray:
    """Whether all levels of a row meet, two by two, in the data of the fit."""
    met = np.ones(len(codes[0]), dtype=bool)
    known = {(pair.first, pair.second): pair for pair in statistics.pairs}
    for f, g in combinations(range(len(codes)), 2):
        pair, width = known[f, g], statistics.factors[g].n_levels
        met &= np.isin(codes[f] * width + codes[g], pair.rows * width + pair.columns)
    return met


def _sparse(fit: LmerFit) -> Leverage:
    """Solve (I + T'Z'ZT) u = T'z for every row; z'Cz is the product of u with T'z."""
    from scipy.sparse import block_diag, csc_array, eye_array, kron
    from scipy.sparse.linalg import splu

    problem, point = fit.solution.problem, fit.solution.point
    shapes = [(factor.n_levels, factor.width) for factor in fit.statistics.factors]
    starts = np.cumsum([0, *(J * k for J, k in shapes)])
    roots = problem.parameters.roots(point.theta)
    T = csc_array(
        block_diag([kron(eye_array(J), root) for (J, _), root in zip(shapes, roots, strict=True)])
    )
    inner = T.T @ _cross_products(fit.statistics, starts) @ T + eye_array(int(starts[-1]))
    factorised = splu(csc_array(inner), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        n = Z[0].shape[1]
        total = np.empty(n)
        step = max(1, CHUNK_CELLS // int(starts[-1]))
        for first in range(0, n, step):
            part = np.arange(first, min(first + step, n))
            right = np.zeros((int(starts[-1]), len(part)))
            for z, code, start, (_, k) in zip(Z, codes, starts, shapes, strict=False):
                for a in range(k):
                    right[start + code[part] * k + a, np.arange(len(part))] += z[a, part]
            scaled = np.asarray(T.T @ right)
            total[part] = np.einsum("qn,qn->n", scaled, factorised.solve(scaled))
        return total

    return leverage


def _cross_products(statistics: SufficientStatistics, starts: IntArray) -> csc_array:
    """Z'Z of all random effects; a level's effects are adjacent."""
    from scipy.sparse import coo_array, csc_array

    rows, columns, values = [], [], []

    def add(row: IntArray, column: IntArray, block: FloatArray) -> None:
        for a in range(block.shape[0]):
            for b in range(block.shape[1]):
                rows.append(row + a)
                columns.append(column + b)
                values.append(block[a, b])

    for start, factor in zip(starts, statistics.factors, strict=False):
        place = start + np.arange(factor.n_levels) * factor.width
        add(place, place, factor.ZZ)
    for pair in statistics.pairs:
        first = starts[pair.first] + pair.rows * statistics.factors[pair.first].width
        second = starts[pair.second] + pair.columns * statistics.factors[pair.second].width
        add(first, second, pair.ZZ)
        add(second, first, pair.ZZ.transpose(1, 0, 2))
    q = int(starts[-1])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return csc_array(coo_array(entries, shape=(q, q)))
