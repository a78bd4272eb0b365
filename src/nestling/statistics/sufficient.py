"""The one type through which every path of the system passes."""

from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class FactorBlocks:
    """Cross-products per level of one grouping factor, the levels along the last axis.

    Attributes
    ----------
    ZZ : (k, k, J) array
        Z_j'Z_j.
    ZW : (k, p + 1, J) array
        Z_j'[X y].
    """

    ZZ: FloatArray
    ZW: FloatArray

    @property
    def width(self) -> int:
        """Number of random effects per level, k."""
        return int(self.ZZ.shape[0])

    @property
    def n_levels(self) -> int:
        """Number of levels, J."""
        return int(self.ZZ.shape[2])


@dataclass(frozen=True, slots=True)
class PairBlocks:
    """Cross-products between the levels of two grouping factors that meet in the data.

    Attributes
    ----------
    first, second : int
        The two factors, first < second.
    rows, columns : (m,) arrays
        The levels that meet, sorted by row and then column.
    ZZ : (k_first, k_second, m) array
        Z_i'Z_j for each such pair.
    """

    first: int
    second: int
    rows: IntArray
    columns: IntArray
    ZZ: FloatArray


@dataclass(frozen=True, slots=True)
class SufficientStatistics:
    """All that a Gaussian multilevel model sees of its data; statistics of chunks add.

    Attributes
    ----------
    WW : (p + 1, p + 1) array
        [X y]'[X y].
    factors : tuple of FactorBlocks
    pairs : tuple of PairBlocks
        One for every two factors.
    n : int
        Number of rows.
    log_weights : float
        Sum of the log prior weights.
    """

    WW: FloatArray
    factors: tuple[FactorBlocks, ...]
    pairs: tuple[PairBlocks, ...]
    n: int
    log_weights: float

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects, p."""
        return int(self.WW.shape[0]) - 1

    def __add__(self, other: "SufficientStatistics") -> "SufficientStatistics":
        """Return the statistics of both sets of rows; the levels must be coded alike."""
        return SufficientStatistics(
            WW=self.WW + other.WW,
            factors=tuple(
                FactorBlocks(a.ZZ + b.ZZ, a.ZW + b.ZW)
                for a, b in zip(self.factors, other.factors, strict=True)
            ),
            pairs=tuple(
                _union(a, b, self.factors[a.second].n_levels)
                for a, b in zip(self.pairs, other.pairs, strict=True)
            ),
            n=self.n + other.n,
            log_weights=self.log_weights + other.log_weights,
        )

    def recombined(self, columns: FloatArray) -> "SufficientStatistics":
        """Return the statistics of [X y] times `columns` (p + 1, r) in place of [X y].

        Fixing a coefficient, dropping a column or shifting the response are such changes.
        """
        return replace(
            self,
            WW=columns.T @ self.WW @ columns,
            factors=tuple(
                FactorBlocks(f.ZZ, np.einsum("kcj,cr->krj", f.ZW, columns)) for f in self.factors
            ),
        )


def _union(left: PairBlocks, right: PairBlocks, n_columns: int) -> PairBlocks:
    """Add two sets of pairs that may hold different cells."""
    keys_left = left.rows * n_columns + left.columns
    keys_right = right.rows * n_columns + right.columns
    keys = np.union1d(keys_left, keys_right)
    total = np.zeros((*left.ZZ.shape[:2], len(keys)))
    total[..., np.searchsorted(keys, keys_left)] += left.ZZ
    total[..., np.searchsorted(keys, keys_right)] += right.ZZ
    return PairBlocks(left.first, left.second, keys // n_columns, keys % n_columns, total)
