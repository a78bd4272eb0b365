"""Bootstrap by clusters: whole clusters of the top level are drawn, and left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError
from nestling.fit.choose import is_nested
from nestling.random.streams import indexed_child
from nestling.results.bootstrap_chunk import (
    Chunk,
    Statistic,
    failed,
    from_fit,
    from_statistics,
    joined,
)
from nestling.results.lmer import fit_matrices
from nestling.statistics.accumulate import accumulate
from nestling.statistics.clusters import Clusters, clusters_of
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray
    from nestling.model.matrices import ModelMatrices
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True)
class NewClusters:
    """Draws clusters and refits.

    Attributes
    ----------
    fit : LmerFit
    seed : SeedSequence
    clusters : Clusters
    within : bool
        Draw rows again inside each unit of the lowest level.
    statistic : callable or None
    names : tuple of str
        Of the values of a replicate.
    """

    fit: LmerFit
    seed: np.random.SeedSequence
    clusters: Clusters
    within: bool
    statistic: Statistic | None
    names: tuple[str, ...]

    @property
    def at_once(self) -> int:
        """Replicates between two looks at the progress bar."""
        return 16

    def chunk(self, indices: Sequence[int], *, errors: bool) -> Chunk:
        """Draw and refit these replicates."""
        found = []
        for r in indices:
            stream = np.random.default_rng(indexed_child(self.seed, r))
            J = len(self.clusters)
            found.append(self.one(stream.integers(0, J, J), stream, errors=errors))
        return joined(found)

    def without(self, cluster: int) -> Chunk:
        """Refit without one cluster."""
        kept = np.delete(np.arange(len(self.clusters)), cluster)
        return self.one(kept, None, errors=False)

    def one(self, drawn: IntArray, stream: np.random.Generator | None, *, errors: bool) -> Chunk:
        """Refit to these clusters, a stream drawing rows inside them where that is asked for."""
        inside = stream if self.within else None
        if self.statistic is not None:
            matrices = drawn_matrices(self.fit, self.clusters, drawn, inside)
            return from_fit(
                lambda: fit_matrices(self.fit.call, matrices, self.fit.frame),
                self.statistic,
                self.names,
            )
        if inside is None:
            return from_statistics(self.fit, self.clusters.gathered(drawn), errors=errors)
        rows = Rows.of(drawn_matrices(self.fit, self.clusters, drawn, inside))
        try:
            statistics = accumulate(rows, self.fit.basis)
        except np.linalg.LinAlgError as error:
            return failed(len(self.names), str(error))
        return from_statistics(self.fit, statistics, errors=errors)


def by_clusters(
    fit: LmerFit,
    seed: np.random.SeedSequence,
    *,
    within: bool,
    statistic: Statistic | None,
    names: tuple[str, ...],
) -> NewClusters:
    """Prepare the resampling of clusters.

    Raises
    ------
    ArgumentError
        When the grouping factors are crossed, so that no cluster holds rows of its own alone.
    """
    if not is_nested(fit.statistics):
        groups = ", ".join(fit.n_groups)
        raise ArgumentError(
            f"The grouping factors {groups} are crossed: no cluster can be drawn, or left out, "
            "without tearing others apart. Use kind='parametric' or kind='residual', and an "
            "interval other than 'bca'."
        )
    clusters = clusters_of(Rows.of(fit.matrices), fit.basis, fit.statistics)
    return NewClusters(fit, seed, clusters, within, statistic, names)


def jackknife(fit: LmerFit, statistic: Statistic | None, names: tuple[str, ...]) -> FloatArray:
    """Return the estimates without one cluster each, (J, P); clusters that none can miss left out.

    Raises
    ------
    ArgumentError
        With crossed factors, or fewer than three clusters.
    """
    resampler = by_clusters(
        fit, np.random.SeedSequence(0), within=False, statistic=statistic, names=names
    )
    J = len(resampler.clusters)
    found = joined([resampler.without(cluster) for cluster in range(J)]).values if J > 2 else None
    if found is None or np.isfinite(found[:, 0]).sum() < 3:
        raise ArgumentError(
            f"kind='bca' measures skewness by leaving out one cluster at a time, and {J} clusters "
            "are too few for that. Use kind='percentile' or kind='studentised'."
        )
    return found


def drawn_matrices(
    fit: LmerFit, clusters: Clusters, drawn: IntArray, inside: np.random.Generator | None
) -> ModelMatrices:
    """Return the rows of drawn clusters with new numbers for their levels.

    With a stream, as many rows as a unit of the lowest level has are drawn from it.
    """
    matrices, layout = fit.matrices, fit.solution.layout
    chosen = clusters.choose(drawn)
    first = matrices.random[layout.members[0][0]]
    size = np.bincount(first.codes, minlength=len(first.levels))
    order, start = np.argsort(first.codes, kind="stable"), np.cumsum(size) - size
    leaves, draws = chosen.levels[0], chosen.draws[0]
    counts = size[leaves]
    leaf = np.repeat(np.arange(len(leaves)), counts)
    position = np.arange(len(leaf)) - np.repeat(np.cumsum(counts) - counts, counts)
    if inside is not None:
        position = (inside.random(len(leaf)) * counts[leaf]).astype(np.intp)
    rows = order[start[leaves][leaf] + position]
    codes = [leaf]
    for f in range(1, len(layout.members)):
        old = matrices.random[layout.members[f][0]].codes[rows]
        codes.append(clusters.new_numbers(f, old, draws[leaf], chosen))
    terms = tuple(
        replace(
            term,
            columns=tuple(_take(column, rows) for column in term.columns),
            codes=codes[place.factor],
            levels=np.arange(len(chosen.levels[place.factor])),
        )
        for term, place in zip(matrices.random, layout.places, strict=True)
    )
    index = matrices.row_index
    return replace(
        matrices,
        response=matrices.response[rows],
        columns=tuple(_take(column, rows) for column in matrices.columns),
        random=terms,
        weights=None if matrices.weights is None else matrices.weights[rows],
        offset=None if matrices.offset is None else matrices.offset[rows],
        row_index=rows if index is None else index[rows],
    )


def _take(column: FloatArray, rows: IntArray) -> FloatArray:
    """Take rows; a constant column stays one number, seen often."""
    if column.strides == (0,):
        return np.broadcast_to(column[0], len(rows))
    return column[rows]
