"""Units to arms in fixed numbers: as near to the shares as whole numbers, and exact on average."""

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.simulate.drawing import Stream

# Nearer to a whole number than this is a whole number.
ALMOST = 1e-9


def shuffled(stream: Stream, n: int) -> IntArray:
    """Return a random order of n."""
    if isinstance(stream, np.random.Generator):
        return stream.permutation(n)
    return np.asarray(stream.sample(n), dtype=np.intp) - 1


def allocated(
    stream: Stream, n: int, shares: FloatArray, block: IntArray | None = None
) -> IntArray:
    """Assign n units to arms in fixed numbers, as near to their shares as whole numbers can be.

    What is left after rounding down goes to different arms, by chance, each with exactly the
    probability that it lost: on average over draws every arm has its share of the units, however
    few they are.

    Parameters
    ----------
    stream : Stream
    n : int
    shares : array (arms,)
        Shares above 0 that sum to 1.
    block : array of int (n,), optional
        Block of each unit, from 0; arms are assigned in their shares within each.

    Examples
    --------
    >>> arms = allocated(np.random.default_rng(1), 9, np.array([1 / 3, 2 / 3]))
    >>> np.bincount(arms).tolist()
    [3, 6]
    """
    sizes = np.array([n]) if block is None else np.bincount(block)
    exact = sizes[:, None] * (shares / shares.sum())
    counts = np.floor(exact + ALMOST).astype(np.intp)
    lost = np.where(exact - counts > ALMOST, exact - counts, 0.0)
    some = np.flatnonzero(counts.sum(axis=1) < sizes)
    if some.size:
        counts[some] += _left_over(stream, lost[some])
    arms = np.repeat(np.tile(np.arange(len(shares)), sizes.size), counts.ravel())
    rank = shuffled(stream, n)
    if block is not None:
        # places of a random order, taken block by block
        order = np.lexsort((rank, block))
        rank = np.empty(n, dtype=np.intp)
        rank[order] = np.arange(n)
    return arms[rank]


def _left_over(stream: Stream, lost: FloatArray) -> IntArray:
    """Choose arms, in each row as many as `lost` sums to and each with the probability lost."""
    m, k = lost.shape
    order = np.tile(np.arange(k), (m, 1))
    if (lost.sum(axis=1) > 1.5).any():
        # where several are left, a fixed order would never choose some arms together
        order = np.argsort(uniform(stream, m * k).reshape(m, k), axis=1)
    chosen = np.empty((m, k), dtype=np.intp)
    starts = uniform(stream, m)
    np.put_along_axis(chosen, order, systematic(np.take_along_axis(lost, order, 1), starts), axis=1)
    return chosen


def systematic(probability: FloatArray, start: FloatArray) -> IntArray:
    """Choose by steps of 1 from a random start, along the cumulated probabilities of each row.

    An arm is chosen when a step falls on its stretch of the line. A start drawn uniformly from 0
    to 1 does so with the arm's probability, and every row has as many chosen as it sums to
    (Madow, 1949).

    Parameters
    ----------
    probability : array (rows, arms)
        Below 1, with a sum in each row that is a whole number above 0.
    start : array (rows,)

    Examples
    --------
    >>> systematic(np.array([[0.9, 0.7, 0.4]]), np.array([0.5])).tolist()
    [[1, 1, 0]]
    """
    ends = np.cumsum(probability, axis=1)
    # the last one is whole up to rounding, which must not lose a step
    ends *= np.round(ends[:, -1:]) / ends[:, -1:]
    steps = np.ceil(ends - start[:, None])
    return np.diff(steps, axis=1, prepend=0.0).astype(np.intp)


def uniform(stream: Stream, n: int) -> FloatArray:
    """Draw n numbers between 0 and 1."""
    return stream.random(n) if isinstance(stream, np.random.Generator) else stream.runif(n)
