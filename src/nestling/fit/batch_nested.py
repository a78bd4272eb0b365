"""Nested grouping factors, many responses: the passes up and down the tree, replicates last.

The steps are those of `nestling.fit.nested`. Every one of them also holds for complex numbers, so
that a complex step gives exact second derivatives where they are wanted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import (
    BatchPoint,
    BatchSensitivity,
    BatchValue,
    ResponseBlocks,
    some,
)
from nestling.fit.batch_chain import Chain
from nestling.fit.criterion import Problem
from nestling.fit.theta_map import Entries
from nestling.linalg.packed import pack
from nestling.linalg.stacked import cholesky, crossproduct, multiply, solve_lower
from nestling.statistics.sufficient import SufficientStatistics

STEP = 1e-30
"""Of the complex derivative: its error is of the order of the step's square."""


@dataclass(frozen=True, slots=True)
class NestedBatch:
    """Factors from the leaves up; what the replicates share has a last axis of length one.

    Attributes
    ----------
    ZZ : tuple of (k, k, J, 1) arrays
    cross : dict
        For levels l < m the (k_l, k_m, J_l, 1) blocks Z_l'Z_m of a unit and its ancestor.
    ancestors, sums : dict
        For l < m the index of each unit's ancestor, and the sparse matrix that adds over units
        with the same ancestor.
    ZX : tuple of (k, p, J, 1) arrays
    XX : (p, p, 1) array
    entries : tuple of Entries
    chain : Chain
    nu : int
    reml : bool
    responses : ResponseBlocks
    """

    ZZ: tuple[FloatArray, ...]
    cross: dict[tuple[int, int], FloatArray]
    ancestors: dict[tuple[int, int], IntArray]
    sums: dict[tuple[int, int], Any]
    ZX: tuple[FloatArray, ...]
    XX: FloatArray
    entries: tuple[Entries, ...]
    chain: Chain
    nu: int
    reml: bool
    responses: ResponseBlocks

    exact = False

    @classmethod
    def of(
        cls, problem: Problem, design: SufficientStatistics, responses: ResponseBlocks
    ) -> "NestedBatch":
        """Arrange a design whose every pair of factors is nested."""
        from scipy.sparse import csr_array

        ancestors = {(q.first, q.second): q.columns for q in design.pairs}
        sums = {}
        for (low, high), index in ancestors.items():
            units = np.arange(len(index))
            shape = (design.factors[high].n_levels, len(index))
            sums[low, high] = csr_array((np.ones(len(index)), (index, units)), shape=shape)
        return cls(
            ZZ=tuple(f.ZZ[..., None] for f in design.factors),
            cross={(q.first, q.second): q.ZZ[..., None] for q in design.pairs},
            ancestors=ancestors,
            sums=sums,
            ZX=tuple(f.ZW[:, :-1, :, None] for f in design.factors),
            XX=design.WW[:-1, :-1, None],
            entries=problem.parameters.entries,
            chain=Chain.of(problem.parameters),
            nu=problem.nu,
            reml=problem.reml,
            responses=responses,
        )

    @property
    def depth(self) -> int:
        """Number of grouping factors."""
        return len(self.ZZ)

    @property
    def cells(self) -> int:
        """See `BatchKernel`."""
        return sum(block.shape[2] for block in self.ZZ)

    def value(self, index: IntArray, theta: FloatArray) -> BatchValue:
        """See `BatchKernel`."""
        return Pass(self, index, theta).value()

    def point(self, index: IntArray, theta: FloatArray) -> BatchPoint:
        """See `BatchKernel`; the Hessian is the average information."""
        tree = Pass(self, index, theta)
        slopes = tree.slopes()
        return BatchPoint(
            theta=theta,
            criterion=tree.criterion(),
            gradient=self.chain.gradient(theta, slopes),
            hessian=self.chain.hessian(theta, slopes, tree.information()),
            slopes=slopes,
        )

    def forms(self, index: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `BatchKernel`."""
        tree = Pass(self, index, np.repeat(theta, len(index), axis=1))
        return tree.s, tree.square

    def sensitivity(self, index: IntArray, theta: FloatArray) -> BatchSensitivity:
        """See `BatchKernel`; the Hessian by complex steps of the gradient."""
        tree, m = Pass(self, index, theta), len(theta)
        rate, table = self.nu / tree.square, self.chain.jacobian(theta)
        s = np.einsum("imr,ir->mr", table, tree.s)
        hessian = np.empty((m + 1, m + 1, len(index)))
        for i in range(m):
            moved = theta.astype(complex)
            moved[i] += STEP * 1j
            gradient = self.chain.gradient(moved, Pass(self, index, moved).slopes())
            hessian[i, :m] = gradient.imag / STEP
        hessian[:m, :m] += (rate / tree.square) * s[:, None] * s
        hessian[m, :m] = hessian[:m, m] = 2.0 * rate * s
        hessian[m, m] = 4.0 * self.nu
        grams = np.einsum("imr,icr->mcr", table, tree.grams())
        return BatchSensitivity(hessian, tree.value().unscaled, grams)


class Pass:
    """The tree at one theta per replicate."""

    def __init__(self, batch: NestedBatch, index: IntArray, theta: FloatArray) -> None:
        self.batch = batch
        depth, responses = batch.depth, batch.responses
        self.Sigma, self.A, self.W, self.VX = [], [*batch.ZZ], [], []
        self.V: list[FloatArray] = []
        self.cross = dict(batch.cross)
        self.log_determinant = np.zeros(theta.shape[1])
        for level, entries in enumerate(batch.entries):
            T = np.zeros((entries.width, entries.width, 1, theta.shape[1]), dtype=theta.dtype)
            T[entries.row, entries.column, 0] = theta[entries.position]
            inner = crossproduct(T, multiply(self.A[level], T))
            for i in range(entries.width):
                inner[i, i] += 1.0
            lower = cholesky(inner)
            for i in range(entries.width):
                self.log_determinant = self.log_determinant + 2.0 * np.log(lower[i, i]).sum(axis=0)
            V = solve_lower(lower, T.transpose(1, 0, 2, 3))
            above = range(level + 1, depth)
            VX = {m: multiply(V, self.cross[level, m]) for m in above}
            for m in above:
                self.A[m] = self.A[m] - self._sum(level, m, crossproduct(VX[m], VX[m]))
                for r in range(m + 1, depth):
                    products = self._sum(level, m, crossproduct(VX[m], VX[r]))
                    self.cross[m, r] = self.cross[m, r] - products
            self.Sigma.append(np.einsum("abur,cbur->acur", T, T))
            self.V.append(V)
            self.VX.append(VX)
            self.W.append(crossproduct(V, V))
        R = theta.shape[1]
        right = []
        for X, Zy in zip(batch.ZX, responses.Zy, strict=True):
            both = np.empty((X.shape[0], X.shape[1] + 1, X.shape[2], R))
            both[:, :-1], both[:, -1] = X, some(Zy, index)
            right.append(both)
        H, absorbed = self.solve(right)
        # profile beta and sigma out
        p = len(batch.XX)
        self.root = cholesky(batch.XX - absorbed[:p, :p])
        identity = np.broadcast_to(np.eye(p)[:, :, None], (p, p, R))
        self.inverse = solve_lower(self.root, identity)
        left = some(responses.Xy, index) - absorbed[:p, p]
        self.half = np.einsum("pqr,qr->pr", self.inverse, left)
        self.square = some(responses.yy, index) - absorbed[p, p] - (self.half**2).sum(axis=0)
        self.fixed = [np.einsum("kpjr,qpr->kqjr", each[:, :p], self.inverse) for each in H]
        self.e = [
            each[:, p] - np.einsum("kpjr,pr->kjr", X, self.half)
            for each, X in zip(H, self.fixed, strict=True)
        ]
        self.s = self._elements([np.einsum("ajr,bjr->abr", e, e) for e in self.e])
        self.s = batch.chain.doubled * self.s

    def _sum(self, low: int, high: int, stack: FloatArray) -> FloatArray:
        """Add the matrices of units with the same ancestor."""
        add, (a, b) = self.batch.sums[low, high], stack.shape[:2]
        flat = [[add @ stack[i, j] for j in range(b)] for i in range(a)]
        return np.stack([np.stack(row) for row in flat])

    def _elements(self, matrices: list[FloatArray]) -> FloatArray:
        """Return the elements of a (k, k, R) matrix per factor where theta has its own."""
        out = np.empty((self.batch.chain.doubled.size, *matrices[0].shape[2:]), matrices[0].dtype)
        for each, matrix in zip(self.batch.entries, matrices, strict=True):
            out[each.position] = matrix[each.row, each.column]
        return out

    def solve(self, right: list[FloatArray]) -> tuple[list[FloatArray], FloatArray]:
        """From Z'R per level to Z'V^-1 R per level, and R'R - R'V^-1 R."""
        depth, ancestors = self.batch.depth, self.batch.ancestors
        reduced, absorbed = list(right), np.zeros(())
        for level in range(depth):
            half = multiply(self.V[level], reduced[level])
            absorbed = absorbed + np.einsum("acjr,adjr->cdr", half, half)
            for m in range(level + 1, depth):
                products = crossproduct(self.VX[level][m], half)
                reduced[m] = reduced[m] - self._sum(level, m, products)
        solved: list[FloatArray] = [np.empty(0)] * depth
        effects: list[FloatArray] = [np.empty(0)] * depth
        for level in reversed(range(depth)):
            rest = reduced[level]
            for m in range(level + 1, depth):
                above = effects[m][:, :, ancestors[level, m]]
                rest = rest - multiply(self.cross[level, m], above)
            solved[level] = rest - multiply(self.A[level], multiply(self.W[level], rest))
            effects[level] = multiply(self.Sigma[level], solved[level])
        return solved, absorbed

    def criterion(self) -> FloatArray:
        """Return the criterion, infinite where it has no value."""
        nu = self.batch.nu
        total = self.log_determinant + nu * (1.0 + np.log(2.0 * np.pi * self.square / nu))
        if self.batch.reml:
            total = total + 2.0 * np.log(np.einsum("ppr->pr", self.root)).sum(axis=0)
        return np.where(np.isfinite(total), total, np.inf)

    def value(self) -> BatchValue:
        """Return the criterion and what it profiles out."""
        return BatchValue(
            criterion=self.criterion(),
            square=self.square,
            beta=np.einsum("qpr,qr->pr", self.inverse, self.half),
            unscaled=np.einsum("qpr,qsr->psr", self.inverse, self.inverse),
        )

    def slopes(self) -> FloatArray:
        """Return the derivatives D to the elements of each Sigma."""
        rate = self.batch.nu / self.square
        slopes = self._elements(self._traces()) - rate * self.s / self.batch.chain.doubled
        if self.batch.reml:
            slopes = slopes - self._elements(
                [np.einsum("aijr,bijr->abr", X, X) for X in self.fixed]
            )
        return np.asarray(slopes)

    def _cross_above(self, level: int) -> FloatArray:
        blocks = [self.cross[level, m] for m in range(level + 1, self.batch.depth)]
        shape = np.broadcast_shapes(*(block.shape[2:] for block in blocks))
        wide = [np.broadcast_to(block, (*block.shape[:2], *shape)) for block in blocks]
        return np.concatenate(wide, axis=1)

    def _traces(self) -> list[FloatArray]:
        """Return the sums over units of Z_j'V^-1 Z_j, from the top down.

        `joint` is the relative conditional covariance of a unit's effects with its ancestors'.
        """
        depth = self.batch.depth
        traces: list[FloatArray] = [np.empty(0)] * depth
        joint = np.empty(0)
        for level in reversed(range(depth)):
            A, W = self.A[level], self.W[level]
            own = A - multiply(A, multiply(W, A))
            if level + 1 == depth:
                joint = W
            else:
                above = joint[:, :, self.batch.ancestors[level, level + 1]]
                cross = self._cross_above(level)
                WC = multiply(W, cross)
                G = cross - multiply(A, WC)
                own = own - np.einsum("aijr,bijr->abjr", multiply(G, above), G)
                if level:
                    corner = -multiply(WC, above)
                    block = W - np.einsum("aijr,bijr->abjr", corner, WC)
                    joint = np.concatenate(
                        [
                            np.concatenate([block, corner], axis=1),
                            np.concatenate([corner.transpose(1, 0, 2, 3), above], axis=1),
                        ]
                    )
            traces[level] = own.sum(axis=2)
        return traces

    def information(self) -> FloatArray:
        """Return the average information at the elements of Sigma, (m, m, R)."""
        batch, m = self.batch, len(self.s)
        h = []
        for each, e in zip(batch.entries, self.e, strict=True):
            part = np.zeros((each.width, m, *e.shape[1:]))
            part[each.row, each.position] = e[each.column]
            part[each.column, each.position] = e[each.row]
            h.append(part)
        product = [multiply(ZZ, part) for ZZ, part in zip(batch.ZZ, h, strict=True)]
        for (low, high), block in batch.cross.items():
            above = h[high][:, :, batch.ancestors[low, high]]
            product[low] += multiply(block, above)
            product[high] += self._sum(low, high, crossproduct(block, h[low]))
        image, _ = self.solve(product)
        quadratic = sum(
            np.einsum("amjr,anjr->mnr", left, right) for left, right in zip(h, image, strict=True)
        )
        fixed = sum(
            np.einsum("aijr,amjr->imr", X, left) for X, left in zip(self.fixed, h, strict=True)
        )
        rate = batch.nu / self.square
        information = rate * (quadratic - np.einsum("imr,inr->mnr", fixed, fixed))
        return np.asarray(information - (rate / self.square) * self.s[:, None] * self.s)

    def grams(self) -> FloatArray:
        """Return X'V^-1 V_E V^-1 X for the elements of Sigma, packed, (m, p (p + 1) / 2, R)."""
        p, m = len(self.root), len(self.s)
        out = np.empty((m, p * (p + 1) // 2, self.s.shape[1]))
        for each, X in zip(self.batch.entries, self.fixed, strict=True):
            # X holds Z'V^-1 X times the inverse root: undo it
            B = np.einsum("kqjr,pqr->kpjr", X, self.root)
            for position, a, b in zip(each.position, each.row, each.column, strict=True):
                gram = np.einsum("pjr,qjr->pqr", B[a], B[b])
                out[position] = pack(gram if a == b else gram + gram.transpose(1, 0, 2))
        return out
