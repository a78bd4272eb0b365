"""What is known about where a profile reaches a height."""

from dataclasses import dataclass, replace

import numpy as np

MAX_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Bracket:
    """An inner point where zeta is below the height, and an outer one where it is above.

    Attributes
    ----------
    side : int
        1 outward is up, -1 outward is down.
    start : float
        Where the search began.
    inner, zeta_inner, outer, zeta_outer : float
        Infinite while there is no outer point.
    doubts : int
        How often the outer end was given up.
    """

    side: int
    start: float
    inner: float
    zeta_inner: float
    outer: float
    zeta_outer: float
    doubts: int

    @classmethod
    def at(cls, side: int, start: float, zeta: float) -> "Bracket":
        """Begin at a point below the height."""
        return cls(side, start, start, zeta, side * np.inf, np.inf, 0)

    def narrowed(self, parameter: float, zeta: float, height: float) -> "Bracket":
        """Take a point in as one of the ends."""
        if zeta < height:
            return replace(self, inner=parameter, zeta_inner=zeta)
        return replace(self, outer=parameter, zeta_outer=zeta)

    @property
    def closed(self) -> bool:
        """Whether there is nothing left between the ends."""
        width = abs(self.outer - self.inner)
        return width <= 1e-11 * (abs(self.inner) + abs(self.inner - self.start))

    def inside(self, proposal: float, height: float) -> tuple[float, "Bracket"]:
        """Return the proposal if it lies inside and not absurdly far, else a point that does.

        A proposal beyond the outer end says that this end was measured at another, higher local
        optimum of the other coordinates: it is to be measured again, coming from inside.
        """
        side, inner, outer = self.side, self.inner, self.outer
        ahead = (proposal - inner) * side > 0.0
        if not np.isfinite(outer):
            farthest = inner + side * 3.0 * max(abs(inner - self.start), 1e-3)
            reasonable = ahead and (farthest - proposal) * side >= 0.0
            return (proposal if reasonable else farthest), self
        if ahead and (outer - proposal) * side > 0.0:
            return proposal, self
        if ahead and self.doubts < MAX_DOUBTS:
            doubted = replace(self, outer=side * np.inf, zeta_outer=np.inf, doubts=self.doubts + 1)
            return outer, doubted
        share = (height - self.zeta_inner) / (self.zeta_outer - self.zeta_inner)
        return inner + (outer - inner) * min(max(share, 0.1), 0.9), self
