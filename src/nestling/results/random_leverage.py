"""What the random effects of a row have to do with its own fitted value, row by row.

With C the relative conditional covariance of all random effects, z'Cz is the share of a row's
response that its conditional modes take up when the fixed effects are known. A row touches one
level of each grouping factor, so only the blocks of C between those levels are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.fit.crossed import Crossed
from nestling.fit.dense import DenseFactorisation
from nestling.fit.nested import NestedFactorisation
from nestling.fit.one_factor import OneFactorFactorisation
from nestling.linalg.threads import one_blas_thread
from nestling.results.conditional_modes import by_level
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

    Leverage = Callable[[Sequence[FloatArray], Sequence[IntArray]], FloatArray]

CHUNK = 256
"""Levels of the largest factor whose covariances with all others are held at a time."""


def rotated(fit: LmerFit, rows: Rows, block: slice) -> tuple[list[FloatArray], list[IntArray]]:
    """Return the rows of Z in the basis, (k, rows), and the codes, per grouping factor."""
    layout, terms = fit.solution.layout, fit.matrices.random
    Z, codes = [], []
    for members in layout.members:
        parts = [fit.basis.rotations[term].T @ rows.random(term, block) for term in members]
        Z.append(parts[0] if len(parts) == 1 else np.concatenate(parts))
        codes.append(terms[members[0]].codes[block])
    return Z, codes


def random_leverage(fit: LmerFit) -> Leverage:
    """Return the function that gives z'Cz for a block of rows of Z and their codes."""
    problem, point = fit.solution.problem, fit.solution.point
    structure = problem.structure
    if isinstance(structure, Crossed):
        single = Crossed.of(fit.statistics)
        with one_blas_thread(single.rest.q, scipy=True):
            return _crossed(single, problem.parameters.roots(point.theta))
    factorisation = by_level(problem, fit.statistics, point)
    if isinstance(factorisation, OneFactorFactorisation):
        V = factorisation.V
        return lambda Z, codes: _square(np.einsum("abn,bn->an", V[..., codes[0]], Z[0]))
    if isinstance(factorisation, NestedFactorisation):
        return _nested(factorisation)
    assert isinstance(factorisation, DenseFactorisation)
    shapes = factorisation.structure.shapes
    return _dense(factorisation.V.T @ factorisation.V, shapes)


def _square(columns: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("an,an->n", columns, columns))


def _nested(factorisation: NestedFactorisation) -> Leverage:
    """Climb from the leaf: each level takes its part of the row before the next one does."""

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        rest = list(Z)
        total = np.zeros(Z[0].shape[1])
        for level, code in enumerate(codes):
            half = np.einsum("abn,bn->an", factorisation.V[level][..., code], rest[level])
            total += _square(half)
            for above, VX in factorisation.VX[level].items():
                rest[above] = rest[above] - np.einsum("amn,an->mn", VX[..., code], half)
        return total

    return leverage


def _dense(C: FloatArray, shapes: Sequence[tuple[int, int]]) -> Leverage:
    """Look the blocks up in all of C."""
    starts = np.cumsum([0, *(J * k for J, k in shapes)])

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        z = np.concatenate(list(Z))
        columns = _columns(codes, [k for _, k in shapes], starts)
        total = np.zeros(z.shape[1])
        for a in range(len(z)):
            total += z[a] ** 2 * C[columns[a], columns[a]]
            for b in range(a):
                total += 2.0 * z[a] * z[b] * C[columns[a], columns[b]]
        return total

    return leverage


def _columns(codes: Sequence[IntArray], widths: Sequence[int], starts: IntArray) -> list[IntArray]:
    """Where the effects that a row touches stand, an array for each."""
    return [
        np.asarray(start + code * k + a)
        for code, k, start in zip(codes, widths, starts, strict=False)
        for a in range(k)
    ]


def _crossed(structure: Crossed, roots: tuple[FloatArray, ...]) -> Leverage:
    """Eliminate the largest factor; its covariances with the others only where they meet."""
    from scipy.sparse import csr_array

    factorisation, (cells,), rest = structure.factorise(roots), structure.cells, structure.rest
    (W,), C = factorisation.nested.W, factorisation.rest_covariance()
    level, k, q, n_levels = cells.levels, len(cells.values), cells.q, len(cells.starts) - 1
    WG = np.einsum("abc,bc->ac", W[..., level], cells.values)
    sparse = [csr_array((row, cells.columns, cells.starts), shape=(n_levels, q)) for row in WG]
    # M = W Z_1'Z_rest C on the cells that occur, and its product with W Z_1'Z_rest by level
    M = np.empty_like(WG)
    for start in range(0, n_levels, CHUNK):
        stop = min(start + CHUNK, n_levels)
        part = slice(cells.starts[start], cells.starts[stop])
        for a in range(k):
            image = sparse[a][start:stop] @ C
            M[a, part] = image[level[part] - start, cells.columns[part]]
    own = W.copy()
    for a in range(k):
        for b in range(k):
            own[a, b] += np.bincount(level, M[a] * WG[b], n_levels)
    keys = level * q + cells.columns
    others = _dense(C, rest.shapes)

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        first = Z[0]
        total = np.einsum("an,abn,bn->n", first, own[..., codes[0]], first)
        total += others(Z[1:], codes[1:])
        columns = _columns(codes[1:], [width for _, width in rest.shapes], rest.starts)
        for z, column in zip(np.concatenate(list(Z[1:])), columns, strict=True):
            cell = np.searchsorted(keys, codes[0] * q + column)
            total -= 2.0 * z * np.einsum("an,an->n", first, M[:, cell])
        return np.asarray(total)

    return leverage
