"""Time: when the measurements of a cluster were taken."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.drawing import Stream, at_level, check_level


@dataclass(frozen=True, slots=True)
class Time:
    """Times of the units within each cluster: regular, jittered, or events after each other."""

    start: float = 0.0
    step: float = 1.0
    jitter: float = 0.0
    events: bool = False
    cluster: str | None = None
    level: str | None = None

    def __post_init__(self) -> None:
        for name in ("start", "step", "jitter"):
            object.__setattr__(self, name, number(getattr(self, name), f"nl.time(): the {name}"))
        if self.step <= 0:
            raise PopulationError(f"nl.time(): the step is {self.step:g}; expected one above 0.")
        if not 0 <= self.jitter <= self.step / 2:
            raise PopulationError(
                f"nl.time(): the jitter is {self.jitter:g}; it is at least 0 and at most step / 2 "
                f"= {self.step:g} / 2 = {self.step / 2:g}, so that occasions keep their order."
            )
        if self.events and self.jitter:
            raise PopulationError("nl.time(): events=True draws the gaps; it takes no jitter.")
        check_level(self.level, "nl.time()")
        check_level(self.cluster, "nl.time(): cluster")

    @property
    def random(self) -> bool:
        """Whether chance is involved."""
        return self.events or self.jitter > 0

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, clusters: IntArray, stream: Stream | None) -> AnyArray:
        """Make the times of units from the cluster of each, in the units' order."""
        n = clusters.size
        if stream is not None and self.events:
            gaps = (
                stream.exponential(self.step, n)
                if isinstance(stream, np.random.Generator)
                else stream.rexp(n, 1 / self.step)
            )
            return self.start + _summed(gaps, clusters)
        times = self.start + self.step * _positions(clusters)
        if stream is not None and self.jitter > 0:
            times += (
                stream.uniform(-self.jitter, self.jitter, n)
                if isinstance(stream, np.random.Generator)
                else stream.runif(n, -self.jitter, self.jitter)
            )
        return times

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        shift = self.step if self.events else 0.0
        return self.start + shift + self.step * (np.arange(n) % 6)

    def __str__(self) -> str:
        said = [f"{self.start:g}", f"{self.step:g}"]
        said += [f"jitter={self.jitter:g}"] if self.jitter else []
        said += ["events=True"] if self.events else []
        said += [f"cluster={self.cluster!r}"] if self.cluster else []
        return f"nl.time({', '.join(said)}{at_level(self.level)})"


def time(
    start: float = 0,
    step: float = 1,
    *,
    jitter: float = 0,
    events: bool = False,
    cluster: str | None = None,
    level: str | None = None,
) -> Time:
    """Describe times of measurement, which begin anew in each cluster.

    Parameters
    ----------
    start, step : float
        The first occasion is at `start`, each later one `step` after the one before.
    jitter : float
        Each occasion is early or late by at most this much, uniformly.
    events : bool
        Gaps are exponential with mean `step`, the first one after `start`: a Poisson process.
    cluster : str, optional
        Unit whose occasions are counted; None is the unit just outside.
    level : str, optional
        Unit of the design with one time each; None gives every row its own.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.time(0, 7, jitter=1))
    nl.time(0, 7, jitter=1)
    """
    return Time(start, step, jitter, events, cluster, level)


def _positions(clusters: IntArray) -> FloatArray:
    """Place of each unit among those of its cluster, from 0."""
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    places = np.empty(clusters.size)
    places[order] = np.arange(clusters.size) - starts
    return places


def _summed(gaps: FloatArray, clusters: IntArray) -> FloatArray:
    """Sum up gaps within each cluster."""
    order = np.argsort(clusters, kind="stable")
    running = np.cumsum(gaps[order])
    sizes = np.bincount(clusters)
    before = np.concatenate([[0.0], running])[np.cumsum(sizes) - sizes]
    times = np.empty(gaps.size)
    times[order] = running - np.repeat(before, sizes)
    return times
