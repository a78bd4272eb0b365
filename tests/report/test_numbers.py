"""Numbers as R's format() writes them."""

import math

import pytest
from tests.report.golden_cases import doubles, read

from nestling.report.numbers import format_decimals, format_numbers, format_one

CASES = read("numbers")


@pytest.mark.parametrize("case", CASES)
def test_format(case):
    assert format_numbers(doubles(case["x"]), case["digits"][0]) == case["format"]


@pytest.mark.parametrize("case", CASES)
def test_fewest_decimals(case):
    digits, nsmall = case["digits"][0], case["nsmall"][0]
    assert format_numbers(doubles(case["x"]), digits, nsmall) == case["format_nsmall"]


@pytest.mark.parametrize(
    ("values", "digits", "expected"),
    [
        ([], 7, []),
        ([0.0, -0.0], 7, ["0", "0"]),
        ([100000.0], 7, ["1e+05"]),
        ([123456.0], 7, ["123456"]),
        ([1e-5], 7, ["1e-05"]),
        ([0.0001], 7, ["1e-04"]),
        ([0.00012], 7, ["0.00012"]),
        ([99998.0], 4, ["99998"]),  # sits just below a power of ten that four digits reach
        ([99999.6], 4, ["1e+05"]),
        ([1e-300, 1.0], 3, ["1e-300", " 1e+00"]),
        ([math.nan, math.inf, -math.inf], 7, [" NaN", " Inf", "-Inf"]),
        ([1.5, math.nan], 7, ["1.5", "NaN"]),
    ],
)
def test_format_at_the_edges(values, digits, expected):
    assert [cell.strip() for cell in format_numbers(values, digits)] == [
        cell.strip() for cell in expected
    ]


def test_missing_prints_as_told():
    assert format_numbers([1.25, math.nan], missing="NA") == ["1.25", "  NA"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3190069.53, "3190070"), (379.0, "379"), (-2091.8, "-2091.8"), (1e15, "1e+15")],
)
def test_one_number(value, expected):
    assert format_one(value) == expected


def test_given_decimals():
    assert format_decimals([2.0, -0.004, math.nan], 2, missing="-") == ["2.00", "-0.00", "-"]
