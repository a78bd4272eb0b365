"""Whether the other coordinates have a better optimum than the one a profile has followed.

Away from the boundary the deviance has hardly ever two. Where correlations are one it may: minus
one and plus one can both be local optima, and which of them is better can change along a profile.
"""

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.profile_surface import Surface
from nestling.fit.profile_trace import Trace, trace_at

TIED = 0.1
"""Where T's diagonal is below this share of the effect's SD, a correlation is all but one."""
NOTHING = 1e-2
"""Below this a relative SD has vanished and its correlations mean nothing."""


def best_elsewhere(surface: Surface, point: Trace, tolerance: float) -> Trace:
    """Return the best of a traced point and those found from turned signs at its parameter."""
    best = point
    for start in _turned(surface, point.z):
        try:
            found = trace_at(surface, start, tolerance=tolerance)
        except np.linalg.LinAlgError:
            continue
        if found.value < best.value - 10.0 * tolerance and found.promise < tolerance:
            best = found
    return best


def _turned(surface: Surface, z: FloatArray) -> list[FloatArray]:
    """Turn the sign of one effect's covariances at a time, where effects are tied together."""
    x = surface.coordinates.natural(z)
    parameters, kept = surface.problem.parameters, surface.coordinates.exchanged
    starts: dict[tuple[int, ...], FloatArray] = {}
    for each, T in zip(parameters.entries, parameters.roots(x[: len(parameters)]), strict=True):
        spread = np.linalg.norm(T, axis=1)
        if not ((np.abs(np.diag(T)) < TIED * spread) & (spread > NOTHING)).any():
            continue
        for effect in range(each.width):
            # S T S with S = diag(1, .., -1, .., 1): the diagonal stays as it is
            positions = each.position[(each.row == effect) != (each.column == effect)]
            if len(positions) and not np.isin(positions, kept).any():
                turned = z.copy()
                turned[positions] *= -1.0
                starts[tuple(positions.tolist())] = turned
    return list(starts.values())
