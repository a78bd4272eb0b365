"""Which structure the grouping factors of a model have."""

import os
from itertools import combinations

import numpy as np

from nestling.errors import ModelError
from nestling.fit.collapse import one_factor
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.nested import Nested
from nestling.fit.structure import Structure
from nestling.statistics.sufficient import SufficientStatistics

DENSE_EFFECTS = 320
"""Up to this many random effects the dense structure, with its exact Hessian, is the fastest."""

DENSE_SLOPES = 640
"""The same where levels have many effects: the average information takes long to such optima."""

MANY = 6
"""Effects of a level of each factor, in all, that are many."""

FACTORS_HELD = 4
"""Matrices of the order of the factors that are not eliminated: of two evaluations at once."""

TABLES_HELD = 5
"""Tables that join these to the eliminated factors above the leaves."""

SHARE = 0.8
"""Of the physical memory that matrices may take."""

PHYSICAL = 8 * 2**30
"""Physical memory where the system does not tell it."""


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
    if effects <= DENSE_SLOPES and sum(f.width for f in statistics.factors) >= MANY:
        return Dense.of(statistics)
    chain = best_chain(statistics)
    needed, available = memory_needed(statistics, chain), memory_available()
    if needed > available:
        raise ModelError(
            f"These crossed grouping factors need a dense matrix of {_order(statistics, chain):,} "
            f"random effects and {needed / 2**30:.1f} GiB of memory; {available / 2**30:.1f} GiB "
            "may be used. Leave out random slopes of the smaller factors, or fit factors with "
            "fewer levels or a sample of them."
        )
    return Crossed.of(statistics, chain)


def is_nested(statistics: SufficientStatistics) -> bool:
    """Whether every level of a factor meets one level only of each later factor."""
    return all(_below(statistics).values())


def _below(statistics: SufficientStatistics) -> dict[tuple[int, int], bool]:
    """Tell of every two factors whether the first is nested in the second."""
    return {
        (pair.first, pair.second): len(pair.rows) == statistics.factors[pair.first].n_levels
        and np.array_equal(pair.rows, np.arange(len(pair.rows)))
        for pair in statistics.pairs
    }


def best_chain(statistics: SufficientStatistics) -> tuple[int, ...]:
    """Return the factors, nested in one another, whose elimination leaves the least memory."""
    below, factors = _below(statistics), range(len(statistics.factors))
    chains = [
        chain
        for length in range(1, len(factors))
        for chain in combinations(factors, length)
        if all(below[pair] for pair in combinations(chain, 2))
    ]
    return min(chains, key=lambda chain: memory_needed(statistics, chain))


def _order(statistics: SufficientStatistics, chain: tuple[int, ...]) -> int:
    return sum(
        f.width * f.n_levels for g, f in enumerate(statistics.factors) if g not in chain
    )  # fmt: skip


def memory_needed(statistics: SufficientStatistics, chain: tuple[int, ...]) -> int:
    """Return the bytes of an evaluation with this chain eliminated.

    Two evaluations share it, each with a factor of the others' matrix, and one has its inverse.
    Factors of the chain above the leaves are joined to the others by dense tables.
    """
    q = _order(statistics, chain)
    tables = sum(statistics.factors[f].width * statistics.factors[f].n_levels for f in chain[1:])
    return 8 * (FACTORS_HELD * q * q + TABLES_HELD * tables * q)


def memory_available() -> int:
    """Return the share of the physical memory that matrices may take, in bytes."""
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        physical = PHYSICAL
    return int(SHARE * physical)
