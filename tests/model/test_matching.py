"""New rows by the levels of the training data."""

import numpy as np
import pytest

from nestling.data.columns import Factor
from nestling.data.door import read
from nestling.data.grouping import grouping
from nestling.errors import DataError
from nestling.model.coding import Levels
from nestling.model.evaluate import Block
from nestling.model.matching import match_groups, match_levels

KNOWN = Levels(("1", "2", "10"), ordered=True, given=None)


@pytest.mark.parametrize(
    "values", [["10", None, "1"], [10, None, 1], [10.0, np.nan, 1.0]], ids=["text", "int", "float"]
)
def test_levels_are_matched_by_their_text(values):
    factor = match_levels("a", read({"a": values}).column("a"), KNOWN)
    assert isinstance(factor, Factor)
    assert (factor.codes.tolist(), factor.levels, factor.ordered) == (
        [2, -1, 0],
        KNOWN.levels,
        True,
    )


@pytest.mark.parametrize(
    ("values", "known", "message"),
    [
        (["1", "3", "5"], KNOWN, "levels the fit has not seen: '3', '5'. Known: '1', '2', '10'"),
        (["1", "2"], None, "categories here and numbers in the data of the fit"),
    ],
)
def test_what_the_fit_does_not_know_is_refused(values, known, message):
    with pytest.raises(DataError, match=message):
        match_levels("a", read({"a": values}).column("a"), known)


def test_a_matrix_is_no_factor():
    with pytest.raises(DataError, match="was one factor"):
        match_levels("a", Block(np.ones((2, 2))), KNOWN)


@pytest.mark.parametrize(
    ("known", "new", "codes"),
    [
        ([3, 1, 2], [2, 9, 3], [1, -1, 2]),
        ([3, 1, 2], ["3", None, "x"], [2, -1, -1]),
        (["b", "a"], ["a", "b"], [0, 1]),
        ([1.0, 2.0, 2.5], [2, 1, 1], [1, 0, 0]),
    ],
)
def test_groups_are_matched_by_their_text(known, new, codes):
    _, levels = grouping(read({"g": known}).column("g"))
    assert match_groups(grouping(read({"g": new}).column("g")), levels).tolist() == codes
