"""Streams that share one generator are what generators of their own would be."""

import numpy as np
import pytest

from nestling.random.counter_streams import CounterStreams

SEED = np.random.SeedSequence(41)


@pytest.mark.parametrize("index", [[0, 1, 2], [7, 3, 2**40], [5, 5]])
def test_each_is_philox_at_its_own_counter(index):
    key = SEED.generate_state(2, np.uint64)
    drawn = [stream.standard_normal(5) for stream in CounterStreams(SEED, index)]
    alone = [
        np.random.Generator(np.random.Philox(key=key, counter=[0, 0, i, 0])).standard_normal(5)
        for i in index
    ]
    assert np.array_equal(drawn, alone)


def test_what_was_drawn_before_does_not_matter():
    streams = CounterStreams(SEED, [1, 2])
    expected = streams[1].standard_normal(3)
    streams[0].integers(0, 2, size=5, dtype=np.uint32)  # leaves half a word behind
    streams[0].standard_normal(2)
    assert np.array_equal(streams[1].standard_normal(3), expected)


def test_streams_are_independent_and_standard_normal():
    draws = np.array([stream.standard_normal(50) for stream in CounterStreams(SEED, range(2000))])
    # 1e5 draws: five standard errors of mean, variance and lag-one correlation across streams
    assert abs(draws.mean()) < 5 / np.sqrt(draws.size)
    assert abs(draws.var() - 1.0) < 5 * np.sqrt(2 / draws.size)
    assert abs((draws[1:] * draws[:-1]).mean()) < 5 / np.sqrt(draws.size)


def test_several_at_once_are_refused():
    streams = CounterStreams(SEED, [0, 1, 2])
    assert len(streams) == 3
    with pytest.raises(TypeError, match="one at a time"):
        streams[:2]
