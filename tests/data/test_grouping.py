"""Levels of grouping factors."""

import numpy as np
import pytest

from nestling.data.columns import Factor
from nestling.data.door import read
from nestling.data.grouping import grouping, used_codes

CASES = {
    "integers": ([30, 4, 30, 10], [2, 0, 2, 1], [4, 10, 30]),
    "negative": ([-1, 5, -7], [1, 2, 0], [-7, -1, 5]),
    "far apart": ([10**12, 3, 10**12], [1, 0, 1], [3, 10**12]),
    "beyond doubles": ([2**60 + 1, 2**60, 2**60 + 1], [1, 0, 1], [2**60, 2**60 + 1]),
    "small type": (np.array([250, 1], dtype=np.uint8), [1, 0], [1, 250]),
    "whole floats": ([2.0, float("nan"), 1.0], [1, -1, 0], [1, 2]),
    "floats": ([0.5, 0.25, 0.5], [1, 0, 1], [0.25, 0.5]),
    "large floats": ([1e300, 1.0, 1e300], [1, 0, 1], [1.0, 1e300]),
    "truth": ([True, None, False], [1, -1, 0], ["FALSE", "TRUE"]),
    "text": (["b", "B", None], [1, 0, -1], ["B", "b"]),
    "all missing": ([None, None], [-1, -1], []),
}


@pytest.mark.parametrize("name", CASES)
def test_groups_are_numbered_in_order(name):
    values, codes, levels = CASES[name]
    ours, found = grouping(read({"g": values}).column("g"))
    assert ours.tolist() == codes
    assert ours.dtype == np.intp
    assert found.tolist() == levels


def test_a_categorical_keeps_its_order_and_loses_unused_levels():
    codes, levels = grouping(Factor(np.array([2, 0, -1]), ("z", "y", "a"), ordered=False))
    assert codes.tolist() == [1, 0, -1]
    assert levels.tolist() == ["z", "a"]


def test_codes_without_gaps_are_not_copied():
    codes = np.array([1, 0, 1])
    assert used_codes(codes, 2)[0] is codes


@pytest.mark.parametrize("spread", [1, 1000, 10**9])
def test_every_spread_agrees_with_sorting(spread):
    values = spread * np.random.default_rng(3).integers(-50, 50, 400)
    codes, levels = grouping(read({"g": values}).column("g"))
    expected, numbered = np.unique(values, return_inverse=True)
    np.testing.assert_array_equal(levels, expected)
    np.testing.assert_array_equal(codes, numbered)
