"""Random effects that the fixed effects take up whole: no variance of theirs can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.fit.second_order import blocks_at, grams

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

# the share of a random effect outside the fixed effects that is rounding
SMALL = 1e-9


def confounded(fit: LmerFit) -> tuple[str, ...]:
    """Return the grouping factors with an effect that lies in the space of X.

    There P Z = 0 and the restricted likelihood does not move with the variance, as with one
    fixed effect per cluster. By tr(P Z_a Z_a'), which is tr(V^-1 Z_a Z_a') less its share in X.
    """
    problem, point = fit.solution.problem, fit.solution.point
    if not fit.reml or not problem.p:
        return ()
    blocks = blocks_at(problem, point)
    found = []
    sums = blocks.factorisation.traces()
    terms, members = fit.matrices.random, fit.solution.layout.members
    for place, total in enumerate(sums):
        k = total.shape[-1]
        units = np.zeros((k, k, k))
        units[np.arange(k), np.arange(k), np.arange(k)] = 1.0
        directions = tuple(
            units if other == place else np.zeros((k, *s.shape[-2:]))
            for other, s in enumerate(sums)
        )
        inside = np.einsum("mii->m", grams(blocks, directions))
        whole = np.diag(total)
        if ((whole > 0.0) & (whole - inside <= SMALL * whole)).any():
            found.append(terms[members[place][0]].group)
    return tuple(dict.fromkeys(found))
