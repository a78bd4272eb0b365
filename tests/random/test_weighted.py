import numpy as np
import pytest

from nestling.random import weighted
from nestling.random.stream import Stream


@pytest.mark.parametrize("n", [3, 250])
def test_frequencies_follow_the_weights(n):
    # with 3 by inversion, with 250 by aliases
    prob = np.arange(1.0, n + 1.0)
    prob /= prob.sum()
    size = 20_000
    counts = np.bincount(weighted.with_replacement(Stream(1), prob, size), minlength=n)
    chi_square = ((counts - size * prob) ** 2 / (size * prob)).sum()
    # mean n - 1, standard deviation sqrt(2 n): five of them for this fixed seed
    assert abs(chi_square - (n - 1)) < 5.0 * np.sqrt(2.0 * n)


def test_without_replacement_never_takes_weight_zero_before_the_rest():
    prob = np.array([0.0, 0.5, 0.0, 0.25, 0.25])
    for seed in range(50):
        assert sorted(weighted.without_replacement(Stream(seed), prob, 3)) == [1, 3, 4]
