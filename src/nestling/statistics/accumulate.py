"""One pass over the rows: from columns and codes to sufficient statistics."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.statistics.basis import Basis
from nestling.statistics.layout import layout_of
from nestling.statistics.rows import Rows
from nestling.statistics.sufficient import FactorBlocks, PairBlocks, SufficientStatistics

DENSE_CELLS = 1 << 22
"""Up to this many cells a table of two factors is counted directly, without sorting."""


def accumulate(rows: Rows, basis: Basis) -> SufficientStatistics:
    """Return the sufficient statistics of these rows in this basis.

    1. transform a block of rows, 2. form the products that are needed, 3. add them up by level.
    """
    terms = rows.matrices.random
    layout = layout_of(terms)
    codes = [terms[members[0]].codes for members in layout.members]
    sizes = [len(terms[members[0]].levels) for members in layout.members]
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    parts_WW = []
    factors = [
        FactorBlocks(np.zeros((k, k, J)), np.zeros((k, len(columns), J)))
        for k, J in zip(layout.widths, sizes, strict=True)
    ]
    cells = [
        _Cells(
            first, second, *occupied_cells(codes[first], codes[second], sizes[first], sizes[second])
        )
        for first, second in combinations(range(len(codes)), 2)
    ]
    pairs = [
        np.zeros((layout.widths[c.first], layout.widths[c.second], len(c.rows))) for c in cells
    ]
    for block in _blocks(rows, max(sizes)):
        W = basis.transform.T @ rows.fixed(block)[columns]
        Z = [_rotated(rows, basis, members, block) for members in layout.members]
        parts_WW.append(W @ W.T)
        for factor, code, z in zip(factors, codes, Z, strict=True):
            _add_by_level(factor, code[block], z, W)
        for cell, total in zip(cells, pairs, strict=True):
            _add_by_cell(total, cell.index[block], Z[cell.first], Z[cell.second])
    weights = rows.matrices.weights
    return SufficientStatistics(
        WW=np.asarray(sum(parts_WW)),
        factors=tuple(factors),
        pairs=tuple(
            PairBlocks(c.first, c.second, c.rows, c.columns, total)
            for c, total in zip(cells, pairs, strict=True)
        ),
        n=rows.n,
        log_weights=0.0 if weights is None else float(np.log(weights).sum()),
    )


def _blocks(rows: Rows, n_levels: int) -> list[slice]:
    """Blocks of rows, longer when there are many levels: each block costs a sum per level."""
    step = max(1 << 15, 2 * n_levels)
    return [slice(start, min(start + step, rows.n)) for start in range(0, rows.n, step)]


def _rotated(rows: Rows, basis: Basis, members: tuple[int, ...], block: slice) -> FloatArray:
    parts = [basis.rotations[term].T @ rows.random(term, block) for term in members]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _add_by_level(factor: FactorBlocks, codes: IntArray, Z: FloatArray, W: FloatArray) -> None:
    J = factor.n_levels
    for a in range(len(Z)):
        for b in range(a + 1):
            sums = np.bincount(codes, Z[a] * Z[b], J)
            factor.ZZ[a, b] += sums
            if a != b:
                factor.ZZ[b, a] += sums
        for c in range(len(W)):
            factor.ZW[a, c] += np.bincount(codes, Z[a] * W[c], J)


def _add_by_cell(total: FloatArray, index: IntArray, left: FloatArray, right: FloatArray) -> None:
    for a, z in enumerate(left):
        for b, other in enumerate(right):
            total[a, b] += np.bincount(index, z * other, total.shape[2])


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of two factors that occur, and the cell of each row."""

    first: int
    second: int
    rows: IntArray
    columns: IntArray
    index: IntArray


def occupied_cells(
    first: IntArray, second: IntArray, n_first: int, n_second: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the cells of a two-way table that occur: their rows, columns, and each row's cell.

    Examples
    --------
    >>> import numpy as np
    >>> rows, columns, index = occupied_cells(np.array([0, 1, 1]), np.array([1, 0, 0]), 2, 2)
    >>> rows.tolist(), columns.tolist(), index.tolist()
    ([0, 1], [1, 0], [0, 1, 1])
    """
    parent = np.zeros(n_first, dtype=np.intp)
    parent[first] = second
    if np.array_equal(parent[first], second) and np.bincount(first, minlength=n_first).all():
        return np.arange(n_first), parent, first
    keys = first * n_second + second
    if n_first * n_second <= max(DENSE_CELLS, len(first)):
        cells = np.flatnonzero(np.bincount(keys, minlength=n_first * n_second))
        position = np.empty(n_first * n_second, dtype=np.intp)
        position[cells] = np.arange(len(cells))
        return cells // n_second, cells % n_second, position[keys]
    cells, index = np.unique(keys, return_inverse=True)
    return cells // n_second, cells % n_second, index
