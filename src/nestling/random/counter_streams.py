"""Many short streams of normals at little cost: one counter-based generator, moved about.

A generator of its own for every replicate costs more than the few dozen numbers a replicate
needs. Philox (Salmon, Moraes, Dror and Shaw 2011) is a function of a key and a counter: stream i
starts at counter i * 2^128, and moving there is writing down a number.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from nestling.arrays import IntArray


class CounterStreams(Sequence[np.random.Generator]):
    """Streams by index, one at a time.

    All share one generator: asking for the next stream ends the use of the one before.

    Parameters
    ----------
    seed : SeedSequence
        Gives the key.
    index : sequence of int
        From 0 on.

    Examples
    --------
    >>> seed = np.random.SeedSequence(1)
    >>> first = [float(stream.standard_normal()) for stream in CounterStreams(seed, [3, 4])]
    >>> again = [float(stream.standard_normal()) for stream in CounterStreams(seed, [4, 3])]
    >>> first == again[::-1]
    True
    """

    def __init__(self, seed: np.random.SeedSequence, index: Sequence[int] | IntArray) -> None:
        self._bits = np.random.Philox(key=seed.generate_state(2, np.uint64))
        self._generator = np.random.Generator(self._bits)
        # the state at the start of a stream; only the counter differs between streams
        self._counter = np.zeros(4, dtype=np.uint64)
        state = self._bits.state
        self._start: Any = {
            **state,
            "state": {"counter": self._counter, "key": state["state"]["key"]},
        }
        self._index = [int(i) for i in index]

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._index)

    def __iter__(self) -> Iterator[np.random.Generator]:
        """Move from stream to stream."""
        return map(self._at, self._index)

    @overload
    def __getitem__(self, position: int) -> np.random.Generator: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[np.random.Generator]: ...
    def __getitem__(
        self, position: int | slice
    ) -> np.random.Generator | Sequence[np.random.Generator]:
        """Move to one stream; several are no sequence, since they share a generator."""
        if isinstance(position, slice):
            raise TypeError("counter streams are visited one at a time")
        return self._at(self._index[position])

    def _at(self, index: int) -> np.random.Generator:
        self._counter[2] = index
        self._bits.state = self._start
        return self._generator
