"""The rows of a model's matrices, visited block by block so that temporaries stay in cache."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray
from nestling.model.matrices import ModelMatrices

BLOCK = 1 << 15
"""Rows per block: a block of ten columns stays within a processor's second-level cache."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of [X y] and Z, each times the square root of its prior weight.

    Attributes
    ----------
    matrices : ModelMatrices
    response : (n,) array
        The response less the offset.
    root_weights : (n,) array or None
    held : tuple of (columns, n) arrays
        [X y] and each term's Z as `fixed` and `random` return them, when they are one block.
    """

    matrices: ModelMatrices
    response: FloatArray
    root_weights: FloatArray | None
    held: tuple[FloatArray, ...] = ()

    @classmethod
    def of(cls, matrices: ModelMatrices, response: FloatArray | None = None) -> "Rows":
        """Take the rows of these matrices, with another response if one is given."""
        y = matrices.response if response is None else response
        if matrices.offset is not None:
            y = y - matrices.offset
        weights = matrices.weights
        rows = cls(matrices, y, None if weights is None else np.sqrt(weights))
        if rows.n > BLOCK:
            return rows
        everything = slice(0, rows.n)
        terms = range(len(matrices.random))
        held = (rows.fixed(everything), *(rows.random(term, everything) for term in terms))
        return replace(rows, held=held)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.response)

    @property
    def intercept(self) -> int | None:
        """Position of the constant column of X, if there is one."""
        return _constant(self.matrices.columns)

    def random_intercept(self, term: int) -> int | None:
        """Position of the constant column in a term's Z, if there is one."""
        return _constant(self.matrices.random[term].columns)

    def blocks(self) -> Iterator[slice]:
        """Yield slices that cover the rows."""
        for start in range(0, self.n, BLOCK):
            yield slice(start, min(start + BLOCK, self.n))

    def fixed(self, block: slice) -> FloatArray:
        """Return the rows of [X y], (p + 1, rows): columns are contiguous."""
        if self.held:
            return self.held[0][:, block]
        return self._stack((*self.matrices.columns, self.response), block)

    def random(self, term: int, block: slice) -> FloatArray:
        """Return the rows of a term's Z, (k, rows)."""
        if self.held:
            return self.held[1 + term][:, block]
        return self._stack(self.matrices.random[term].columns, block)

    def _stack(self, columns: tuple[FloatArray, ...], block: slice) -> FloatArray:
        stacked = np.empty((len(columns), block.stop - block.start))
        for row, column in zip(stacked, columns, strict=True):
            row[:] = column[block]
        if self.root_weights is not None:
            stacked *= self.root_weights[block]
        return stacked

    def fixed_gram(self, transform: FloatArray | None = None) -> FloatArray:
        """Return the cross-products of [X y], or of [X y] times `transform`."""
        return self._gram(self.fixed, transform)

    def random_gram(self, term: int, transform: FloatArray | None = None) -> FloatArray:
        """Return the cross-products of a term's Z, or of Z times `transform`."""
        return self._gram(lambda block: self.random(term, block), transform)

    def _gram(
        self, take: Callable[[slice], FloatArray], transform: FloatArray | None
    ) -> FloatArray:
        # sums of sums: one running total over 1e7 rows would lose four digits
        parts = []
        for block in self.blocks():
            rows = take(block) if transform is None else transform.T @ take(block)
            parts.append(rows @ rows.T)
        return parts[0] if len(parts) == 1 else np.asarray(sum(parts))


def _constant(columns: tuple[FloatArray, ...]) -> int | None:
    for position, column in enumerate(columns):
        if column.strides == (0,) and column[0] != 0.0:
            return position
    return None
