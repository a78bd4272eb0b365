"""Products of columns whose rows differ, within cells, by nothing but normal scores.

In a cell such a column is a constant plus multiples of m standard normal scores per row. Its sums
of squares and products need the sums and products of the scores alone, and these have a known law:
normal sums, and a Wishart matrix around them, drawn by its Bartlett decomposition (Bartlett 1933;
Smith and Hocking 1972). What a study costs then does not depend on how many rows its cells have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray

CellColumn: TypeAlias = tuple[FloatArray | None, ...]
"""A constant, then the multiple of each score: (R, K) arrays over studies and cells, None for 0."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoreDraws:
    """What decides the sums and products of m scores in K cells of R studies.

    Attributes
    ----------
    counts : (R, K) array
        Rows per cell.
    means : (m, R, K) array
        Sums of the scores, divided by the root of the count: standard normal.
    root : (m, m, R, K) array
        Lower triangle T of T T', the products around the means.
    """

    counts: FloatArray
    means: FloatArray
    root: FloatArray

    @property
    def products(self) -> FloatArray:
        """Sums of products of (1, scores), (m + 1, m + 1, R, K)."""
        m, (R, K) = len(self.means), self.counts.shape
        table = np.empty((m + 1, m + 1, R, K))
        table[0, 0] = self.counts
        table[0, 1:] = table[1:, 0] = np.sqrt(self.counts) * self.means
        held = self.counts > 0.0
        for a in range(m):
            for b in range(a + 1):
                total = held * self.means[a] * self.means[b]
                for k in range(b + 1):
                    total += self.root[a, k] * self.root[b, k]
                table[a + 1, b + 1] = table[b + 1, a + 1] = total
        return table


def draw_scores(
    streams: Iterable[np.random.Generator], m: int, counts: Sequence[IntArray]
) -> ScoreDraws:
    """Draw what decides the sums and products of m scores, for studies with these counts.

    Parameters
    ----------
    streams : iterable of Generator
        One per study.
    m : int
    counts : sequence of (K,) arrays
        Rows per cell of each study.

    Examples
    --------
    >>> from nestling.random.counter_streams import CounterStreams
    >>> streams = CounterStreams(np.random.SeedSequence(1), range(4000))
    >>> drawn = draw_scores(streams, 1, [np.array([5])] * 4000)
    >>> square = drawn.products[1, 1]  # chi-squared with 5 degrees of freedom
    >>> bool(abs(square.mean() - 5) < 0.25), bool(abs(square.var() - 10) < 1.5)
    (True, True)
    """
    table = np.array(counts, dtype=np.float64)
    R, K = table.shape
    below = [(a, b) for a in range(m) for b in range(a)]
    normals, gammas = np.empty((R, K, m + len(below))), np.empty((R, m, K))
    # T has a column per degree of freedom left after the mean
    shapes = np.maximum(table[:, None] - 1.0 - np.arange(m)[:, None], 0.0) / 2.0
    alike = bool((table == table[:1, :1]).all())
    for normal, gamma, shape, stream in zip(normals, gammas, shapes, streams, strict=True):
        stream.standard_normal(out=normal)
        if alike:  # the generator looks at every element of an array of shapes
            for values, each in zip(gamma, shape[:, 0].tolist(), strict=True):
                stream.standard_gamma(each, out=values)
        else:
            stream.standard_gamma(shape, out=gamma)
    root = np.zeros((m, m, R, K))
    for a in range(m):
        root[a, a] = np.sqrt(2.0 * gammas[:, a])
    for place, (a, b) in enumerate(below):
        root[a, b] = normals[..., m + place] * (shapes[:, b] > 0.0)
    return ScoreDraws(table, np.moveaxis(normals[..., :m], -1, 0), root)


def combined(
    columns: Sequence[CellColumn], weights: Sequence[float] | FloatArray, shift: float = 0.0
) -> CellColumn:
    """Return a weighted sum of columns plus a constant."""
    total: list[FloatArray | None] = [None] * len(columns[0])
    for column, weight in zip(columns, weights, strict=True):
        for k, part in enumerate(column):
            if part is None or not weight:
                continue
            held = total[k]
            total[k] = weight * part if held is None else held + weight * part
    if shift:
        first = total[0]
        if first is None:
            given = next(part for part in (*columns[0], total[0]) if part is not None)
            first = np.zeros_like(given)
        total[0] = first + shift
    return tuple(total)


@dataclass(frozen=True, slots=True, eq=False)
class CellProducts:
    """Sums of products of columns over the rows of each level, (J, R), or over all, (R,).

    Attributes
    ----------
    products : (m + 1, m + 1, R, K) array
        Of (1, scores), per cell.
    order : (K,) array or None
        Cells by level, where they are not in that order.
    starts : (J',) array
        Where the levels that have cells begin in that order; empty for one sum over all.
    present : (J,) array of bool
        Levels that have cells.
    """

    products: FloatArray
    order: IntArray | None
    starts: IntArray
    present: BoolArray

    @classmethod
    def by_level(cls, products: FloatArray, codes: IntArray, n_levels: int) -> "CellProducts":
        """Sum over levels, given that of each cell."""
        counts = np.bincount(codes, minlength=n_levels)
        held = counts[counts > 0]
        ordered = bool((np.diff(codes) >= 0).all())
        order = None if ordered else np.argsort(codes, kind="stable")
        return cls(products, order, np.cumsum(held) - held, counts > 0)

    def __call__(self, left: CellColumn, right: CellColumn) -> FloatArray:
        """Sum left times right over the rows of each level."""
        cells = self._cells(left, right)
        if self.order is not None:
            cells = cells[:, self.order]
        if len(self.starts) == cells.shape[1] == len(self.present):
            return cells.T
        sums = np.add.reduceat(cells, self.starts, axis=1).T
        if self.present.all():
            return np.asarray(sums)
        whole = np.zeros((len(self.present), len(cells)))
        whole[self.present] = sums
        return whole

    def total(self, left: CellColumn, right: CellColumn) -> FloatArray:
        """Sum left times right over all rows."""
        return np.asarray(self._cells(left, right).sum(axis=1))

    def _cells(self, left: CellColumn, right: CellColumn) -> FloatArray:
        total = np.zeros(self.products.shape[2:])
        for k, a in enumerate(left):
            for j, b in enumerate(right):
                if a is not None and b is not None:
                    total += a * b * self.products[k, j]
        return total
