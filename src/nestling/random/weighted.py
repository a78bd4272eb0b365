"""Positions drawn with given probabilities."""

from typing import Final

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.random.positions import position
from nestling.random.stream import Stream

_MANY: Final = 200
"""With more probable positions than this, R draws with replacement by aliases."""


def with_replacement(stream: Stream, prob: FloatArray, size: int) -> IntArray:
    """Draw positions with probabilities that sum to one, repeats allowed.

    Examples
    --------
    >>> with_replacement(Stream(707), np.array([0.2, 0.5, 0.3]), 4).tolist()
    [1, 1, 1, 2]
    """
    n = len(prob)
    if np.count_nonzero(n * prob > 0.1) > _MANY:
        return _by_alias(stream, prob, size)
    order = _decreasing(prob)
    ends = np.cumsum(prob[order])
    return order[np.searchsorted(ends[:-1], stream.uniforms(size), side="left")]


def without_replacement(stream: Stream, prob: FloatArray, size: int) -> IntArray:
    """Draw different positions, each time with the probabilities of those left.

    Examples
    --------
    >>> without_replacement(Stream(707), np.array([0.2, 0.5, 0.3]), 3).tolist()
    [1, 2, 0]
    """
    left = _decreasing(prob)
    masses, total = prob[left], 1.0
    drawn = np.empty(size, dtype=np.intp)
    for i, u in enumerate(stream.uniforms(size).tolist()):
        j = int(np.searchsorted(np.cumsum(masses[:-1]), total * u, side="left"))
        drawn[i] = left[j]
        total -= float(masses[j])
        left, masses = np.delete(left, j), np.delete(masses, j)
    return drawn


def _by_alias(stream: Stream, prob: FloatArray, size: int) -> IntArray:
    """Walker's alias method (1977): a position's own share of a cell, and who has the rest.

    A cell is drawn with equal probabilities; a uniform then chooses between its owners.
    """
    n = len(prob)
    shares = (prob * n).tolist()
    poor = [i for i in range(n) if shares[i] < 1.0]
    rich = [i for i in reversed(range(n)) if shares[i] >= 1.0]
    alias = list(range(n))
    # a rich position that has given so much that it is poor follows the poor ones in line
    line, giving = poor + rich, len(poor)
    if poor and rich:
        for i in line[:-1]:
            giver = line[giving]
            alias[i] = giver
            shares[giver] += shares[i] - 1.0
            if shares[giver] < 1.0:
                giving += 1
                if giving == n:
                    break
    drawn = np.empty(size, dtype=np.intp)
    for draw in range(size):
        cell = position(stream, n)
        drawn[draw] = cell if stream.uniform() < shares[cell] else alias[cell]
    return drawn


def _decreasing(prob: FloatArray) -> IntArray:
    """Order positions by decreasing probability.

    By heap sort (Knuth, volume 3, algorithm 5.2.3 H, with the order reversed): equal
    probabilities come out in the order in which that algorithm leaves them, and R's draws
    depend on it.
    """
    heap = list(zip(prob.tolist(), range(len(prob)), strict=True))
    for start in reversed(range(len(heap) // 2)):
        _sift(heap, start, len(heap))
    for end in reversed(range(1, len(heap))):
        heap[0], heap[end] = heap[end], heap[0]
        _sift(heap, 0, end)
    return np.array([position for _, position in heap], dtype=np.intp)


def _sift(heap: list[tuple[float, int]], start: int, end: int) -> None:
    """Let the entry at `start` sink below all smaller ones before `end`."""
    moved, hole = heap[start], start
    while (child := 2 * hole + 1) < end:
        if child + 1 < end and heap[child][0] > heap[child + 1][0]:
            child += 1
        if moved[0] <= heap[child][0]:
            break
        heap[hole] = heap[child]
        hole = child
    heap[hole] = moved
