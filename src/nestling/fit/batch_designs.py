"""Many designs at once: replicates that have their own predictors on the same units.

The units and their nesting are the same in all replicates; Z'Z, Z'X and X'X are not. The passes
are those of nested factors, of which one factor is the plainest case.
"""

from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import BatchPoint, BatchSensitivity, BatchValue, ResponseBlocks, some
from nestling.fit.batch_nested import NestedBatch
from nestling.fit.criterion import Problem
from nestling.statistics.many_designs import ManyDesigns


@dataclass(frozen=True, slots=True)
class DesignBatch:
    """A kernel whose replicates share nothing but their units; see `BatchKernel`.

    Attributes
    ----------
    whole : NestedBatch
        With blocks whose last axis has all replicates.
    """

    whole: NestedBatch

    exact = False

    @classmethod
    def of(cls, problem: Problem, designs: ManyDesigns) -> "DesignBatch":
        """Arrange designs with one factor or nested ones."""
        shared = NestedBatch.of(
            problem, designs.units, ResponseBlocks((), np.empty(0), np.empty(0))
        )
        return cls(
            replace(
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
        )

    @property
    def cells(self) -> int:
        """See `BatchKernel`."""
        return self.whole.cells

    def value(self, index: IntArray, theta: FloatArray) -> BatchValue:
        """See `BatchKernel`."""
        return self._some(index).value(np.arange(len(index)), theta)

    def point(self, index: IntArray, theta: FloatArray) -> BatchPoint:
        """See `BatchKernel`."""
        return self._some(index).point(np.arange(len(index)), theta)

    def forms(self, index: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `BatchKernel`."""
        return self._some(index).forms(np.arange(len(index)), theta)

    def sensitivity(self, index: IntArray, theta: FloatArray) -> BatchSensitivity:
        """See `BatchKernel`."""
        return self._some(index).sensitivity(np.arange(len(index)), theta)

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
