"""One stream of uniform numbers, read in bulk or one at a time."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.random.normal import standard_normals
from nestling.random.twister import twister, uniforms

_AHEAD = 256
"""Uniforms fetched at a time for samplers that need an unknown number of them."""

_POWERS = np.log(2.0) ** np.arange(1, 17)
_CUTS: list[float] = np.cumsum(_POWERS / np.cumprod(np.arange(1.0, 17.0))).tolist()
"""Sums of ln(2)^i / i!: the cut points of the exponential sampler."""


class Stream:
    """R's uniforms after set.seed(seed), and the two samplers that others build on."""

    __slots__ = ("_ahead", "_next", "_words")

    def __init__(self, seed: int) -> None:
        self._words = np.random.Generator(twister(seed))
        self._ahead: list[float] = []
        self._next = 0

    def _fetch(self, n: int) -> FloatArray:
        return uniforms(self._words.integers(0, 1 << 32, size=n, dtype=np.uint32))

    def uniforms(self, n: int) -> FloatArray:
        """Return the next n uniforms."""
        left = self._ahead[self._next : self._next + n]
        if not left:
            return self._fetch(n)
        self._next += len(left)
        return np.concatenate([left, self._fetch(n - len(left))])

    def uniform(self) -> float:
        """Return the next uniform."""
        if self._next >= len(self._ahead):
            self._ahead, self._next = self._fetch(_AHEAD).tolist(), 0
        self._next += 1
        return self._ahead[self._next - 1]

    def normals(self, n: int) -> FloatArray:
        """Return n standard normals."""
        return standard_normals(self.uniforms(2 * n))

    def normal(self) -> float:
        """Return one standard normal."""
        return float(self.normals(1)[0])

    def exponential(self) -> float:
        """Return one standard exponential (Ahrens and Dieter 1972, algorithm SA)."""
        total, u = 0.0, self.uniform()
        while (u := u + u) <= 1.0:
            total += _CUTS[0]
        u -= 1.0
        if u <= _CUTS[0]:
            return total + u
        smallest = min(self.uniform(), self.uniform())
        i = 1
        while u > _CUTS[i]:
            smallest = min(smallest, self.uniform())
            i += 1
        return total + smallest * _CUTS[0]

    def index(self, n: int) -> int:
        """Return a whole number below n from as many bits as n needs, by rejection."""
        if n <= 0:
            return 0
        bits = int(np.ceil(np.log2(n)))
        mask = (1 << bits) - 1
        while True:
            value = 0
            for _ in range(0, bits + 1, 16):
                value = 65536 * value + int(self.uniform() * 65536)
            if (value & mask) < n:
                return value & mask
