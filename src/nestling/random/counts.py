"""R's discrete distributions: the part of `RRandom` that draws counts."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentError
from nestling.random.arguments import recycled, require, weights, whole
from nestling.random.binomial import binomial
from nestling.random.exponential import standard_exponential
from nestling.random.gamma import gamma
from nestling.random.hypergeometric import hypergeometric
from nestling.random.multinomial import multinomial
from nestling.random.poisson import poisson
from nestling.random.stream import Stream

_POSITIVE = "above 0"
_LARGEST_SIZE = 2**31 - 1
_LARGEST_MEAN = 2.0**53
_LARGEST_COUNT = 2**62


class Counts:
    """Methods of `RRandom` that draw from discrete distributions."""

    __slots__ = ()
    _stream: Stream

    def rbinom(self, n: int, size: Any, prob: Any) -> IntArray:
        """Draw n binomial counts of `size` trials with probability `prob`.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rbinom(4, 10, 0.3).tolist()
        [1, 3, 2, 3]
        """
        count = whole("rbinom", "n", n)
        sizes, p = recycled("rbinom", count, size=size, prob=prob)
        counts = (sizes >= 0.0) & (sizes == np.floor(sizes)) & (sizes < _LARGEST_SIZE)
        require(counts, "rbinom", "size", sizes, "a whole number from 0 to 2147483646")
        require((p >= 0.0) & (p <= 1.0), "rbinom", "prob", p, "between 0 and 1")
        return _counts(lambda m, q: binomial(self._stream, int(m), q), sizes, p)

    def rpois(self, n: int, lambda_: Any) -> IntArray:
        """Draw n Poisson counts with mean `lambda_`.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rpois(3, [0.1, 5, 40]).tolist()
        [0, 4, 36]
        """
        size = whole("rpois", "n", n)
        (means,) = recycled("rpois", size, lambda_=lambda_)
        good = (means >= 0.0) & (means <= _LARGEST_MEAN)
        require(good, "rpois", "lambda_", means, "between 0 and 2^53")
        return _counts(lambda mean: poisson(self._stream, mean), means)

    def rgeom(self, n: int, prob: Any) -> IntArray:
        """Draw n geometric counts: failures before the first success.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rgeom(3, 0.2).tolist()
        [10, 0, 3]
        """
        size = whole("rgeom", "n", n)
        (p,) = recycled("rgeom", size, prob=prob)
        require((p > 0.0) & (p <= 1.0), "rgeom", "prob", p, "above 0 and at most 1")

        def draw(mean: float) -> int:
            return poisson(self._stream, standard_exponential(self._stream) * mean)

        return _counts(draw, (1.0 - p) / p)

    def rnbinom(self, n: int, size: Any, prob: Any = None, mu: Any = None) -> IntArray:
        """Draw n negative binomial counts with dispersion `size`, by `prob` or by the mean `mu`.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rnbinom(3, size=1.7, mu=6).tolist()
        [1, 10, 0]
        """
        count = whole("rnbinom", "n", n)
        if (prob is None) == (mu is None):
            raise ArgumentError(f"rnbinom: prob={prob!r} and mu={mu!r}. Give one of them.")
        (sizes,) = recycled("rnbinom", count, size=size)
        require(sizes > 0.0, "rnbinom", "size", sizes, _POSITIVE)
        if mu is None:
            (p,) = recycled("rnbinom", count, prob=prob)
            require((p > 0.0) & (p <= 1.0), "rnbinom", "prob", p, "above 0 and at most 1")
            scales = (1.0 - p) / p
        else:
            (means,) = recycled("rnbinom", count, mu=mu)
            require(means >= 0.0, "rnbinom", "mu", means, "at least 0")
            scales = means / sizes
        return _counts(lambda a, s: poisson(self._stream, gamma(self._stream, a, s)), sizes, scales)

    def rhyper(self, nn: int, m: Any, n: Any, k: Any) -> IntArray:
        """Draw nn hypergeometric counts: white balls among `k` from `m` white and `n` black.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rhyper(4, 10, 7, 8).tolist()
        [6, 5, 5, 5]
        """
        count = whole("rhyper", "nn", nn)
        urns = recycled("rhyper", count, m=m, n=n, k=k)
        for name, values in zip("mnk", urns, strict=True):
            good = (values >= 0.0) & (values == np.floor(values)) & (values < _LARGEST_SIZE)
            require(good, "rhyper", name, values, "a whole number from 0 to 2147483646")
        white, black, drawn = urns
        require(drawn <= white + black, "rhyper", "k", drawn, "at most m + n")
        return _counts(lambda m, n, k: hypergeometric(self._stream, int(m), int(n), int(k)), *urns)

    def rmultinom(self, n: int, size: int, prob: Any) -> IntArray:
        """Draw n vectors of multinomial counts: (len(prob), n), one a column, as R arranges them.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rmultinom(3, 20, [0.2, 0.5, 0.3]).tolist()
        [[2, 3, 5], [12, 11, 8], [6, 6, 7]]
        """
        count, trials = whole("rmultinom", "n", n), whole("rmultinom", "size", size)
        p = weights("rmultinom", prob)
        columns = [multinomial(self._stream, trials, p) for _ in range(count)]
        return np.array(columns, dtype=np.intp).reshape(count, len(p)).T


def _counts(draw: Callable[..., int], *arguments: FloatArray) -> IntArray:
    drawn = list(map(draw, *(values.tolist() for values in arguments)))
    if drawn and max(drawn) >= _LARGEST_COUNT:
        raise ArgumentError(
            f"a count of about {float(max(drawn)):g} was drawn, too large for whole numbers; "
            "check size, prob and mu."
        )
    return np.array(drawn, dtype=np.intp)
