"""What each cluster contributes to the sufficient statistics, and sums over chosen clusters.

A cluster that is chosen twice counts as two clusters: its levels get new numbers each time.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.statistics.basis import Basis
from nestling.statistics.layout import layout_of
from nestling.statistics.rows import Rows
from nestling.statistics.sufficient import FactorBlocks, PairBlocks, SufficientStatistics


@dataclass(frozen=True, slots=True)
class Chosen:
    """The levels that a choice of clusters brings along, renumbered.

    Attributes
    ----------
    levels : tuple of (J',) arrays
        Per factor the old number of each new level.
    draws : tuple of (J',) arrays
        Per factor the position in the choice that each new level belongs to.
    offsets : tuple of (m,) arrays
        Per factor the new number of the first level of each chosen cluster.
    """

    levels: tuple[IntArray, ...]
    draws: tuple[IntArray, ...]
    offsets: tuple[IntArray, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sufficient statistics with what belongs to each of their clusters.

    Attributes
    ----------
    statistics : SufficientStatistics
        Of nested factors; the clusters are the levels of the last.
    WW : (c, c, J) array
        Each cluster's [X y]'[X y].
    n : (J,) array
        Rows per cluster.
    log_weights : (J,) array
    cluster_of : tuple of (J_f,) arrays
        Per factor the cluster of each level.
    """

    statistics: SufficientStatistics
    WW: FloatArray
    n: IntArray
    log_weights: FloatArray
    cluster_of: tuple[IntArray, ...]

    def __len__(self) -> int:
        """Return the number of clusters."""
        return len(self.n)

    def choose(self, clusters: IntArray) -> Chosen:
        """Give the levels of these clusters new numbers."""
        levels, draws, offsets = [], [], []
        for cluster_of in self.cluster_of:
            order, start, size = _members(cluster_of, len(self))
            taken = size[clusters]
            first = np.cumsum(taken) - taken
            draw = np.repeat(np.arange(len(clusters)), taken)
            levels.append(order[start[clusters][draw] + np.arange(taken.sum()) - first[draw]])
            draws.append(draw)
            offsets.append(first)
        return Chosen(tuple(levels), tuple(draws), tuple(offsets))

    def new_numbers(self, factor: int, old: IntArray, draws: IntArray, chosen: Chosen) -> IntArray:
        """Return the new numbers of old levels of a factor, each within its draw."""
        order, start, _ = _members(self.cluster_of[factor], len(self))
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order)) - start[self.cluster_of[factor][order]]
        return np.asarray(chosen.offsets[factor][draws] + rank[old])

    def gathered(self, clusters: IntArray) -> SufficientStatistics:
        """Return the statistics of these clusters, in this order."""
        chosen = self.choose(clusters)
        factors = tuple(
            FactorBlocks(f.ZZ[..., levels], f.ZW[..., levels])
            for f, levels in zip(self.statistics.factors, chosen.levels, strict=True)
        )
        pairs = []
        for pair in self.statistics.pairs:
            # nested: the rows of a pair are all levels of its first factor
            levels, draws = chosen.levels[pair.first], chosen.draws[pair.first]
            columns = self.new_numbers(pair.second, pair.columns[levels], draws, chosen)
            rows = np.arange(len(levels))
            pairs.append(PairBlocks(pair.first, pair.second, rows, columns, pair.ZZ[..., levels]))
        return SufficientStatistics(
            WW=self.WW[:, :, clusters].sum(axis=2),
            factors=factors,
            pairs=tuple(pairs),
            n=int(self.n[clusters].sum()),
            log_weights=float(self.log_weights[clusters].sum()),
        )


def clusters_of(rows: Rows, basis: Basis, statistics: SufficientStatistics) -> Clusters:
    """Attribute the statistics of nested factors to the levels of the last factor."""
    last = len(statistics.factors) - 1
    J = statistics.factors[last].n_levels
    codes = rows.matrices.random[layout_of(rows.matrices.random).members[last][0]].codes
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    c = len(columns)
    WW = np.zeros((c, c, J))
    for block in rows.blocks():
        W = basis.transform.T @ rows.fixed(block)[columns]
        for a in range(c):
            for b in range(a + 1):
                WW[a, b] += np.bincount(codes[block], W[a] * W[b], J)
    for a in range(c):
        WW[:a, a] = WW[a, :a]
    weights = rows.matrices.weights
    log_weights = np.zeros(J)
    if weights is not None:
        log_weights += np.bincount(codes, np.log(weights), J)
    parents = {pair.first: pair.columns for pair in statistics.pairs if pair.second == last}
    return Clusters(
        statistics=statistics,
        WW=WW,
        n=np.bincount(codes, minlength=J),
        log_weights=log_weights,
        cluster_of=tuple(parents.get(f, np.arange(J)) for f in range(last + 1)),
    )


def _members(cluster_of: IntArray, n_clusters: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return levels sorted by cluster, and each cluster's first position and number of levels."""
    size = np.bincount(cluster_of, minlength=n_clusters)
    return np.argsort(cluster_of, kind="stable"), np.cumsum(size) - size, size
