"""One stream of R's uniform numbers, read in bulk or one at a time."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.random.twister import open_interval, twister

_AHEAD = 256
"""Uniforms fetched at a time for samplers that cannot know how many they will need."""

_FEW = 16
"""Fewer than so many are sooner read one at a time."""

_KIND = 10403
"""R's code for Mersenne-Twister, Inversion, Rejection."""


class Stream:
    """R's uniforms after set.seed(seed).

    Whatever is read one at a time or in bulk, the numbers come in one order and none is lost.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> stream = Stream(707)
    >>> round(stream.uniform(), 6), stream.uniforms(2).round(6).tolist()
    (0.099945, [0.438034, 0.268416])
    """

    __slots__ = ("_ahead", "_ahead_from", "_next", "_words")

    def __init__(self, seed: int) -> None:
        self._words = np.random.Generator(twister(seed))
        self._ahead: list[float] = []
        self._ahead_from: Any = None
        self._next = 0

    def uniforms(self, n: int) -> FloatArray:
        """Return the next n uniforms."""
        if n < _FEW:
            return np.array([self.uniform() for _ in range(n)])
        left = self._ahead[self._next : self._next + n]
        if not left:
            return self._fetch(n)
        self._next += len(left)
        return np.concatenate([left, self._fetch(n - len(left))])

    def uniform(self) -> float:
        """Return the next uniform."""
        i = self._next
        if i == len(self._ahead):
            self._ahead_from = self._words.bit_generator.state
            self._ahead, i = self._fetch(_AHEAD).tolist(), 0
        self._next = i + 1
        return self._ahead[i]

    def _fetch(self, n: int) -> FloatArray:
        # numpy hands out the twister's words as they are: the fastest way to them
        return open_interval(self._words.integers(0, 1 << 32, size=n, dtype=np.uint32))

    @property
    def random_seed(self) -> IntArray:
        """R's `.Random.seed` at this point: kind, position and the 624 words."""
        state = self._words.bit_generator.state
        if self._next < len(self._ahead):
            behind = np.random.MT19937(0)
            behind.state = self._ahead_from
            behind.random_raw(self._next)
            state = behind.state
        words = state["state"]["key"].astype(np.uint32).view(np.int32)
        return np.concatenate([[_KIND, state["state"]["pos"]], words]).astype(np.intp)
