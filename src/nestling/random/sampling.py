"""Sampling from a finite population, with equal or given probabilities."""

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.random.stream import Stream

MANY = 10_000_000
"""Above this size a small sample is drawn by rejecting repeats."""


def equal(stream: Stream, n: int, size: int, *, replace: bool) -> IntArray:
    """Draw positions 0 .. n - 1 with equal probabilities."""
    if replace:
        return np.array([stream.index(n) for _ in range(size)], dtype=np.intp)
    if n > MANY and size <= n / 2:
        seen: dict[int, None] = {}
        while len(seen) < size:
            seen.setdefault(stream.index(n))
        return np.array(list(seen), dtype=np.intp)
    pool = list(range(n))
    chosen = np.empty(size, dtype=np.intp)
    for i in range(size):
        j = stream.index(n - i)
        chosen[i] = pool[j]
        pool[j] = pool[n - i - 1]
    return chosen


def unequal(stream: Stream, p: FloatArray, size: int, *, replace: bool) -> IntArray:
    """Draw positions with probabilities p, which sum to one."""
    if replace and (len(p) * p > 0.1).sum() > 200:
        return _alias(stream, p, size)
    order = _by_decreasing(p)
    sorted_p = p[order].tolist()
    chosen = np.empty(size, dtype=np.intp)
    if replace:
        ends = np.cumsum(sorted_p).tolist()
        for i in range(size):
            u = stream.uniform()
            j = next((j for j, end in enumerate(ends[:-1]) if u <= end), len(ends) - 1)
            chosen[i] = order[j]
        return chosen
    left, total = order.tolist(), 1.0
    for i in range(size):
        target, mass = total * stream.uniform(), 0.0
        for j in range(len(left)):
            mass += sorted_p[j]
            if target <= mass:
                break
        chosen[i] = left.pop(j)
        total -= sorted_p.pop(j)
    return chosen


def _alias(stream: Stream, p: FloatArray, size: int) -> IntArray:
    """Walker's alias method (1977): a position, and a uniform that keeps it or takes its alias."""
    n = len(p)
    share = (p * n).tolist()
    small = [i for i in range(n) if share[i] < 1.0]
    large = [i for i in range(n) if share[i] >= 1.0]
    other = [0] * n
    # the large ones stand in decreasing order behind the small ones
    line = small + large[::-1]
    top = len(small)
    if small and large:
        for k in range(n - 1):
            i, j = line[k], line[top]
            other[i] = j
            share[j] += share[i] - 1.0
            if share[j] < 1.0:
                top += 1
            if top >= n:
                break
    chosen = np.empty(size, dtype=np.intp)
    for draw in range(size):
        k = stream.index(n)
        chosen[draw] = k if stream.uniform() < share[k] else other[k]
    return chosen


def _by_decreasing(p: FloatArray) -> IntArray:
    """Order by decreasing probability; a heap sort, whose order of ties R's draws depend on."""
    heap = list(zip(p.tolist(), range(len(p)), strict=True))

    def sink(start: int, end: int) -> None:
        moved, i = heap[start], start
        while (child := 2 * i + 1) < end:
            if child + 1 < end and heap[child][0] > heap[child + 1][0]:
                child += 1
            if moved[0] <= heap[child][0]:
                break
            heap[i], i = heap[child], child
        heap[i] = moved

    for start in range(len(heap) // 2 - 1, -1, -1):
        sink(start, len(heap))
    for end in range(len(heap) - 1, 0, -1):
        heap[0], heap[end] = heap[end], heap[0]
        sink(0, end)
    return np.array([index for _, index in heap], dtype=np.intp)
