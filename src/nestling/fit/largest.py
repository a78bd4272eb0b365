"""The largest grouping factor beside all others as one dense matrix."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.structure import Roots
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class Largest:
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

    @classmethod
    def of(cls, statistics: SufficientStatistics) -> "Largest":
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


def combine(weights: FloatArray, join: tuple[Any, ...]) -> Any:
    """Return the sum over effects b of diag(weights[b]) join[b], sparse (J, q2)."""
    from scipy.sparse import diags_array

    return sum(diags_array(w) @ part for w, part in zip(weights, join, strict=True))


def subtract_square(target: FloatArray, sparse: Any) -> None:
    """Subtract sparse' sparse from a dense matrix in place."""
    product = (sparse.T @ sparse).tocoo()
    target[product.row, product.col] -= product.data
