"""Positions drawn with equal probabilities: whole numbers from random bits, by rejection."""

from math import ceil, log2
from typing import Final

import numpy as np

from nestling.arrays import IntArray
from nestling.random.stream import Stream

LARGEST: Final = 4_500_000_000_000_000
"""Populations may be this large, about 2^52."""


def hashed(n: int, size: int) -> bool:
    """Whether R draws so small a part of so large a population by rejecting repeats."""
    return n > 10_000_000 and size <= n / 2


def position(stream: Stream, n: int) -> int:
    """Draw one position 0 .. n - 1.

    Examples
    --------
    >>> position(Stream(707), 6)
    3
    """
    bits = _bits(n)
    while True:
        value = 0
        for _ in range(bits // 16 + 1):
            value = 65536 * value + int(65536.0 * stream.uniform())
        value &= (1 << bits) - 1
        if value < n:
            return value


def with_replacement(stream: Stream, n: int, size: int) -> IntArray:
    """Draw positions 0 .. n - 1, repeats allowed.

    Examples
    --------
    >>> with_replacement(Stream(707), 6, 4).tolist()
    [3, 3, 1, 4]
    """
    bits = _bits(n)
    drawn = np.empty(0, dtype=np.intp)
    # as many attempts as positions are missing: never one too many
    while len(drawn) < size:
        attempts = _attempts(stream, bits, size - len(drawn))
        drawn = np.concatenate([drawn, attempts[attempts < n]])
    return drawn


def without_replacement(stream: Stream, n: int, size: int) -> IntArray:
    """Draw different positions 0 .. n - 1: a shuffle that stops after `size`.

    Every position drawn is replaced by the last one left; only those moved are kept.

    Examples
    --------
    >>> without_replacement(Stream(707), 10, 4).tolist()
    [6, 3, 9, 8]
    """
    moved: dict[int, int] = {}
    drawn: list[int] = []
    left = n
    while len(drawn) < size:
        bits = _bits(left)
        # while this many are left, the number of bits stays
        same = left - (1 << bits - 1) if bits else 1
        for attempt in _attempts(stream, bits, min(size - len(drawn), same)).tolist():
            if attempt < left:
                left -= 1
                last = moved.pop(left, left)
                drawn.append(last if attempt == left else moved.get(attempt, attempt))
                if attempt != left:
                    moved[attempt] = last
    return np.array(drawn, dtype=np.intp)


def by_rejecting_repeats(stream: Stream, n: int, size: int) -> IntArray:
    """Draw different positions 0 .. n - 1: each again until it is new.

    Examples
    --------
    >>> by_rejecting_repeats(Stream(707), 20_000_000, 2).tolist()
    [11962419, 10199595]
    """
    bits = _bits(n)
    seen: dict[int, None] = {}
    while len(seen) < size:
        attempts = _attempts(stream, bits, size - len(seen))
        seen.update(dict.fromkeys(attempts[attempts < n].tolist()))
    return np.array(list(seen), dtype=np.intp)


def _bits(n: int) -> int:
    return ceil(log2(n))


def _attempts(stream: Stream, bits: int, count: int) -> IntArray:
    """Make numbers of so many bits, from sixteen bits of each uniform, first ones highest."""
    words = bits // 16 + 1
    parts = (stream.uniforms(words * count) * 65536.0).astype(np.uint64).reshape(count, words)
    values = np.zeros(count, dtype=np.uint64)
    for part in parts.T:
        values = (values << np.uint64(16)) | part
    return (values & np.uint64((1 << bits) - 1)).astype(np.intp)
