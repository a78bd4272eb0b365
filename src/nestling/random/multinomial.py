"""Multinomial counts: one binomial after another, of what is left."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.random.binomial import binomial
from nestling.random.stream import Stream


def multinomial(stream: Stream, size: int, prob: FloatArray) -> list[int]:
    """Draw the counts of `size` trials in cells with probabilities that sum to one.

    Examples
    --------
    >>> multinomial(Stream(707), 20, np.array([0.2, 0.5, 0.3]))
    [2, 12, 6]
    """
    # the probability left is kept in C's long double where there is one: whether the last cell
    # that can be hit still needs a draw hangs on its last bits
    extended = prob.astype(np.longdouble)
    mass = np.cumsum(extended)[-1]
    counts = [0] * len(prob)
    left = size
    for k, p in enumerate(extended[:-1]):
        if left == 0:
            break
        if p > 0.0:
            share = float(p / mass)
            counts[k] = binomial(stream, left, share) if share < 1.0 else left
            left -= counts[k]
        mass -= p
    counts[-1] = left
    return counts
