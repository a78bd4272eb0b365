"""Any structure with few random effects: all of Z'Z as one matrix, all derivatives exact."""

import itertools
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.structure import Roots, Score
from nestling.linalg.threads import one_blas_thread
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class Dense:
    """Z'Z (q, q), Z'[X y] (q, c) and [X y]'[X y] (c, c); a level's effects are adjacent."""

    A: FloatArray
    B: FloatArray
    C: FloatArray
    shapes: tuple[tuple[int, int], ...]

    exact = True

    @classmethod
    def of(cls, statistics: SufficientStatistics) -> "Dense":
        """Assemble the matrices from the blocks."""
        factors = statistics.factors
        shapes = tuple((f.n_levels, f.width) for f in factors)
        starts = np.cumsum([0, *(J * k for J, k in shapes)])
        A = np.zeros((starts[-1], starts[-1]))
        for f, (J, k) in enumerate(shapes):
            index = starts[f] + np.arange(J * k).reshape(J, k)
            A[index[:, :, None], index[:, None, :]] = factors[f].ZZ.transpose(2, 0, 1)
        for pair in statistics.pairs:
            k, other = pair.ZZ.shape[:2]
            row = starts[pair.first] + pair.rows[:, None] * k + np.arange(k)
            column = starts[pair.second] + pair.columns[:, None] * other + np.arange(other)
            A[row[:, :, None], column[:, None, :]] = pair.ZZ.transpose(2, 0, 1)
            A[column[:, :, None], row[:, None, :]] = pair.ZZ.transpose(2, 1, 0)
        B = np.concatenate([f.ZW.transpose(2, 0, 1).reshape(-1, f.ZW.shape[1]) for f in factors])
        return cls(A, B, statistics.WW, shapes)

    def slices(self) -> list[slice]:
        """Return where each factor's effects stand."""
        starts = np.cumsum([0, *(J * k for J, k in self.shapes)])
        return [slice(a, b) for a, b in itertools.pairwise(starts)]

    def scaled(self, roots: Roots, matrix: FloatArray) -> FloatArray:
        """Return matrix times the block diagonal Lambda."""
        result = np.empty_like(matrix)
        for part, (J, k), T in zip(self.slices(), self.shapes, roots, strict=True):
            if k == 1:
                np.multiply(matrix[:, part], T[0, 0], out=result[:, part])
            else:
                result[:, part] = (matrix[:, part].reshape(-1, k) @ T).reshape(-1, J * k)
        return result

    def factorise(self, roots: Roots) -> "DenseFactorisation":
        """Factorise I + Lambda'A Lambda."""
        with one_blas_thread(len(self.A), scipy=True):
            return self._factorise(roots)

    def _factorise(self, roots: Roots) -> "DenseFactorisation":
        from scipy.linalg.lapack import dpotrf, dtrtrs

        AL = self.scaled(roots, self.A)
        inner = self.scaled(roots, AL.T)
        inner[np.diag_indices_from(inner)] += 1.0
        # Fortran order lets LAPACK work in place; the matrix is symmetric, so .T is free
        lower, status = dpotrf(inner.T, lower=1, overwrite_a=1)
        if status != 0:
            raise np.linalg.LinAlgError("I + Lambda'A Lambda is not positive definite")
        BL = self.scaled(roots, self.B.T)
        VA, _ = dtrtrs(lower, AL.T, lower=1)
        VB, _ = dtrtrs(lower, BL.T, lower=1)
        return DenseFactorisation(
            structure=self,
            roots=roots,
            log_determinant=float(2.0 * np.log(np.diag(lower)).sum()),
            lower=lower,
            K=self.A - VA.T @ VA,
            WVW=self.C - VB.T @ VB,
            H=self.B - VA.T @ VB,
        )


