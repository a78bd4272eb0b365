"""Which structure the grouping factors of a model have."""

import numpy as np

from nestling.fit.collapse import one_factor
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.nested import Nested
from nestling.fit.structure import Structure
from nestling.statistics.sufficient import SufficientStatistics

DENSE_EFFECTS = 320
"""Up to this many random effects the dense structure, with its exact Hessian, is the fastest."""

DENSE_SLOPES = 1000
"""The same where levels have several effects: the average information takes long to such optima."""


def structure_of(statistics: SufficientStatistics) -> Structure:
    """Arrange sufficient statistics in the cheapest structure that holds them.

    One factor; few effects in all; nested factors; slopes of moderate size; the rest is crossed.
    """
    if len(statistics.factors) == 1:
        return one_factor(statistics)
    effects = sum(f.width * f.n_levels for f in statistics.factors)
    if effects <= DENSE_EFFECTS:
        return Dense.of(statistics)
    if is_nested(statistics):
        return Nested.of(statistics)
    if effects <= DENSE_SLOPES and any(f.width > 1 for f in statistics.factors):
        return Dense.of(statistics)
    return Crossed.of(statistics)


def is_nested(statistics: SufficientStatistics) -> bool:
    """Whether every level of a factor meets one level only of each later factor."""
    return all(
        np.array_equal(pair.rows, np.arange(statistics.factors[pair.first].n_levels))
        for pair in statistics.pairs
    )
