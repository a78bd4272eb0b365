"""What joins an eliminated grouping factor to the others: Z_j'Z_rest of each of its levels.

Two ways to hold it. Where levels meet few of the others, as cells; the products of every two
cells of a level are formed once, for they stay the same at every theta. Where levels meet most
of the others, as a table for matrix products.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.linalg.stacked import crossproduct

HELD = 1 << 26
"""Up to this many products of cells are kept (12 bytes each), else formed anew in every use."""

AT_ONCE = 1 << 23
"""Products of cells, or numbers of a table, worked on at a time."""

PRODUCT = 60
"""Multiplications of a matrix product in the time of one product of cells."""


class Join(Protocol):
    """z_j = Z_j'Z_rest, (k, q) for each of J levels."""

    def square(self, V: FloatArray) -> FloatArray:
        """Return the sum of z_j'V_j'V_j z_j, (q, q); the lower triangle is enough."""
        ...

    def quadratic(self, C: FloatArray) -> FloatArray:
        """Return z_j C z_j' for a symmetric C, (k, k, J)."""
        ...

    def gathered(self, weights: FloatArray, parents: IntArray, size: int) -> FloatArray:
        """Return the sums of weights_j z_j over levels with the same parent, (r, size, q)."""
        ...

    def contracted(self, M: FloatArray, parents: IntArray) -> FloatArray:
        """Return M z_j' with the (r, q) matrix M of a level's parent, (r, k, J)."""
        ...


