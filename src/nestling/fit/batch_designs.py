"""Many designs at once: replicates that have their own predictors on the same units.

The units and their nesting are the same in all replicates; Z'Z, Z'X and X'X are not. The passes
are those of nested factors, of which one factor is the plainest case: for that the second
derivatives are exact too.
"""

from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import BatchPoint, BatchSensitivity, BatchValue, ResponseBlocks, some
from nestling.fit.batch_nested import NestedBatch, Pass
from nestling.fit.batch_one_factor import trace_weights
from nestling.fit.criterion import Problem
from nestling.linalg.packed import pack
from nestling.linalg.stacked import multiply
from nestling.statistics.many_designs import ManyDesigns


@dataclass(frozen=True, slots=True)
class DesignBatch:
    """A kernel whose replicates share nothing but their units; see `BatchKernel`.

    Attributes
    ----------
    whole : NestedBatch
        With blocks whose last axis has all replicates.
    traces : (m m, s s) array or None
        From sums of K_x Y_y over levels to tr(E K F Y), for one factor.
    """

    whole: NestedBatch
    traces: FloatArray | None

    @classmethod
    def of(cls, problem: Problem, designs: ManyDesigns) -> "DesignBatch":
        """Arrange designs with one factor or nested ones."""
        shared = NestedBatch.of(
            problem, designs.units, ResponseBlocks((), np.empty(0), np.empty(0))
        )
        whole = replace(
            shared,
            ZZ=designs.ZZ,
            cross={
                (pair.first, pair.second): block
                for pair, block in zip(designs.units.pairs, designs.cross, strict=True)
            },
            ZX=designs.ZX,
            XX=designs.XX,
            responses=ResponseBlocks(designs.Zy, designs.Xy, designs.yy),
        )
        entries = problem.parameters.entries
        return cls(whole, trace_weights(entries[0]) if len(entries) == 1 else None)

    @property
    def exact(self) -> bool:
        """See `BatchKernel`."""
        return self.traces is not None

    @property
    def cells(self) -> int:
        """See `BatchKernel`."""
        return self.whole.cells

    def value(self, index: IntArray, theta: FloatArray) -> BatchValue:
        """See `BatchKernel`."""
        return self._some(index).value(np.arange(len(index)), theta)

    def point(self, index: IntArray, theta: FloatArray) -> BatchPoint:
        """See `BatchKernel`."""
        batch, everything = self._some(index), np.arange(len(index))
        if self.traces is None:
            return batch.point(everything, theta)
        tree = Pass(batch, everything, theta)
        slopes, chain = tree.slopes(), batch.chain
        return BatchPoint(
            theta=theta,
            criterion=tree.criterion(),
            gradient=chain.gradient(theta, slopes),
            hessian=chain.hessian(theta, slopes, curvature(tree, self.traces)),
            slopes=slopes,
        )

    def forms(self, index: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `BatchKernel`."""
        return self._some(index).forms(np.arange(len(index)), theta)

    def sensitivity(self, index: IntArray, theta: FloatArray) -> BatchSensitivity:
        """See `BatchKernel`."""
        batch, everything = self._some(index), np.arange(len(index))
        if self.traces is None:
            return batch.sensitivity(everything, theta)
        tree, m = Pass(batch, everything, theta), len(theta)
        chain, rate = batch.chain, batch.nu / tree.square
        free = curvature(tree, self.traces) + (rate / tree.square) * tree.s[:, None] * tree.s
        table = chain.jacobian(theta)
        hessian = np.empty((m + 1, m + 1, len(index)))
        hessian[:m, :m] = chain.hessian(theta, tree.slopes(), free)
        hessian[m, :m] = 2.0 * rate * np.einsum("imr,ir->mr", table, tree.s)
        hessian[:m, m] = hessian[m, :m]
        hessian[m, m] = 4.0 * batch.nu
        grams = np.einsum("imr,icr->mcr", table, tree.grams())
        return BatchSensitivity(hessian, tree.value().unscaled, grams)

    def _some(self, index: IntArray) -> NestedBatch:
        """Return a kernel of some replicates, numbered anew."""
        whole, responses = self.whole, self.whole.responses
        return replace(
            whole,
            ZZ=tuple(some(block, index) for block in whole.ZZ),
            cross={pair: some(block, index) for pair, block in whole.cross.items()},
            ZX=tuple(some(block, index) for block in whole.ZX),
            XX=some(whole.XX, index),
            responses=ResponseBlocks(
                tuple(some(block, index) for block in responses.Zy),
                some(responses.Xy, index),
                some(responses.yy, index),
            ),
        )


def curvature(tree: Pass, traces: FloatArray) -> FloatArray:
    """Return the second derivatives of the criterion in the elements of Sigma, (m, m, R).

    For one factor. With K = Z'V^-1 Z, e = Z'V^-1 (y - X beta) and X = Z'V^-1 X N^1/2 of each
    level, and Y = 2 e e' nu / r^2 - K (+ 2 X X' for REML), they are the sums of tr(E K F Y) less
    what profiling out beta and sigma takes away.
    """
    batch, (entries,), (e,), (X,) = tree.batch, tree.batch.entries, tree.e, tree.fixed
    A, R = tree.A[0], len(tree.square)
    rate = batch.nu / tree.square
    K = A - multiply(A, multiply(tree.W[0], A))
    Y = 2.0 * rate * e[:, None] * e - K
    if batch.reml:
        Y += 2.0 * np.einsum("apjr,bpjr->abjr", X, X)
    products = np.einsum("xjr,yjr->xyr", pack(K), pack(Y))
    m = len(entries.row)
    total = (traces @ products.reshape(-1, R)).reshape(m, m, R)
    half = np.empty((m, X.shape[1], R))
    for i, (a, b) in enumerate(zip(entries.row, entries.column, strict=True)):
        half[i] = np.einsum("pjr,jr->pr", X[a], e[b])
        if a != b:
            half[i] += np.einsum("pjr,jr->pr", X[b], e[a])
    total -= 2.0 * rate * np.einsum("mpr,npr->mnr", half, half)
    if batch.reml:
        grams = np.empty((m, X.shape[1], X.shape[1], R))
        for i, (a, b) in enumerate(zip(entries.row, entries.column, strict=True)):
            gram = np.einsum("pjr,qjr->pqr", X[a], X[b])
            grams[i] = gram if a == b else gram + gram.transpose(1, 0, 2)
        total -= np.einsum("mpqr,npqr->mnr", grams, grams)
    return np.asarray(total - (rate / tree.square) * tree.s[:, None] * tree.s)
