"""Sufficient statistics of many studies on the same units, each with its own predictors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.statistics.sufficient import FactorBlocks, SufficientStatistics


@dataclass(frozen=True, slots=True, eq=False)
class ManyDesigns:
    """The statistics of R studies, studies along the last axis.

    Attributes
    ----------
    units : SufficientStatistics
        Of one study: its units, their nesting and the number of rows are those of all.
    ZZ : tuple of (k, k, J, R) arrays
    cross : tuple of (k_first, k_second, m, R) arrays
        Per pair of factors.
    ZX : tuple of (k, p, J, R) arrays
    XX : (p, p, R) array
    Zy : tuple of (k, J, R) arrays
    Xy : (p, R) array
    yy : (R,) array
    """

    units: SufficientStatistics
    ZZ: tuple[FloatArray, ...]
    cross: tuple[FloatArray, ...]
    ZX: tuple[FloatArray, ...]
    XX: FloatArray
    Zy: tuple[FloatArray, ...]
    Xy: FloatArray
    yy: FloatArray

    def __len__(self) -> int:
        """Return the number of studies."""
        return len(self.yy)

    def one(self, r: int) -> SufficientStatistics:
        """Return the sufficient statistics of one study."""
        p = len(self.Xy)
        WW = np.empty((p + 1, p + 1))
        WW[:p, :p] = self.XX[..., r]
        WW[:p, p] = WW[p, :p] = self.Xy[:, r]
        WW[p, p] = self.yy[r]
        factors = tuple(
            FactorBlocks(
                np.ascontiguousarray(ZZ[..., r]),
                np.concatenate([ZX[..., r], Zy[:, None, :, r]], axis=1),
            )
            for ZZ, ZX, Zy in zip(self.ZZ, self.ZX, self.Zy, strict=True)
        )
        pairs = tuple(
            replace(pair, ZZ=np.ascontiguousarray(block[..., r]))
            for pair, block in zip(self.units.pairs, self.cross, strict=True)
        )
        return replace(self.units, WW=WW, factors=factors, pairs=pairs)

    def recombined(self, columns: FloatArray) -> "ManyDesigns":
        """Return the statistics of X times `columns` (p, r) in place of X."""
        return replace(
            self,
            ZX=tuple(np.einsum("kcjr,cd->kdjr", ZX, columns, optimize=True) for ZX in self.ZX),
            XX=np.einsum("bcr,ba,cd->adr", self.XX, columns, columns, optimize=True),
            Xy=columns.T @ self.Xy,
        )


def joined(parts: Sequence[ManyDesigns]) -> ManyDesigns:
    """Return the studies of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]

    def along(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    def each(name: str) -> tuple[FloatArray, ...]:
        blocks = zip(*(getattr(part, name) for part in parts), strict=True)
        return tuple(np.concatenate(block, axis=-1) for block in blocks)

    return ManyDesigns(
        parts[0].units,
        each("ZZ"),
        each("cross"),
        each("ZX"),
        along("XX"),
        each("Zy"),
        along("Xy"),
        along("yy"),
    )


Column = TypeVar("Column")
"""Values of one column in all studies, in whatever form its products are summed from."""


class Products:
    """Sums of products of columns (R, n) over the rows of each level, (J, R).

    A column without strides is a constant: its products are sums of the other column, which are
    formed once.
    """

    def __init__(self, codes: IntArray, n_levels: int) -> None:
        self.counts = np.bincount(codes, minlength=n_levels)
        self._present = np.flatnonzero(self.counts)
        held = self.counts[self._present]
        self._starts = np.cumsum(held) - held
        ordered = bool((np.diff(codes) >= 0).all())
        self._order = None if ordered else np.argsort(codes, kind="stable")
        # the column is held too, so that its id stays its own
        self._sums: dict[int, tuple[FloatArray, FloatArray]] = {}

    def __call__(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """Sum left times right."""
        if _is_constant(left):
            left, right = right, left
        if not _is_constant(right):
            return self._over_levels(left * right)
        if _is_constant(left):
            products = self.counts * (left[0, 0] * right[0, 0])
            return np.broadcast_to(products[:, None], (len(products), len(left)))
        if id(left) not in self._sums:
            self._sums[id(left)] = left, self._over_levels(left)
        return np.asarray(self._sums[id(left)][1] * right[0, 0])

    def _over_levels(self, values: FloatArray) -> FloatArray:
        rows = values if self._order is None else values[:, self._order]
        sums = np.asarray(np.add.reduceat(rows, self._starts, axis=1).T)
        if len(self._present) == len(self.counts):
            return sums
        whole = np.zeros((len(self.counts), len(values)))
        whole[self._present] = sums
        return whole


def _is_constant(column: FloatArray) -> bool:
    return column.strides == (0, 0)


def total(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum the products of two columns over all rows, (R,)."""
    if _is_constant(left):
        left, right = right, left
    if not _is_constant(right):
        return np.asarray(np.einsum("rn,rn->r", left, right))
    if _is_constant(left):
        return np.full(len(left), left[0, 0] * right[0, 0] * left.shape[1])
    return np.asarray(left.sum(axis=1) * right[0, 0])


def many_designs(
    units: SufficientStatistics,
    by_level: Sequence[Callable[[Column, Column], FloatArray]],
    by_pair: Sequence[Callable[[Column, Column], FloatArray]],
    over_all: Callable[[Column, Column], FloatArray],
    Z: Sequence[Sequence[Column]],
    X: Sequence[Column],
    y: Column,
) -> ManyDesigns:
    """Form the statistics of R studies from their columns, by whatever sums their products.

    Parameters
    ----------
    units : SufficientStatistics
        Of one study on the same units.
    by_level : sequence of callables
        Per grouping factor: two columns to the sums of their products over each level, (J, R).
    by_pair : sequence of callables
        Per pair of factors, over the cells in which they meet: the lower factor's levels, where
        it is nested in the upper one.
    over_all : callable
        Two columns to the sums of their products over all rows, (R,).
    Z : sequence of sequences of columns
        Per grouping factor; of rows a column is an (R, n) array.
    X : sequence of columns
        Of the fixed effects.
    y : column
        Responses.
    """
    yy, p = over_all(y, y), len(X)
    R = len(yy)
    ZZ, ZX, Zy = [], [], []
    for products, columns, factor in zip(by_level, Z, units.factors, strict=True):
        k, J = len(columns), factor.n_levels
        own, fixed, response = np.empty((k, k, J, R)), np.empty((k, p, J, R)), np.empty((k, J, R))
        for a, left in enumerate(columns):
            for b, right in enumerate(columns[: a + 1]):
                own[a, b] = own[b, a] = products(left, right)
            for c, right in enumerate(X):
                fixed[a, c] = products(left, right)
            response[a] = products(left, y)
        ZZ.append(own)
        ZX.append(fixed)
        Zy.append(response)
    cross = []
    for pair, products in zip(units.pairs, by_pair, strict=True):
        lower, upper = Z[pair.first], Z[pair.second]
        block = np.empty((len(lower), len(upper), len(pair.rows), R))
        for a, left in enumerate(lower):
            for b, right in enumerate(upper):
                block[a, b] = products(left, right)
        cross.append(block)
    XX, Xy = np.empty((p, p, R)), np.empty((p, R))
    for c, left in enumerate(X):
        for d, right in enumerate(X[: c + 1]):
            XX[c, d] = XX[d, c] = over_all(left, right)
        Xy[c] = over_all(left, y)
    return ManyDesigns(units, tuple(ZZ), tuple(cross), tuple(ZX), XX, tuple(Zy), Xy, yy)
