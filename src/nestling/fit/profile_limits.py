"""Both ends of a profile interval."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.profile_elsewhere import best_elsewhere
from nestling.fit.profile_surface import Surface
from nestling.fit.profile_trace import TIGHT, Trace, trace_at
from nestling.fit.profile_walk import LAX, Crossing, Path, cross

MAX_BRANCHES = 4
"""How often a search goes on from a better optimum of the other coordinates."""


def optimum_of(surface: Surface, z: FloatArray) -> Trace:
    """Return the profile at the estimates."""
    return trace_at(surface, z, tolerance=TIGHT)


def limits(
    surface: Surface, start: Trace, height: float, ceiling: float = np.inf
) -> tuple[Crossing, Crossing]:
    """Find where the profile has risen by height^2 on either side of the estimate.

    Parameters
    ----------
    surface : Surface
    start : Trace
        The profile at the estimate.
    height : float
    ceiling : float
        A zeta that the parameter can evade whatever its value, as a correlation can when the
        variance of one of its effects vanishes: the profile never rises higher.
    """
    low = start.value
    if ceiling <= height:
        below, above = (
            Crossing(bound, side * ceiling, "bound", start)
            for side, bound in zip((-1, 1), surface.coordinates.bounds, strict=True)
        )
        return below, above
    above = _cross(surface, start, low, height, 1, None)
    return _cross(surface, start, low, height, -1, above), above


def _cross(
    surface: Surface, start: Trace, low: float, height: float, side: int, mirror: Crossing | None
) -> Crossing:
    """Go in one stride, or where that loses the way in small ones; go on if it leads further.

    It does when the other coordinates have a better optimum at the crossing than the one that
    was followed.
    """
    crossing = cross(surface, Path.from_optimum(start, height, side, mirror), low, height, side)
    if crossing.status == "lost":
        crossing = climb(surface, start, height * np.linspace(0.1, 1.0, 10), side, lax=TIGHT)[-1]
    for _ in range(MAX_BRANCHES):
        if crossing.status != "reached":
            break
        better = best_elsewhere(surface, crossing.trace, TIGHT)
        if better is crossing.trace:
            break
        if better.undercuts(low):
            return Crossing(np.nan, np.nan, "lower", better)
        path = Path.onward(better, low, height, side)
        crossing = cross(surface, path, low, height, side, lax=TIGHT)
    return crossing


def climb(
    surface: Surface,
    start: Trace,
    heights: FloatArray,
    side: int,
    *,
    ceiling: float = np.inf,
    lax: float = LAX,
) -> list[Crossing]:
    """Return the crossings of increasing heights on one side, up to the end of the domain."""
    crossings: list[Crossing] = []
    path = Path.from_optimum(start, float(heights[0]), side)
    for height in map(float, heights):
        if ceiling <= height:
            bound = surface.coordinates.bounds[side > 0]
            return [*crossings, Crossing(bound, side * ceiling, "bound", path.origin)]
        if crossings:
            path = Path.onward(crossings[-1].trace, start.value, height, side)
        crossings.append(cross(surface, path, start.value, height, side, lax=lax))
        if crossings[-1].status != "reached":
            break
    return crossings


def ceiling_of(surface: Surface, start: Trace) -> float:
    """Return zeta at the lower bound of the parameter: for an SD, where its effect vanishes."""
    if start.parameter == surface.coordinates.bounds[0]:
        return 0.0
    bound = surface.coordinates.at_bound(start.z)
    return trace_at(surface, *bound, tolerance=TIGHT).zeta(start.value)
