"""Rounding as R does it, to the last bit."""

import numpy as np
import pytest
from tests.report.golden_cases import doubles, read

from nestling.report.rounding import round_numbers, signif, zapsmall

CASES = read("numbers")


@pytest.mark.parametrize("case", CASES)
def test_round(case):
    found = round_numbers(doubles(case["x"]), case["decimals"][0])
    np.testing.assert_array_equal(found, doubles(case["round"]))


def _ordinary(values):
    """Whether powers of ten beside the numbers are exact: beyond, R's own last bits wander."""
    size = np.abs([v for v in values if np.isfinite(v) and v != 0.0])
    return not len(size) or (size.min() > 1e-6 and size.max() < 1e15)


@pytest.mark.parametrize("case", [case for case in CASES if _ordinary(doubles(case["x"]))])
def test_signif(case):
    found = signif(doubles(case["x"]), case["digits"][0])
    np.testing.assert_array_equal(found, doubles(case["signif"]))


@pytest.mark.parametrize("case", [case for case in CASES if _ordinary(doubles(case["x"]))])
def test_zapsmall(case):
    found = zapsmall(doubles(case["x"]), case["digits"][0])
    np.testing.assert_array_equal(found, doubles(case["zapsmall"]))


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.15, 1, 0.1),
        (0.25, 1, 0.2),
        (0.35, 1, 0.3),
        (2.5, 0, 2.0),
        (-1.5, 0, -2.0),
        (5.015, 2, 5.02),
        (1e300, 2, 1e300),
        (np.nan, 2, np.nan),
        (-np.inf, 2, -np.inf),
        (0.1, 400, 0.1),
    ],
)
def test_round_at_the_edges(value, decimals, expected):
    np.testing.assert_array_equal(round_numbers([value], decimals), [expected])


@pytest.mark.parametrize("function", [lambda x: round_numbers(x, 2), lambda x: signif(x, 3)])
def test_shape_is_kept(function):
    assert function(np.ones((2, 3))).shape == (2, 3)
    assert function(np.ones(0)).shape == (0,)
