"""Grouping factors nested in one another: eliminated from the leaves up, without fill.

Once the effects of a level are integrated out, what remains couples only units with the same
parent, so the cross-products of the next level stay block diagonal. Every step is a stack of
small matrices. The way back down gives Z'V^-1 Z and the conditional covariances.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
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
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class Nested:
    """Factors from the leaves up.

    Attributes
    ----------
    ZZ : tuple of (k, k, J) arrays
    cross : dict
        For levels l < m the (k_l, k_m, J_l) blocks Z_l'Z_m of a unit and its ancestor.
    ancestors : dict
        For l < m the (J_l,) index of each unit's ancestor.
    ZW : tuple of (k, c, J) arrays
    WW : (c, c) array
    """

    ZZ: tuple[FloatArray, ...]
    cross: dict[tuple[int, int], FloatArray]
    ancestors: dict[tuple[int, int], IntArray]
    ZW: tuple[FloatArray, ...]
    WW: FloatArray

    exact = False

    @classmethod
    def of(cls, statistics: SufficientStatistics) -> "Nested":
        """Arrange statistics whose every pair of factors is nested."""
        return cls(
            ZZ=tuple(f.ZZ for f in statistics.factors),
            cross={(p.first, p.second): p.ZZ for p in statistics.pairs},
            ancestors={(p.first, p.second): p.columns for p in statistics.pairs},
            ZW=tuple(f.ZW for f in statistics.factors),
            WW=statistics.WW,
        )

    @property
    def depth(self) -> int:
        """Number of grouping factors."""
        return len(self.ZZ)

    def factorise(self, roots: Roots) -> "NestedFactorisation":
        """Eliminate level by level: W = T (I + T'AT)^-1 T' with A updated by the levels below."""
        A = [block.copy() for block in self.ZZ]
        cross = {key: block.copy() for key, block in self.cross.items()}
        V: list[FloatArray] = []
        VX: list[dict[int, FloatArray]] = []
        total = 0.0
        for level, T in enumerate(roots):
            inner = congruence(T, A[level])
            inner[np.arange(len(T)), np.arange(len(T))] += 1.0
            lower = cholesky(inner)
            total += log_determinant(lower)
            V.append(solve_lower(lower, T.T[:, :, None]))
            above = range(level + 1, self.depth)
            VX.append({m: multiply(V[level], cross[level, m]) for m in above})
            for m in above:
                index = self.ancestors[level, m]
                A[m] -= sum_by(index, crossproduct(VX[level][m], VX[level][m]), A[m].shape[2])
                for r in range(m + 1, self.depth):
                    products = crossproduct(VX[level][m], VX[level][r])
                    cross[m, r] -= sum_by(index, products, A[m].shape[2])
        return NestedFactorisation(
            self,
            log_determinant=total,
            A=tuple(A),
            cross=cross,
            V=tuple(V),
            VX=tuple(VX),
        )

    def product(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'Z h from the blocks."""
        product = [multiply(A, part) for A, part in zip(self.ZZ, h, strict=True)]
        for (low, high), block in self.cross.items():
            index = self.ancestors[low, high]
            product[low] += multiply(block, h[high][..., index])
            product[high] += sum_by(index, crossproduct(block, h[low]), product[high].shape[2])
        return tuple(product)


def sum_by(index: IntArray, stack: FloatArray, size: int) -> FloatArray:
    """Add the matrices of a stack (m, r, J) that have the same index, to (m, r, size)."""
    total = np.empty((*stack.shape[:2], size))
    for a, b in np.ndindex(*stack.shape[:2]):
        total[a, b] = np.bincount(index, stack[a, b], size)
    return total


class NestedFactorisation:
    """See `nestling.fit.structure.Factorisation`; the passes up and down the tree."""

    __slots__ = (
        "A", "V", "VX", "W", "WVW", "ZVW", "_structure", "cross", "effects",
        "log_determinant",
    )  # fmt: skip

    def __init__(
        self,
        structure: Nested,
        *,
        log_determinant: float,
        A: tuple[FloatArray, ...],
        cross: dict[tuple[int, int], FloatArray],
        V: tuple[FloatArray, ...],
        VX: tuple[dict[int, FloatArray], ...],
    ) -> None:
        self._structure, self.log_determinant, self.A = structure, log_determinant, A
        self.cross, self.V, self.VX = cross, V, VX
        self.W = tuple(crossproduct(v, v) for v in V)
        self.ZVW, self.effects, absorbed = self.solve(structure.ZW)
        self.WVW = structure.WW - absorbed

    def solve(
        self, right: tuple[FloatArray, ...]
    ) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...], FloatArray]:
        """From Z'R per level to Z'V^-1 R and Sigma Z'V^-1 R per level, and R'R - R'V^-1 R."""
        depth, ancestors = self._structure.depth, self._structure.ancestors
        reduced = [block.copy() for block in right]
        absorbed = np.zeros((right[0].shape[1],) * 2)
        for level in range(depth):
            half = multiply(self.V[level], reduced[level])
            absorbed += np.einsum("acj,adj->cd", half, half)
            for m in range(level + 1, depth):
                products = crossproduct(self.VX[level][m], half)
                reduced[m] -= sum_by(ancestors[level, m], products, reduced[m].shape[2])
        solved: list[FloatArray] = [np.empty(0)] * depth
        effects: list[FloatArray] = [np.empty(0)] * depth
        for level in reversed(range(depth)):
            rest = reduced[level]
            for m in range(level + 1, depth):
                rest = rest - multiply(self.cross[level, m], effects[m][..., ancestors[level, m]])
            effects[level] = multiply(self.W[level], rest)
            solved[level] = rest - multiply(self.A[level], effects[level])
        return tuple(solved), tuple(effects), absorbed

    def _joint_covariances(self) -> list[FloatArray]:
        """Relative conditional covariance of each unit's effects with all its ancestors'."""
        structure = self._structure
        joint: list[FloatArray] = [np.empty(0)] * structure.depth
        joint[-1] = self.W[-1]
        for level in reversed(range(structure.depth - 1)):
            above = joint[level + 1][..., structure.ancestors[level, level + 1]]
            slope = -multiply(self.W[level], self._cross_above(level))
            corner = multiply(slope, above)
            own = self.W[level] + np.einsum("aij,bij->abj", corner, slope)
            joint[level] = np.concatenate(
                [
                    np.concatenate([own, corner], axis=1),
                    np.concatenate([corner.transpose(1, 0, 2), above], axis=1),
                ]
            )
        return joint

    def _cross_above(self, level: int) -> FloatArray:
        depth = self._structure.depth
        return np.concatenate([self.cross[level, m] for m in range(level + 1, depth)], axis=1)

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sums over units of Z_j'V^-1 Z_j."""
        structure, joint = self._structure, self._joint_covariances()
        traces = []
        for level, A in enumerate(self.A):
            WA = multiply(self.W[level], A)
            own = A - multiply(A, WA)
            if level + 1 < structure.depth:
                cross = self._cross_above(level)
                G = cross - multiply(A, multiply(self.W[level], cross))
                above = joint[level + 1][..., structure.ancestors[level, level + 1]]
                own = own - np.einsum("aij,bij->abj", multiply(G, above), G)
            traces.append(own.sum(axis=2))
        return tuple(traces)

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the average information."""
        return average_information(directions, score, self.apply)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h per level of the tree."""
        return self.solve(self._structure.product(h))[0]

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return the relative conditional covariance of each unit's effects."""
        joint = self._joint_covariances()
        return tuple(
            block[: A.shape[0], : A.shape[0]] for block, A in zip(joint, self.A, strict=True)
        )
