import numpy as np
import pytest

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.twister import open_interval, twister


def test_equal_seeds_equal_words():
    assert twister(np.int64(9)).random_raw(3).tolist() == twister(9).random_raw(3).tolist()


@pytest.mark.parametrize("word", [0, 1, 2**32 - 1])
def test_never_zero_or_one(word):
    (u,) = open_interval(np.array([word], dtype=np.uint32))
    assert 0.0 < u < 1.0


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (1.0, ArgumentTypeError, "seed=1.0 is of type float"),
        (True, ArgumentTypeError, "seed=True is of type bool"),
        ("7", ArgumentTypeError, "seed='7' is of type str"),
        (None, ArgumentTypeError, "seed=None is of type NoneType"),
        (2**31, ArgumentError, "seed=2147483648 does not fit"),
        (-(2**31), ArgumentError, "seed=-2147483648 does not fit"),
    ],
)
def test_refused_seeds(seed, error, message):
    with pytest.raises(error, match=message):
        twister(seed)
