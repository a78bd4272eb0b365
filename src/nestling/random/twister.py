"""R's Mersenne-Twister: numpy's twister, started from R's seed."""

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError

LARGEST_SEED = 2**31 - 1
"""R's integers have 32 bits; the smallest of them stands for NA."""

_SCALE = 2.3283064365386963e-10
"""2^-32, to the digits R writes it with."""
_EDGE = 0.5 * 2.328306437080797e-10
"""R moves 0 and 1 this far inside the open interval; it uses 1 / (2^32 - 1) here."""


def twister(seed: int) -> np.random.MT19937:
    """Return the generator in the state that set.seed(seed) gives.

    R steps a congruential generator fifty times from the seed and fills its state with further
    steps: one word for the position, which it then sets to the end, and 624 for the twister.

    Parameters
    ----------
    seed : int
        From -2147483647 to 2147483647.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        For a number out of this range, or no whole number.

    Examples
    --------
    >>> int(twister(707).random_raw())
    429261780
    """
    word = _checked(seed) & 0xFFFFFFFF
    words = []
    for _ in range(50 + 1 + 624):
        word = (69069 * word + 1) & 0xFFFFFFFF
        words.append(word)
    generator = np.random.MT19937(0)
    generator.state = {
        "bit_generator": "MT19937",
        "state": {"key": np.array(words[51:], dtype=np.uint32), "pos": 624},
    }
    return generator


def _checked(seed: int) -> int:
    # a bool is an int to Python, but a slip to a reader
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(
            f"seed={seed!r} is of type {type(seed).__name__}; R's set.seed() takes a whole number. "
            "Give one between -2147483647 and 2147483647."
        )
    if abs(int(seed)) > LARGEST_SEED:
        raise ArgumentError(
            f"seed={seed} does not fit R's integers. Give a whole number between -2147483647 and "
            "2147483647."
        )
    return int(seed)


def open_interval(words: AnyArray) -> FloatArray:
    """Return R's uniform numbers in the open interval (0, 1) for 32-bit words.

    Examples
    --------
    >>> open_interval(np.array([0, 2**31, 2**32 - 1], dtype=np.uint32)).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    values = words * _SCALE
    # 2^32 - 1 gives a number below 1, so only the lower end needs care
    np.maximum(values, _EDGE, out=values)
    return np.asarray(values)
