"""What the random effects of a row have to do with its own fitted value, row by row.

With C the relative conditional covariance of all random effects, z'Cz is the share of a row's
response that its conditional modes take up when the fixed effects are known. A row touches one
level of each grouping factor, so only the blocks of C between those levels are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.fit.crossed import Crossed
from nestling.fit.dense import DenseFactorisation
from nestling.fit.nested import NestedFactorisation
from nestling.fit.one_factor import OneFactorFactorisation
from nestling.linalg.stacked import cholesky, congruence, crossproduct, solve_lower
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
        with one_blas_thread(len(structure.rest), scipy=True):
            return _crossed(structure, problem.parameters.roots(point.theta))
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

    W = _first_covariances(structure, roots[0])
    join = structure.join[0]
    k, q = len(structure.join), len(structure.rest)
    level = np.repeat(np.arange(join.shape[0]), np.diff(join.indptr))
    data = np.stack([part.data for part in structure.join])
    WG = np.einsum("abc,bc->ac", W[..., level], data)
    sparse = [csr_array((values, join.indices, join.indptr), shape=join.shape) for values in WG]
    C = _rest_covariance(structure, roots, sparse)
    # M = W Z_1'Z_rest C on the cells that occur, and its product with W Z_1'Z_rest by level
    M = np.empty_like(WG)
    for start in range(0, join.shape[0], CHUNK):
        stop = min(start + CHUNK, join.shape[0])
        cells = slice(join.indptr[start], join.indptr[stop])
        for a in range(k):
            image = sparse[a][start:stop] @ C
            M[a, cells] = image[level[cells] - start, join.indices[cells]]
    own = W.copy()
    for a in range(k):
        for b in range(k):
            own[a, b] += np.bincount(level, M[a] * WG[b], join.shape[0])
    order = np.argsort(level * q + join.indices, kind="stable")
    keys = (level * q + join.indices)[order]
    rest = _dense(C, structure.shapes)
    starts = np.cumsum([0, *(J * width for J, width in structure.shapes)])

    def leverage(Z: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
        first = Z[0]
        total = np.einsum("an,abn,bn->n", first, own[..., codes[0]], first)
        total += rest(Z[1:], codes[1:])
        columns = _columns(codes[1:], [width for _, width in structure.shapes], starts)
        for z, column in zip(np.concatenate(list(Z[1:])), columns, strict=True):
            cell = order[np.searchsorted(keys, codes[0] * q + column)]
            total -= 2.0 * z * np.einsum("an,an->n", first, M[:, cell])
        return np.asarray(total)

    return leverage


def _first_covariances(structure: Crossed, T: FloatArray) -> FloatArray:
    """T (I + T'AT)^-1 T' of each level of the largest factor, the others known."""
    inner = congruence(T, structure.ZZ)
    inner[np.arange(len(T)), np.arange(len(T))] += 1.0
    V = solve_lower(cholesky(inner), T.T[:, :, None])
    return crossproduct(V, V)


def _rest_covariance(
    structure: Crossed, roots: tuple[FloatArray, ...], WG: Sequence[Any]
) -> FloatArray:
    """Relative conditional covariance of the effects of all other factors."""
    schur = structure.rest.copy()
    for join, part in zip(structure.join, WG, strict=True):
        schur -= (join.T @ part).toarray()
    inner = structure.scaled(roots, structure.scaled(roots, schur).T)
    inner[np.diag_indices_from(inner)] += 1.0
    transposed = tuple(T.T for T in roots)
    half = structure.scaled(transposed, np.asarray(np.linalg.inv(inner), dtype=float))
    return structure.scaled(transposed, half.T)
