"""Crossed grouping factors: the largest eliminated level by level, the rest by LAPACK.

The effects of the factor with most levels have a block diagonal precision given the others.
Eliminating them leaves a dense Schur complement of the other factors' order, whose Cholesky
factor and inverse are the work of an evaluation.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.average_information import average_information
from nestling.fit.structure import Roots, Score
from nestling.linalg.stacked import (
    cholesky,
    congruence,
    crossproduct,
    log_determinant,
    multiply,
    solve_lower,
)
from nestling.linalg.threads import one_blas_thread
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class Crossed:
    """The largest factor's blocks, the others' Z'Z as one matrix, and what joins them.

    Attributes
    ----------
    ZZ : (k, k, J) array
        Of the largest factor.
    rest : (q2, q2) array
        Z'Z of all others; a level's effects are adjacent.
    join : tuple of k sparse (J, q2) matrices
        Z_largest'Z_rest, one per effect of the largest factor.
    ZW, ZW_rest, WW : arrays
    shapes : tuple of (J, k)
        Of the other factors.
    """

    ZZ: FloatArray
    rest: FloatArray
    join: tuple[Any, ...]
    ZW: FloatArray
    ZW_rest: FloatArray
    WW: FloatArray
    shapes: tuple[tuple[int, int], ...]

    exact = False

    @classmethod
    def of(cls, statistics: SufficientStatistics) -> "Crossed":
        """Arrange statistics of two or more factors, the first having most levels."""
        from scipy.sparse import csr_array

        first, *others = statistics.factors
        shapes = tuple((f.n_levels, f.width) for f in others)
        starts = np.cumsum([0, *(J * k for J, k in shapes)])
        rest = np.zeros((starts[-1], starts[-1]))
        joins: list[list[Any]] = [[] for _ in range(first.width)]
        for f, factor in enumerate(others):
            J, k = shapes[f]
            index = starts[f] + np.arange(J * k).reshape(J, k)
            rest[index[:, :, None], index[:, None, :]] = factor.ZZ.transpose(2, 0, 1)
        for pair in statistics.pairs:
            k = pair.ZZ.shape[1]
            column = starts[pair.second - 1] + pair.columns[:, None] * k + np.arange(k)
            if pair.first == 0:
                rows = np.repeat(pair.rows, k)
                for a in range(first.width):
                    joins[a].append((pair.ZZ[a].T.ravel(), rows, column.ravel()))
                continue
            r = pair.ZZ.shape[0]
            row = starts[pair.first - 1] + pair.rows[:, None] * r + np.arange(r)
            rest[row[:, :, None], column[:, None, :]] = pair.ZZ.transpose(2, 0, 1)
            rest[column[:, :, None], row[:, None, :]] = pair.ZZ.transpose(2, 1, 0)
        join = []
        for parts in joins:
            values, rows, columns = (np.concatenate(part) for part in zip(*parts, strict=True))
            shape = (first.n_levels, int(starts[-1]))
            join.append(csr_array((values, (rows, columns)), shape=shape))
        ZW_rest = np.concatenate(
            [f.ZW.transpose(2, 0, 1).reshape(-1, f.ZW.shape[1]) for f in others]
        )
        return cls(first.ZZ, rest, tuple(join), first.ZW, ZW_rest, statistics.WW, shapes)

    def slices(self) -> list[slice]:
        """Return where the effects of each of the other factors stand."""
        starts = np.cumsum([0, *(J * k for J, k in self.shapes)])
        return [slice(a, b) for a, b in itertools.pairwise(starts)]

    def scaled(self, roots: Roots, matrix: FloatArray) -> FloatArray:
        """Return matrix times the block diagonal Lambda of the other factors."""
        result = np.empty_like(matrix)
        for part, (J, k), T in zip(self.slices(), self.shapes, roots[1:], strict=True):
            if k == 1:
                np.multiply(matrix[:, part], T[0, 0], out=result[:, part])
            else:
                result[:, part] = (matrix[:, part].reshape(-1, J, k) @ T).reshape(-1, J * k)
        return result

    def factorise(self, roots: Roots) -> "CrossedFactorisation":
        """Eliminate the largest factor, then factorise the dense Schur complement."""
        with one_blas_thread(len(self.rest), scipy=True):
            return CrossedFactorisation(self, roots)


class CrossedFactorisation:
    """See `nestling.fit.structure.Factorisation`."""

    __slots__ = (
        "WVW", "ZVW", "_V", "_W", "_inverse", "_lower", "_roots", "_schur", "_structure",
        "log_determinant",
    )  # fmt: skip

    def __init__(self, structure: Crossed, roots: Roots) -> None:
        from scipy.linalg.lapack import dpotrf

        T = roots[0]
        inner = congruence(T, structure.ZZ)
        inner[np.arange(len(T)), np.arange(len(T))] += 1.0
        lower = cholesky(inner)
        self._structure, self._roots = structure, roots
        self._V = solve_lower(lower, T.T[:, :, None])
        self._W = crossproduct(self._V, self._V)
        self._schur = structure.rest.copy()
        for row in self._V:
            half = combine(row, structure.join)
            subtract_square(self._schur, half)
        # Fortran order lets LAPACK work in place; the matrix is symmetric, so .T is free
        inner_rest = structure.scaled(roots, structure.scaled(roots, self._schur).T)
        inner_rest[np.diag_indices_from(inner_rest)] += 1.0
        factor, status = dpotrf(inner_rest.T, lower=1, overwrite_a=1)
        if status != 0:
            raise np.linalg.LinAlgError("the Schur complement is not positive definite")
        self._lower: FloatArray = factor
        self._inverse: FloatArray | None = None
        rest = float(2.0 * np.log(np.diag(factor)).sum())
        self.log_determinant = log_determinant(lower) + rest
        solved, absorbed = self._solve(structure.ZW, structure.ZW_rest)
        self.ZVW = self._by_factor(*solved)
        self.WVW = structure.WW - absorbed

    def _solve(
        self, right: FloatArray, right_rest: FloatArray
    ) -> tuple[tuple[FloatArray, FloatArray], FloatArray]:
        """From Z'R to Z'V^-1 R, for the largest factor and the rest, and R'R - R'V^-1 R."""
        from scipy.linalg.lapack import dtrtrs

        structure = self._structure
        half = multiply(self._V, right)
        absorbed = np.einsum("acj,adj->cd", half, half)
        eliminated = crossproduct(self._V, half)
        reduced = right_rest - sum(
            join.T @ part.T for join, part in zip(structure.join, eliminated, strict=True)
        )
        half_rest, _ = dtrtrs(self._lower, structure.scaled(self._roots, reduced.T).T, lower=1)
        absorbed = absorbed + half_rest.T @ half_rest
        spherical, _ = dtrtrs(self._lower, half_rest, lower=1, trans=1)
        transposed = tuple(T.T for T in self._roots)
        effects = structure.scaled(transposed, spherical.T).T
        solved_rest = reduced - self._schur @ effects
        left = right - np.stack([(join @ effects).T for join in structure.join])
        solved = left - multiply(structure.ZZ, multiply(self._W, left))
        return (solved, solved_rest), absorbed

    def _by_factor(self, first: FloatArray, rest: FloatArray) -> tuple[FloatArray, ...]:
        structure = self._structure
        return (
            first,
            *(
                rest[part].reshape(J, k, -1).transpose(1, 2, 0)
                for part, (J, k) in zip(structure.slices(), structure.shapes, strict=True)
            ),
        )

    def _inner_inverse(self) -> FloatArray:
        """(I + Lambda'S Lambda)^-1 of the Schur complement S, formed when first needed."""
        from scipy.linalg.lapack import dpotri

        if self._inverse is None:
            inverse, _ = dpotri(self._lower, lower=1)
            mirror_lower(inverse)
            self._inverse = inverse
        return self._inverse

    def _covariance_rest(self) -> FloatArray:
        """Lambda (I + Lambda'S Lambda)^-1 Lambda': relative conditional covariance of the rest."""
        transposed = tuple(T.T for T in self._roots)
        half = self._structure.scaled(transposed, self._inner_inverse())
        return self._structure.scaled(transposed, half.T)

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sums over levels of Z_j'V^-1 Z_j.

        K Lambda = S Lambda (I + Lambda'S Lambda)^-1 has no division by T; K itself is recovered
        from it unless T is nearly singular, when it is formed directly.
        """
        structure = self._structure
        with one_blas_thread(len(structure.rest), scipy=True):
            return self._traces(structure)

    def _traces(self, structure: Crossed) -> tuple[FloatArray, ...]:
        covariance = self._covariance_rest()
        inverse = self._inner_inverse()
        scaled = structure.scaled(self._roots, self._schur)
        traces = [self._first_trace(covariance)]
        for part, (J, k), T in zip(
            structure.slices(), structure.shapes, self._roots[1:], strict=True
        ):
            diagonal = np.abs(np.diag(T))
            if diagonal.min() > 1e-3 * max(1.0, diagonal.max()):
                left = scaled[part].reshape(J, k, -1)
                right = inverse[part].reshape(J, k, -1)
                KT = np.einsum("jai,jbi->ab", left, right)
                trace = np.linalg.solve(T.T, KT.T).T
            else:
                rows = self._schur[part]
                image = (rows @ covariance).reshape(J, k, -1)
                own = np.einsum("jajb->ab", self._schur[part, part].reshape(J, k, J, k))
                trace = own - np.einsum("jai,jbi->ab", image, rows.reshape(J, k, -1))
            traces.append((trace + trace.T) / 2.0)
        return tuple(traces)

    def _first_trace(self, covariance: FloatArray) -> FloatArray:
        A, structure = self._structure.ZZ, self._structure
        AW = multiply(A, self._W)
        trace = (A - multiply(AW, A)).sum(axis=2)
        residual = -AW
        residual[np.arange(len(A)), np.arange(len(A))] += 1.0
        G = [combine(row, structure.join) for row in residual]
        for a in range(len(A)):
            for b in range(a + 1):
                value = product_sum(G[a], G[b], covariance)
                trace[a, b] -= value
                if a != b:
                    trace[b, a] -= value
        return np.asarray(trace)

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the average information."""
        with one_blas_thread(len(self._structure.rest), scipy=True):
            return average_information(directions, score, self._apply)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h per factor."""
        with one_blas_thread(len(self._structure.rest), scipy=True):
            return self._apply(h)

    def _apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        structure = self._structure
        first = h[0]
        rest = np.concatenate(
            [part.transpose(2, 0, 1).reshape(-1, part.shape[1]) for part in h[1:]]
        )
        right = multiply(structure.ZZ, first)
        right += np.stack([(join @ rest).T for join in structure.join])
        right_rest = structure.rest @ rest
        for join, part in zip(structure.join, first, strict=True):
            right_rest += join.T @ part.T
        return self._by_factor(*self._solve(right, right_rest)[0])

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return the relative conditional covariance of each level's effects."""
        structure = self._structure
        with one_blas_thread(len(structure.rest), scipy=True):
            covariance = self._covariance_rest()
        k = len(self._W)
        WG = [combine(row, structure.join) for row in self._W]
        first = self._W.copy()
        for a in range(k):
            image = WG[a] @ covariance
            for b in range(k):
                first[a, b] += WG[b].multiply(image).sum(axis=1)
        blocks = [first]
        for part, (J, width) in zip(structure.slices(), structure.shapes, strict=True):
            table = covariance[part, part].reshape(J, width, J, width)
            blocks.append(np.einsum("jajb->abj", table))
        return tuple(blocks)


def combine(weights: FloatArray, join: tuple[Any, ...]) -> Any:
    """Return the sum over effects b of diag(weights[b]) join[b], sparse (J, q2)."""
    from scipy.sparse import diags_array

    return sum(diags_array(w) @ part for w, part in zip(weights, join, strict=True))


def subtract_square(target: FloatArray, sparse: Any) -> None:
    """Subtract sparse' sparse from a dense matrix in place."""
    product = (sparse.T @ sparse).tocoo()
    target[product.row, product.col] -= product.data


def product_sum(left: Any, right: Any, weights: FloatArray) -> float:
    """Return the sum of (left' right) * weights, elementwise, over the cells that occur."""
    product = (left.T @ right).tocoo()
    return float(product.data @ weights[product.row, product.col])


def mirror_lower(matrix: FloatArray) -> None:
    """Copy the lower triangle to the upper one, in place and block by block."""
    step = 512
    for start in range(0, len(matrix), step):
        stop = min(start + step, len(matrix))
        corner = matrix[start:stop, start:stop]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
        matrix[start:stop, stop:] = matrix[stop:, start:stop].T
