"""The grouping factors that are not eliminated: one dense matrix, factorised by LAPACK.

Only lower triangles are formed. The matrices are large: each is worked on in place.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.structure import Roots
from nestling.statistics.sufficient import SufficientStatistics

WEAK = 1e-2
"""Below this information about an effect, relative to its variance, I - (I + T'ST)^-1 cancels."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Z'Z of the factors that are not eliminated, a level's effects adjacent.

    Attributes
    ----------
    matrix : sparse (q, q) matrix
    lower : tuple of arrays
        Rows, columns and values of its lower triangle.
    ZW : (q, c) array
    shapes : tuple of (J, k)
    """

    matrix: Any
    lower: tuple[IntArray, IntArray, FloatArray]
    ZW: FloatArray
    shapes: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, statistics: SufficientStatistics, factors: tuple[int, ...]) -> "Rest":
        """Arrange the statistics of these factors."""
        from scipy.sparse import csr_array

        chosen = [statistics.factors[f] for f in factors]
        shapes = tuple((f.n_levels, f.width) for f in chosen)
        starts = np.cumsum([0, *(J * k for J, k in shapes)])
        every = [np.arange(J) for J, _ in shapes]
        blocks = [(g, g, every[g], every[g], f.ZZ) for g, f in enumerate(chosen)]
        for pair in statistics.pairs:
            if pair.first in factors and pair.second in factors:
                f, g = factors.index(pair.first), factors.index(pair.second)
                blocks.append((f, g, pair.rows, pair.columns, pair.ZZ))
                blocks.append((g, f, pair.columns, pair.rows, pair.ZZ.transpose(1, 0, 2)))
        parts = []
        for f, g, rows, columns, ZZ in blocks:
            k, r, _ = ZZ.shape
            row = starts[f] + rows * k + np.arange(k)[:, None, None]
            column = starts[g] + columns * r + np.arange(r)[:, None]
            row, column = np.broadcast_to(row, ZZ.shape), np.broadcast_to(column, ZZ.shape)
            parts.append((row.ravel(), column.ravel(), ZZ.ravel()))
        row, column, value = (np.concatenate(part) for part in zip(*parts, strict=True))
        below = row >= column
        ZW = np.concatenate([f.ZW.transpose(2, 0, 1).reshape(-1, f.ZW.shape[1]) for f in chosen])
        matrix = csr_array((value, (row, column)), shape=(starts[-1],) * 2)
        return cls(matrix, (row[below], column[below], value[below]), ZW, shapes)

    @property
    def starts(self) -> IntArray:
        """Where the effects of each factor start, and where the last ends."""
        return np.cumsum([0, *(J * k for J, k in self.shapes)])

    @property
    def q(self) -> int:
        """Number of effects."""
        return len(self.ZW)

    def slices(self) -> list[slice]:
        """Return where the effects of each factor stand."""
        return [slice(a, b) for a, b in itertools.pairwise(self.starts)]

    def split(self, matrix: FloatArray) -> tuple[FloatArray, ...]:
        """From (q, m) to (k, m, J) per factor."""
        return tuple(
            matrix[part].reshape(J, k, -1).transpose(1, 2, 0)
            for part, (J, k) in zip(self.slices(), self.shapes, strict=True)
        )

    def stacked(self, parts: tuple[FloatArray, ...]) -> FloatArray:
        """From (k, m, J) per factor to (q, m)."""
        return np.concatenate(
            [part.transpose(2, 0, 1).reshape(-1, part.shape[1]) for part in parts]
        )

    def scaled(self, roots: Roots, matrix: FloatArray) -> FloatArray:
        """Return Lambda times a (q, m) matrix."""
        return np.concatenate(
            [
                (T @ matrix[part].reshape(J, k, -1)).reshape(J * k, -1)
                for part, (J, k), T in zip(self.slices(), self.shapes, roots, strict=True)
            ]
        )

    def congruence(self, roots: Roots, matrix: FloatArray) -> FloatArray:
        """Turn S into Lambda'S Lambda, in place; the lower triangle of blocks of factors."""
        slices = self.slices()
        if any(k > 1 for _, k in self.shapes):
            mirror_lower(matrix)  # T mixes both triangles of a level's own block
        for (f, rows), (g, columns) in itertools.product(enumerate(slices), repeat=2):
            if f < g:
                continue
            block, (J, k), (L, r) = matrix[rows, columns], self.shapes[f], self.shapes[g]
            if k == 1 and r == 1:
                block *= roots[f][0, 0] * roots[g][0, 0]
                continue
            step = max(1, (1 << 20) // (k * L * r))
            for start in range(0, J, step):
                band = block[start * k : (start + step) * k]
                right = (band.reshape(-1, r) @ roots[g]).reshape(-1, k, L * r)
                band[:] = (roots[f].T @ right).reshape(-1, L * r)
        return matrix

    def factorise(self, absorbed: FloatArray, roots: Roots) -> "RestFactorisation":
        """Factorise I + Lambda'S Lambda with S = Z'Z - absorbed, whose memory is used."""
        from scipy.linalg.lapack import dpotrf

        schur = np.negative(absorbed, out=absorbed)
        rows, columns, values = self.lower
        schur[rows, columns] += values
        weak = {}
        for f, (part, (_, k), T) in enumerate(zip(self.slices(), self.shapes, roots, strict=True)):
            own = schur[part, part]
            blocks = np.stack(
                [own[max(a, b) :: k, min(a, b) :: k].diagonal() for a in range(k) for b in range(k)]
            )
            mean = blocks.mean(axis=1).reshape(k, k)
            if not np.linalg.eigvalsh(T.T @ mean @ T)[0] > WEAK:
                above = schur[part, : part.start].T
                symmetric = np.tril(own) + np.tril(own, -1).T
                weak[f] = np.concatenate([above, symmetric, schur[part.stop :, part]])
        inner = self.congruence(roots, schur)
        inner[np.diag_indices_from(inner)] += 1.0
        # the lower triangle by rows is LAPACK's upper one by columns: inner.T = U'U in place
        upper, status = dpotrf(inner.T, lower=0, clean=0, overwrite_a=1)
        if status != 0:
            raise np.linalg.LinAlgError("the Schur complement is not positive definite")
        return RestFactorisation(self, roots, upper, weak)


@dataclass(frozen=True, slots=True)
class RestFactorisation:
    """I + Lambda'S Lambda = U'U; only the upper triangle of `upper` counts.

    `weak` holds the columns of S of the factors whose effects are hardly there.
    """

    structure: Rest
    roots: Roots
    upper: FloatArray
    weak: dict[int, FloatArray]

    @property
    def log_determinant(self) -> float:
        """Log |I + Lambda'S Lambda|."""
        return float(2.0 * np.log(np.diag(self.upper)).sum())

    def _half(self, right: FloatArray) -> FloatArray:
        """U^-T Lambda' R."""
        from scipy.linalg.lapack import dtrtrs

        transposed = tuple(T.T for T in self.roots)
        half, _ = dtrtrs(self.upper, self.structure.scaled(transposed, right), lower=0, trans=1)
        return np.asarray(half)

    def solve(self, right: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return Lambda M Lambda'R, M Lambda'R and R'Lambda M Lambda'R, M being the inverse."""
        from scipy.linalg.lapack import dtrtrs

        half = self._half(right)
        spherical = np.asarray(dtrtrs(self.upper, half, lower=0)[0])
        return self.structure.scaled(self.roots, spherical), spherical, half.T @ half

    def correct(self, solved: FloatArray, spherical: FloatArray) -> None:
        """Put Lambda^-T M^-1 Lambda'R for R - S Lambda M^-1 Lambda'R, where that cancels."""
        for f, (part, (J, k)) in enumerate(
            zip(self.structure.slices(), self.structure.shapes, strict=True)
        ):
            if f not in self.weak:
                root = np.linalg.inv(self.roots[f]).T
                solved[part] = (root @ spherical[part].reshape(J, k, -1)).reshape(J * k, -1)

    def inverse(self) -> FloatArray:
        """(I + Lambda'S Lambda)^-1, the lower triangle."""
        from scipy.linalg.lapack import dpotri

        inverse, _ = dpotri(self.upper, lower=0)
        return np.asarray(inverse).T

    def covariance(self, inverse: FloatArray, *, whole: bool) -> FloatArray:
        """Turn the inverse, in place, into the conditional covariance of the effects."""
        transposed = tuple(T.T for T in self.roots)
        covariance = self.structure.congruence(transposed, inverse)
        if whole:
            mirror_lower(covariance)
        return covariance

    def blocks(self, matrix: FloatArray) -> tuple[FloatArray, ...]:
        """Return the diagonal block of each level, (k, k, J) per factor, from a lower triangle."""
        result = []
        for part, (J, k) in zip(self.structure.slices(), self.structure.shapes, strict=True):
            own = matrix[part, part]
            block = np.empty((k, k, J))
            for a, b in zip(*np.tril_indices(k), strict=True):
                block[a, b] = block[b, a] = own[a::k, b::k].diagonal()
            result.append(block)
        return tuple(result)

    def traces(self, inverse: FloatArray) -> tuple[FloatArray, ...]:
        """Return the sum over levels of K = S - S C S, in the order of the factors.

        T'KT = I - (I + Lambda'S Lambda)^-1 where that does not cancel, else directly.
        """
        structure, traces = self.structure, []
        for f, block in enumerate(self.blocks(inverse)):
            k, J = len(block), block.shape[2]
            if f in self.weak:
                columns = self.weak[f]
                part = structure.slices()[f]
                half = self._half(columns).reshape(-1, J, k)
                own = np.einsum("jajb->ab", columns[part].reshape(J, k, J, k))
                trace = own - np.einsum("ija,ijb->ab", half, half)
            else:
                root = np.linalg.inv(self.roots[f])
                trace = root.T @ (J * np.eye(k) - block.sum(axis=2)) @ root
            traces.append((trace + trace.T) / 2.0)
        return tuple(traces)


def mirror_lower(matrix: FloatArray) -> None:
    """Copy the lower triangle to the upper one, in place and block by block."""
    step = 512
    for start in range(0, len(matrix), step):
        stop = min(start + step, len(matrix))
        corner = matrix[start:stop, start:stop]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
        matrix[start:stop, stop:] = matrix[stop:, start:stop].T