@dataclass(frozen=True, slots=True)
class DenseFactorisation:
    """See `nestling.fit.structure.Factorisation`."""

    structure: Dense
    roots: Roots
    log_determinant: float
    lower: FloatArray
    K: FloatArray
    WVW: FloatArray
    H: FloatArray

    @property
    def V(self) -> FloatArray:
        """L^-1 Lambda', with L L' = I + Lambda'A Lambda."""
        from scipy.linalg.lapack import dtrtrs

        transposed = tuple(T.T for T in self.roots)
        with one_blas_thread(len(self.K), scipy=True):
            inverse, _ = dtrtrs(self.lower, np.eye(len(self.lower)), lower=1)
            return self.structure.scaled(transposed, inverse)

    @property
    def ZVW(self) -> tuple[FloatArray, ...]:
        """Z'V^-1 [X y] per factor."""
        return self._by_factor(self.H)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h per factor."""
        with one_blas_thread(len(self.K)):
            return self._by_factor(self.K @ _stacked(h))

    def _by_factor(self, matrix: FloatArray) -> tuple[FloatArray, ...]:
        return tuple(
            matrix[part].reshape(J, k, -1).transpose(1, 2, 0)
            for part, (J, k) in zip(self.structure.slices(), self.structure.shapes, strict=True)
        )

    def _diagonal_blocks(self, matrix: FloatArray) -> list[FloatArray]:
        blocks = []
        for part, (J, k) in zip(self.structure.slices(), self.structure.shapes, strict=True):
            table = matrix[part, part].reshape(J, k, J, k)
            blocks.append(np.einsum("jajb->abj", table))
        return blocks

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sums of the diagonal blocks of K."""
        return tuple(block.sum(axis=2) for block in self._diagonal_blocks(self.K))

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the exact Hessian: -tr(C E C F) + 2c h_E'Z'PZ h_F - (c / r^2) s_E s_F.

        h = Ee, s = e'Ee and C is Z'PZ by REML and Z'V^-1 Z by ML.
        """
        with one_blas_thread(len(self.K)):
            return self._curvature(directions, score)

    def _curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        X = _stacked(score.fixed)
        P = self.K - X @ X.T
        h = np.concatenate(
            [
                np.einsum("mab,bj->jam", E, e).reshape(-1, len(E))
                for E, e in zip(directions, score.residuals, strict=True)
            ]
        )
        s = sum(
            np.einsum("mab,aj,bj->m", E, e, e)
            for E, e in zip(directions, score.residuals, strict=True)
        )
        traces = self._trace_products(directions, P if score.reml else self.K)
        hessian = 2.0 * score.rate * (h.T @ P @ h)
        return np.asarray(hessian - (score.rate / score.square) * np.outer(s, s) - traces)

    def _trace_products(self, directions: tuple[FloatArray, ...], C: FloatArray) -> FloatArray:
        """Return tr(C E C F) for all pairs of directions."""
        m = len(directions[0])
        total = np.zeros((m, m))
        parts, shapes = self.structure.slices(), self.structure.shapes
        for f, (J, k) in enumerate(shapes):
            for g in range(f, len(shapes)):
                L, r = shapes[g]
                levels = C[parts[f], parts[g]].reshape(J, k, L, r)
                block = levels.transpose(1, 3, 0, 2).reshape(k * r, -1)
                moments = (block @ block.T).reshape(k, r, k, r)
                # sum_jl C_jl[a, d] C_jl[b, c] E[a, b] F[c, d]
                pairs = moments.transpose(0, 2, 3, 1).reshape(k * k, r * r)
                part = directions[f].reshape(m, -1) @ pairs @ directions[g].reshape(m, -1).T
                total += part if f == g else part + part.T
        return total

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return the diagonal blocks of Lambda (I + Lambda'A Lambda)^-1 Lambda'."""
        V = self.V
        return tuple(self._diagonal_blocks(V.T @ V))


def _stacked(parts: tuple[FloatArray, ...]) -> FloatArray:
    """Stack (k, p, J) arrays of several factors to (q, p), a level's effects adjacent."""
    # -1 would not do: X may have no columns
    return np.concatenate(
        [
            part.transpose(2, 0, 1).reshape(part.shape[2] * part.shape[0], part.shape[1])
            for part in parts
        ]
    )
