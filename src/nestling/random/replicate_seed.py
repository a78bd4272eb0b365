"""The seed of one replicate: a stream for every component, by name, at the replicate's index."""

from dataclasses import dataclass

import numpy as np

from nestling.random.counter_streams import CounterStreams
from nestling.random.streams import component_stream, named_child


@dataclass(frozen=True, slots=True)
class ReplicateSeed:
    """The random numbers of replicate `index` among those of `parent`.

    A component has one key in all replicates and the index as its counter, so that many
    replicates of one component are drawn by moving one generator, and any replicate alone.

    Examples
    --------
    >>> seed = ReplicateSeed(np.random.SeedSequence(1), 417)
    >>> alone = seed.stream("residual").standard_normal(2)
    >>> many = streams_of_replicates(np.random.SeedSequence(1), "residual", [416, 417])
    >>> bool((many[1].standard_normal(2) == alone).all())
    True

    Components whose names begin with `same` have one stream for all replicates, that of the seed
    beside it.

    >>> same = ("predictor", np.random.SeedSequence(2))
    >>> one, other = (ReplicateSeed(np.random.SeedSequence(1), k, same) for k in range(2))
    >>> bool(one.stream("predictor X").random() == other.stream("predictor X").random())
    True
    """

    parent: np.random.SeedSequence
    index: int
    same: tuple[str, np.random.SeedSequence] | None = None

    def stream(self, name: str) -> np.random.Generator:
        """Return the stream of a component."""
        if self.same is not None and name.startswith(self.same[0]):
            return component_stream(self.same[1], name)
        return streams_of_replicates(self.parent, name, (self.index,))[0]


def streams_of_replicates(
    parent: np.random.SeedSequence, name: str, indices: tuple[int, ...] | list[int]
) -> CounterStreams:
    """Return the streams of one component in these replicates, one at a time."""
    return CounterStreams(named_child(parent, name), indices)
