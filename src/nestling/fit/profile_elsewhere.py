"""Whether the other coordinates have a better optimum than the one a profile has followed.

Away from the boundary the deviance has hardly ever two. Where correlations are one it may: minus
one and plus one can both be local optima, and which of them is better can change along a profile.
"""

from collections.abc import Iterator

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.profile_surface import Surface
from nestling.fit.profile_trace import Trace, trace_at

TIED = 0.1
"""Where T's diagonal is below this share of the effect's SD, a correlation is all but one."""
NOTHING = 1e-2
"""Below this a relative SD has vanished and its correlations mean nothing."""


def best_elsewhere(surface: Surface, point: Trace, tolerance: float) -> Trace:
    """Return the best of a traced point and those found from other starts at its parameter.

    Where effects of a grouping factor are tied together: 1. from the sign of one effect's
    covariances turned, 2. from the best point without the factor's effects.
    """
    best = point
    for positions, factor in _changes(surface, point.z):
        start = point.z.copy()
        start[positions] *= factor
        try:
            if factor == 0.0:
                fixed = np.append(positions, point.index)
                free = np.setdiff1d(np.arange(len(start)), fixed)
                without = trace_at(surface, start, free, tolerance=tolerance)
                if without.value > best.value:
                    continue
                start = without.z
            found = trace_at(surface, start, tolerance=tolerance)
        except np.linalg.LinAlgError:
            continue
        if found.value < best.value - 10.0 * tolerance and found.promise < tolerance:
            best = found
    return best


def _changes(surface: Surface, z: FloatArray) -> Iterator[tuple[IntArray, float]]:
    """Yield elements of theta and what to multiply them by."""
    x = surface.coordinates.natural(z)
    parameters, kept = surface.problem.parameters, surface.coordinates.exchanged
    for each, T in zip(parameters.entries, parameters.roots(x[: len(parameters)]), strict=True):
        spread = np.linalg.norm(T, axis=1)
        if not ((np.abs(np.diag(T)) < TIED * spread) & (spread > NOTHING)).any():
            continue
        turns = set()
        for effect in range(each.width):
            # S T S with S = diag(1, .., -1, .., 1): the diagonal stays as it is
            positions = each.position[(each.row == effect) != (each.column == effect)]
            if len(positions) and not np.isin(positions, kept).any():
                turns.add(tuple(positions.tolist()))
        yield from ((np.array(positions), -1.0) for positions in sorted(turns))
        yield each.position[~np.isin(each.position, kept)], 0.0