@dataclass(frozen=True)
class Cells:
    """The cells that occur, sorted by level and then column.

    Attributes
    ----------
    starts : (J + 1,) array
        Where the cells of each level start.
    columns : (m,) array
    values : (k, m) array
    q : int
        Number of columns.
    """

    starts: IntArray
    columns: IntArray
    values: FloatArray
    q: int

    @cached_property
    def levels(self) -> IntArray:
        """Level of each cell."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def matrices(self) -> tuple[Any, ...]:
        """The (J, q) sparse matrix of each effect."""
        from scipy.sparse import csr_array

        shape = (len(self.starts) - 1, self.q)
        return tuple(
            csr_array((row, self.columns, self.starts), shape=shape) for row in self.values
        )

    @cached_property
    def transposed(self) -> tuple[Any, ...]:
        """Their transposes, ready for products."""
        return tuple(matrix.T for matrix in self.matrices)

    def times(self, right: FloatArray) -> FloatArray:
        """Return z right for a (q, m) matrix, (k, m, J)."""
        return np.stack([(matrix @ right).T for matrix in self.matrices])

    def adjoint(self, left: FloatArray) -> FloatArray:
        """Return the sum of z_j'left_j for (k, m, J), (q, m)."""
        return np.asarray(
            sum(matrix @ part.T for matrix, part in zip(self.transposed, left, strict=True))
        )

    @property
    def n_pairs(self) -> int:
        """How many products of two cells of a level there are."""
        counts = np.diff(self.starts)
        return int((counts * (counts + 1) // 2).sum())

    def table(self) -> "Table":
        """Return the same as a table."""
        k, J = len(self.values), len(self.starts) - 1
        table = np.zeros((k, J * self.q))
        table[:, self.levels * self.q + self.columns] = self.values
        return Table(table.reshape(k, J, self.q))

    def arranged(self) -> "Table | Pairs":
        """Return the form in which evaluations are quicker."""
        k, J = len(self.values), len(self.starts) - 1
        if k * J * self.q**2 <= PRODUCT * self.n_pairs * (k * (k + 1) // 2):
            return self.table()
        return Pairs(self)


@dataclass(frozen=True)
class Pairs:
    """Cells with the products of every two of a level.

    Linear in W = V'V on the way to the Schur complement, linear in C on the way back: one sparse
    matrix, from the levels' elements of W to the lower triangle of the complement, does both.
    """

    cells: Cells

    def _slices(self) -> list[tuple[int, int]]:
        """Ranges of levels with at most AT_ONCE products, or one level."""
        counts = np.diff(self.cells.starts)
        ends = np.cumsum(counts * (counts + 1) // 2)
        slices, start = [], 0
        while start < len(counts):
            done = ends[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, done + AT_ONCE, side="right")))
            slices.append((start, stop))
            start = stop
        return slices

    def _products(self, start: int, stop: int) -> Any:
        """Return the sparse matrix of some levels: (q * q, levels * k (k + 1) / 2)."""
        from scipy.sparse import csc_array

        cells = self.cells
        first, last = int(cells.starts[start]), int(cells.starts[stop])
        counts = np.diff(cells.starts[start : stop + 1])
        begin = np.repeat(cells.starts[start:stop] - first, counts)
        each = np.arange(last - first) - begin + 1
        left = np.repeat(np.arange(last - first), each)
        right = np.arange(len(left)) - np.repeat(np.cumsum(each) - each - begin, each)
        columns, z = cells.columns[first:last], cells.values[:, first:last]
        small = cells.q**2 < np.iinfo(np.int32).max
        target = (columns[left] * cells.q + columns[right]).astype(np.int32 if small else np.int64)
        data = []
        for a, b in zip(*np.tril_indices(len(z)), strict=True):
            both = z[a][left] * z[b][right]
            data.append(both if a == b else both + z[b][left] * z[a][right])
        length = np.tile(counts * (counts + 1) // 2, len(data))
        starts = np.concatenate([[0], np.cumsum(length)])
        return csc_array(
            (np.concatenate(data), np.tile(target, len(data)), starts),
            shape=(cells.q**2, len(length)),
        )

    @cached_property
    def _held(self) -> list[Any]:
        return [self._products(*part) for part in self._slices()]

    def _parts(self) -> Iterator[tuple[int, int, Any]]:
        k = len(self.cells.values)
        if self.cells.n_pairs * (k * (k + 1) // 2) <= HELD:
            for (start, stop), matrix in zip(self._slices(), self._held, strict=True):
                yield start, stop, matrix
        else:
            for start, stop in self._slices():
                yield start, stop, self._products(start, stop)

    def square(self, V: FloatArray) -> FloatArray:
        """See `Join`."""
        W = crossproduct(V, V)[np.tril_indices(len(V))]
        total: FloatArray | None = None
        for start, stop, matrix in self._parts():
            part = matrix @ W[:, start:stop].ravel()
            if total is None:
                total = part
            else:
                total += part
        assert total is not None
        return total.reshape(self.cells.q, self.cells.q)

    def quadratic(self, C: FloatArray) -> FloatArray:
        """See `Join`; of C the lower triangle is read."""
        cells = self.cells
        k, J = len(cells.values), len(cells.starts) - 1
        rows, columns = np.tril_indices(k)
        lower = np.concatenate(
            [
                (matrix.T @ C.ravel()).reshape(-1, stop - start)
                for start, stop, matrix in self._parts()
            ],
            axis=1,
        )
        result = np.empty((k, k, J))
        diagonal = np.diag(C)[cells.columns]
        for a, b, value in zip(rows, columns, lower, strict=True):
            own = np.bincount(cells.levels, cells.values[a] * cells.values[b] * diagonal, J)
            result[a, b] = result[b, a] = (2.0 * value if a == b else value) - own
        return result

    def gathered(self, weights: FloatArray, parents: IntArray, size: int) -> FloatArray:
        """See `Join`."""
        cells = self.cells
        index = parents[cells.levels] * cells.q + cells.columns
        total = np.empty((len(weights), size * cells.q))
        for a, row in enumerate(weights):
            products = np.einsum("bm,bm->m", row[:, cells.levels], cells.values)
            total[a] = np.bincount(index, products, size * cells.q)
        return total.reshape(-1, size, cells.q)

    def contracted(self, M: FloatArray, parents: IntArray) -> FloatArray:
        """See `Join`."""
        cells = self.cells
        J = len(cells.starts) - 1
        index = parents[cells.levels] * cells.q + cells.columns
        result = np.empty((len(M), len(cells.values), J))
        for a, row in enumerate(M):
            picked = row.ravel()[index]
            for b, values in enumerate(cells.values):
                result[a, b] = np.bincount(cells.levels, picked * values, J)
        return result


@dataclass(frozen=True, slots=True)
class Table:
    """All of z, (k, J, q)."""

    z: FloatArray

    def _slices(self) -> Iterator[slice]:
        k, J, q = self.z.shape
        step = max(1, AT_ONCE // (8 * k * q))
        return (slice(start, min(start + step, J)) for start in range(0, J, step))

    def square(self, V: FloatArray) -> FloatArray:
        """See `Join`."""
        q = self.z.shape[2]
        total = np.zeros((q, q))
        for part in self._slices():
            half = np.einsum("abj,bjq->ajq", V[..., part], self.z[:, part]).reshape(-1, q)
            total += half.T @ half
        return total

    def image(self, C: FloatArray) -> FloatArray:
        """Return z C, (k, J, q)."""
        k, J, q = self.z.shape
        return (self.z.reshape(k * J, q) @ C).reshape(k, J, q)

    def quadratic(self, C: FloatArray) -> FloatArray:
        """See `Join`."""
        return np.concatenate(
            [
                np.einsum("ajq,bjq->abj", Table(self.z[:, part]).image(C), self.z[:, part])
                for part in self._slices()
            ],
            axis=2,
        )

    def gathered(self, weights: FloatArray, parents: IntArray, size: int) -> FloatArray:
        """See `Join`."""
        from scipy.sparse import csr_array

        J = len(parents)
        return np.stack(
            [
                sum(
                    csr_array((w, (parents, np.arange(J))), shape=(size, J)) @ z
                    for w, z in zip(row, self.z, strict=True)
                )
                for row in weights
            ]
        )

    def contracted(self, M: FloatArray, parents: IntArray) -> FloatArray:
        """See `Join`."""
        return np.concatenate(
            [
                np.einsum("ajq,bjq->abj", M[:, parents[part]], self.z[:, part])
                for part in self._slices()
            ],
            axis=2,
        )
