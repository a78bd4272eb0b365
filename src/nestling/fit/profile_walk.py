"""Along a profile, from the optimum to where the deviance has risen by a given amount.

The signed root zeta of the rise is almost linear in the parameter, so Newton steps on zeta go
far; what the other coordinates do meanwhile is almost linear, too, and is predicted. Each
evaluation gives value, slope and curvature of the profile at once, because the quadratic model
in the other coordinates says how much lower their optimum lies. Most limits take three or four.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.profile_bracket import Bracket
from nestling.fit.profile_surface import Surface
from nestling.fit.profile_trace import TIGHT, Trace, trace_at

LAX = 0.2
"""While the model promises to lower the deviance by no more, it is trusted and not followed."""
CAUTIOUS = 0.05
"""So much less is believed of models whose second derivatives are approximate."""
CLOSE = 1e-5
"""This near the wanted zeta the next step is exact to rounding and needs no evaluation."""
PATIENCE = 8
"""After so many points a search goes on without trusting models."""
MAX_POINTS = 60


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a profile reaches a height.

    Attributes
    ----------
    parameter : float
    zeta : float
        Signed root of the rise at `trace`.
    status : str
        'reached'; 'bound' where the domain ends before; 'lower' when a point below the optimum
        turned up; 'lost' when the search failed.
    trace : Trace
        The last point.
    """

    parameter: float
    zeta: float
    status: Literal["reached", "bound", "lower", "lost"]
    trace: Trace


@dataclass(frozen=True, slots=True)
class Path:
    """Where a profile is expected to lead from a traced point.

    Attributes
    ----------
    origin : Trace
    ahead : float
        Distance to the wanted height.
    curve : array
        At distance d the coordinates have moved by follow d + curve d^2.
    """

    origin: Trace
    ahead: float
    curve: FloatArray

    @classmethod
    def from_optimum(
        cls, start: Trace, height: float, side: int, mirror: Crossing | None = None
    ) -> "Path":
        """Draw zeta and coordinates by their slopes, bent to meet a crossing on the other side."""
        reach = 5.0 * (1.0 + abs(start.parameter))
        rate = max(float(np.sqrt(max(0.5 * start.curvature, 0.0))), height / reach)
        if mirror is None or mirror.status != "reached":
            return cls(start, side * height / rate, np.zeros_like(start.follow))
        distance = mirror.parameter - start.parameter
        bend = (-side * height - rate * distance) / distance**2
        distance = mirror.trace.parameter - start.parameter
        curve = (mirror.trace.z - start.z - start.follow * distance) / distance**2
        discriminant = rate**2 + 4.0 * bend * side * height
        if discriminant < 0.1 * rate**2:
            return cls(start, side * height / rate, curve)
        return cls(start, 2.0 * side * height / (rate + float(np.sqrt(discriminant))), curve)

    @classmethod
    def onward(cls, point: Trace, low: float, height: float, side: int) -> "Path":
        """Correct by Halley's rule on zeta; infinitely far where the profile is flat."""
        zeta, slope = point.zeta(low), 0.5 * side * point.slope
        ahead = np.inf
        if zeta > 0.0 and slope > 0.0:
            gap, first = height - zeta, slope / zeta
            second = (0.5 * point.curvature - first**2) / zeta
            ahead = gap / (first * max(1.0 + 0.5 * gap * second / first**2, 0.25))
        return cls(point, side * ahead, np.zeros_like(point.follow))

    def at(self, parameter: float) -> FloatArray:
        """Return all coordinates expected at a value of the parameter."""
        origin = self.origin
        distance = parameter - origin.parameter
        z = origin.z + origin.follow * distance + self.curve * distance**2
        z[origin.index] = parameter
        return z


def cross(
    surface: Surface, path: Path, low: float, height: float, side: int, *, lax: float = LAX
) -> Crossing:
    """Find where the profile deviance exceeds `low` by height^2, on one side of the optimum.

    1. go where the path leads, 2. evaluate, 3. correct by Halley's rule inside the bracket so
    far, 4. stop when close; where the domain ends stop there, or turn back into it.
    """
    bound = surface.coordinates.bounds[side > 0]
    origin = path.origin
    if origin.parameter == bound:
        return Crossing(bound, side * origin.zeta(low), "bound", origin)
    bracket = begun = Bracket.at(side, origin.parameter, origin.zeta(low))
    proposal = origin.parameter + path.ahead
    for count in range(MAX_POINTS):
        if count == PATIENCE:  # the models have misled: believe measurements only, and afresh
            lax, bracket = TIGHT, begun
        ends = (bound - proposal) * side <= 0.0
        proposal = bound if ends else proposal
        believed = lax if surface.problem.structure.exact else CAUTIOUS * lax
        point = _measured(surface, path.at(proposal), ends=ends, lax=max(believed, TIGHT))
        if point is None:
            proposal = 0.5 * (bracket.inner + proposal)
            continue
        if point.undercuts(low):
            return Crossing(np.nan, np.nan, "lower", point)
        zeta = point.zeta(low)
        if ends and zeta <= height:
            return Crossing(bound, side * zeta, "bound", point)
        if abs(height**2 - (point.value - low)) > 2.0 * point.promise:
            bracket = bracket.narrowed(proposal, zeta, height)
        onward = Path.onward(point, low, height, side)
        if abs(height - zeta) < CLOSE and point.promise < TIGHT:
            return Crossing(proposal + onward.ahead, side * height, "reached", point)
        if bracket.closed:
            break
        proposal, bracket = bracket.inside(point.parameter + onward.ahead, height)
        path = path if ends else onward
    return Crossing(np.nan, np.nan, "lost", path.origin)


def _measured(surface: Surface, z: FloatArray, *, ends: bool, lax: float) -> Trace | None:
    """Return the profile at z, None where the deviance has no value."""
    try:
        if ends:
            return trace_at(surface, *surface.coordinates.at_bound(z), tolerance=TIGHT)
        return trace_at(surface, z, tolerance=lax)
    except np.linalg.LinAlgError:
        return None
