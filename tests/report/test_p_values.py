"""P values and stars as R prints them."""

import math

import pytest
from tests.report.golden_cases import doubles, read

from nestling.report.p_values import format_p_values, stars


@pytest.mark.parametrize("case", read("numbers"))
def test_format(case):
    assert format_p_values(doubles(case["p"]), case["p_digits"][0]) == case["format_pval"]


@pytest.mark.parametrize(
    ("values", "digits", "expected"),
    [
        ([0.0], 3, ["<2e-16"]),
        ([0.0, 0.5], 7, ["<2e-16", "0.5"]),
        ([0.0, 0.123456], 4, ["<2e-16", "0.1235"]),
        ([0.0, 0.123456], 6, ["< 2e-16", "0.123456"]),
        ([], 3, []),
    ],
)
def test_less_than_the_smallest(values, digits, expected):
    assert format_p_values(values, digits) == expected


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.0, "***"), (0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."), (0.2, " "), (1.0, " ")],
)
def test_stars_include_their_bounds(p, expected):
    assert stars(p) == expected


def test_no_stars_for_a_missing_value():
    assert stars(math.nan) == ""
