"""R's samples from finite populations: the part of `RRandom` that draws elements."""

from typing import Any

import numpy as np

from nestling.arrays import IntArray
from nestling.errors import ArgumentError
from nestling.random import positions, weighted
from nestling.random.arguments import weights, whole
from nestling.random.stream import Stream


class Samples:
    """Methods of `RRandom` that draw elements of a population."""

    __slots__ = ()
    _stream: Stream

    def sample(
        self, x: Any, size: int | None = None, replace: bool = False, prob: Any = None
    ) -> Any:
        """Draw from 1 .. x, or from the elements of a sequence x.

        Parameters
        ----------
        x : int or sequence
            A sequence of one number is a sequence, other than in R.
        size : int, optional
            How many; all when absent, which is a permutation.
        replace : bool
            Whether an element may be drawn again.
        prob : sequence, optional
            Weights of the elements; equal when absent.

        Returns
        -------
        array (size,)

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).sample(5).tolist()
        [4, 3, 2, 1, 5]
        >>> RRandom(707).sample(["a", "b", "c"], 4, replace=True).tolist()
        ['c', 'c', 'b', 'a']
        """
        if np.ndim(x) == 0:
            return self.sample_int(whole("sample", "x", x), size, replace, prob)
        values = np.asarray(x)
        if values.ndim != 1:
            raise ArgumentError(
                f"sample: x has shape {values.shape}; expected a whole number or a sequence."
            )
        return values[self.sample_int(len(values), size, replace, prob) - 1]

    def sample_int(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: Any = None,
        useHash: bool | None = None,
    ) -> IntArray:
        """Draw whole numbers from 1 .. n, as R's sample.int().

        Parameters
        ----------
        n : int
            Up to 4.5e15.
        size, replace, prob
            As in `sample`.
        useHash : bool, optional
            Whether numbers drawn before are rejected, rather than taken out; by default for n
            above 1e7 and size up to n / 2, without replacement or weights.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).sample_int(100, 5).tolist()
        [23, 36, 55, 52, 37]
        """
        total = whole("sample", "n", n)
        count = total if size is None else whole("sample", "size", size)
        if total > positions.LARGEST:
            raise ArgumentError(f"sample: n={total} is above 4.5e15, more than R can draw from.")
        if count and not total:
            raise ArgumentError("sample: n=0 leaves nothing to draw from.")
        if not replace and count > total:
            raise ArgumentError(
                f"sample: size={count} is more than the n={total} there are. Draw fewer, or use "
                "replace=True."
            )
        if prob is not None:
            p = weights("sample", prob, distinct=1 if replace else count)
            if len(p) != total:
                raise ArgumentError(
                    f"sample: prob has {len(p)} elements for n={total}; expected one for each."
                )
            draw_weighted = weighted.with_replacement if replace else weighted.without_replacement
            return draw_weighted(self._stream, p, count) + 1
        if replace:
            return positions.with_replacement(self._stream, total, count) + 1
        if positions.hashed(total, count) if useHash is None else useHash:
            return positions.by_rejecting_repeats(self._stream, total, count) + 1
        return positions.without_replacement(self._stream, total, count) + 1
