"""Short names as R's abbreviate() makes them."""

import pytest
from tests.report.golden_cases import read

from nestling.report.abbreviate import abbreviate


@pytest.mark.parametrize("case", read("abbreviate"))
def test_abbreviate(case):
    assert abbreviate(case["names"], case["length"][0]) == case["short"]


@pytest.mark.parametrize(
    ("names", "length", "expected"),
    [
        ([], 6, []),
        (["Ünïcode"], 3, ["Ünc"]),  # letters with accents are vowels too
        (["x", "x"], 6, ["x", "x"]),
        (["ab", "ab "], 6, ["ab", "ab"]),  # never distinct: must not go on for ever
    ],
)
def test_abbreviate_at_the_edges(names, length, expected):
    assert abbreviate(names, length) == expected
