import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestling.random import positions
from nestling.random.stream import Stream


def one_after_another(stream, n, size):
    """Shuffle by the book, on the whole list."""
    pool, drawn = list(range(n)), []
    for left in range(n, n - size, -1):
        j = positions.position(stream, left)
        drawn.append(pool[j])
        pool[j] = pool[left - 1]
    return drawn


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 1000))
def test_batches_shuffle_as_single_draws_do(n, size, seed):
    size = min(n, size)
    one, batch = Stream(seed), Stream(seed)
    expected = one_after_another(one, n, size)
    assert positions.without_replacement(batch, n, size).tolist() == expected
    assert one.uniform() == batch.uniform()


@pytest.mark.parametrize("n", [1, 2, 3, 1000, 65536, 65537, 2**33 + 5])
def test_batches_draw_as_single_draws_do(n):
    one, batch = Stream(4), Stream(4)
    expected = [positions.position(one, n) for _ in range(200)]
    assert positions.with_replacement(batch, n, 200).tolist() == expected


def test_rejecting_repeats_gives_each_once():
    drawn = positions.by_rejecting_repeats(Stream(1), 40, 40)
    assert np.sort(drawn).tolist() == list(range(40))


@pytest.mark.parametrize(
    ("n", "size", "hashed"),
    [(10**7, 5, False), (10**7 + 1, 5, True), (3 * 10**7, 2 * 10**7, False)],
)
def test_when_repeats_are_rejected(n, size, hashed):
    assert positions.hashed(n, size) is hashed
