"""R's Mersenne-Twister: numpy's twister, started from R's seed."""

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError

_STEP = 69069
_SCALE = 2.3283064365386963e-10
"""2^-32, as R writes it."""
_EDGE = 0.5 * 2.328306437080797e-10
"""R moves 0 and 1 this far inside the open interval."""


def twister(seed: int) -> np.random.MT19937:
    """Return the generator in the state that set.seed(seed) gives.

    R scrambles the seed by fifty steps of a congruential generator and fills the 624 words of
    the state with further steps; the first word it fills is the position, which it overwrites.

    Examples
    --------
    >>> int(twister(707).random_raw(1)[0])
    429261782
    """
    state = np.empty(625, dtype=np.uint32)
    word = _checked(seed) & 0xFFFFFFFF
    for _ in range(50):
        word = (_STEP * word + 1) & 0xFFFFFFFF
    for j in range(625):
        word = (_STEP * word + 1) & 0xFFFFFFFF
        state[j] = word
    generator = np.random.MT19937()
    generator.state = {
        "bit_generator": "MT19937",
        "state": {"key": state[1:], "pos": 624},
    }
    return generator


def _checked(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(
            f"seed={seed!r} is of type {type(seed).__name__}; R's set.seed takes a whole number."
        )
    if not -(2**31) < seed < 2**31:
        raise ArgumentError(
            f"seed={seed} is not a 32-bit integer; give a whole number between -2147483647 and "
            "2147483647."
        )
    return int(seed)


def uniforms(words: AnyArray) -> FloatArray:
    """Return R's uniform numbers in the open interval (0, 1) for 32-bit words."""
    values = words * _SCALE
    # only the word 0 leaves the open interval: the largest word stays below 1
    if len(words) and words.min() == 0:
        values[words == 0] = _EDGE
    return np.asarray(values)
