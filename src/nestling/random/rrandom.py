"""`RRandom`: R's own streams of random numbers."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.mvrnorm import spectral_root
from nestling.random.normal import standard_normals
from nestling.random.twister import twister, uniforms

_LN2_SUMS = np.cumsum(np.log(2.0) ** np.arange(1, 17) / np.cumprod(np.arange(1.0, 17.0)))
"""Sums of ln(2)^i / i!, the cut points of the exponential sampler."""


class RRandom:
    """R's random numbers after `set.seed(seed)`.

    Mersenne-Twister, Inversion and Rejection, the defaults of R since 3.6. Every call
    continues the stream.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> r = RRandom(707)
    >>> r.rnorm(2, 0, 5**0.5).round(6).tolist()
    [-2.866334, -1.381019]
    """

    __slots__ = ("_words",)

    def __init__(self, seed: int) -> None:
        self.set_seed(seed)

    def set_seed(self, seed: int) -> None:
        """Start the stream anew, as set.seed() does."""
        self._words = np.random.Generator(twister(seed))

    def _uniforms(self, n: int) -> FloatArray:
        words = self._words.integers(0, 1 << 32, size=n, dtype=np.uint32)
        return uniforms(words)

    def runif(self, n: int, min: Any = 0.0, max: Any = 1.0) -> FloatArray:  # noqa: A002  R's names
        """Draw n uniform numbers between `min` and `max` (recycled)."""
        size = _count(n)
        low, high = _recycled(size, min=min, max=max)
        if (high < low).any():
            raise ArgumentError("runif: max is less than min. Swap them.")
        if np.ndim(min) == 0 and np.ndim(max) == 0 and min == max:
            return np.array(low)
        return low + (high - low) * self._uniforms(size)

    def rnorm(self, n: int, mean: Any = 0.0, sd: Any = 1.0) -> FloatArray:
        """Draw n normal numbers; `mean` and `sd` (a standard deviation) are recycled."""
        size = _count(n)
        centre, spread = _recycled(size, mean=mean, sd=sd)
        if (spread < 0.0).any():
            raise ArgumentError(f"rnorm: sd={sd!r} is negative; it is a standard deviation.")
        drawn = spread != 0.0
        if drawn.all():
            return centre + spread * standard_normals(self._uniforms(2 * size))
        values = np.array(centre)
        standard = standard_normals(self._uniforms(2 * int(drawn.sum())))
        values[drawn] += spread[drawn] * standard
        return values

    def rexp(self, n: int, rate: Any = 1.0) -> FloatArray:
        """Draw n exponential numbers (Ahrens and Dieter 1972); `rate` is recycled."""
        size = _count(n)
        (rates,) = _recycled(size, rate=rate)
        if (rates <= 0.0).any():
            raise ArgumentError(f"rexp: rate={rate!r} must be positive.")
        return np.array([self._exponential() for _ in range(size)]) / rates

    def _exponential(self) -> float:
        total, u = 0.0, self._uniform()
        while True:
            u += u
            if u > 1.0:
                break
            total += _LN2_SUMS[0]
        u -= 1.0
        if u <= _LN2_SUMS[0]:
            return float(total + u)
        smallest, i = self._uniform(), 0
        while True:
            smallest = min(smallest, self._uniform())
            i += 1
            if u <= _LN2_SUMS[i]:
                return float(total + smallest * _LN2_SUMS[0])

    def _uniform(self) -> float:
        return float(self._uniforms(1)[0])

    def sample(self, x: Any, size: int | None = None, replace: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Draw from 1 .. x, or from the elements of a sequence x.

        Without a size all are drawn: a permutation.
        """
        if isinstance(x, int | np.integer):
            return self.sample_int(int(x), size, replace)
        values = np.asarray(x)
        return values[self.sample_int(len(values), size, replace) - 1]

    def sample_int(self, n: int, size: int | None = None, replace: bool = False) -> IntArray:  # noqa: FBT001, FBT002
        """Draw whole numbers from 1 .. n (R's sample.int, rejection sampling)."""
        total = _count(n)
        count = total if size is None else _count(size)
        if replace:
            return np.array([self._index(total) + 1 for _ in range(count)], dtype=np.intp)
        if count > total:
            raise ArgumentError(
                f"sample: size={count} is more than the {total} there are. Use replace=True."
            )
        if total > 10_000_000 and count <= total / 2:
            seen: dict[int, None] = {}
            while len(seen) < count:
                seen.setdefault(self._index(total) + 1)
            return np.array(list(seen), dtype=np.intp)
        pool = np.arange(1, total + 1)
        chosen = np.empty(count, dtype=np.intp)
        for i in range(count):
            j = self._index(total - i)
            chosen[i] = pool[j]
            pool[j] = pool[total - i - 1]
        return chosen

    def _index(self, n: int) -> int:
        """Return a whole number below n, from as many bits as n needs."""
        if n <= 0:
            return 0
        bits = int(np.ceil(np.log2(n)))
        while True:
            value = 0
            for _ in range(0, bits + 1, 16):
                value = 65536 * value + int(np.floor(self._uniform() * 65536))
            value &= (1 << bits) - 1
            if value < n:
                return value

    def mvrnorm(self, n: int, mu: Any, Sigma: Any) -> FloatArray:
        """Draw n rows of a multivariate normal with covariance matrix Sigma, as MASS does."""
        size = _count(n)
        mean = np.atleast_1d(np.asarray(mu, dtype=float))
        covariance = np.atleast_2d(np.asarray(Sigma, dtype=float))
        if covariance.shape[0] != len(mean):
            raise ArgumentError(
                f"mvrnorm: mu has {len(mean)} elements and Sigma the shape {covariance.shape}. "
                "They must agree."
            )
        root = spectral_root(covariance)
        standard = self.rnorm(size * len(mean)).reshape(len(mean), size)
        return np.asarray(mean + (root @ standard).T)


def _count(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise ArgumentTypeError(f"n={n!r} is not a whole number.")
    if n < 0:
        raise ArgumentError(f"n={n} is negative.")
    return int(n)


def _recycled(n: int, **arguments: Any) -> list[FloatArray]:
    """Repeat arguments to length n, as R does."""
    vectors = []
    for name, given in arguments.items():
        values = np.atleast_1d(np.asarray(given, dtype=float))
        if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
            raise ArgumentError(f"{name}={given!r} must be finite numbers.")
        vectors.append(np.broadcast_to(values, n) if len(values) == 1 else np.resize(values, n))
    return vectors
