import numpy as np
import pytest

from nestling.design.design import nested
from nestling.design.sizes import counts_of, size_of
from nestling.errors import DesignError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (3.0, 3),
        (np.int64(3), 3),
        (np.array(3), 3),
        ([2, 3], (2, 3)),
        ((2, 3), (2, 3)),
        (np.array([2, 3]), (2, 3)),
        (range(1, 4), (1, 2, 3)),
    ],
)
def test_size_of(value, expected):
    assert size_of("ID", value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "The size of 'ID' is 0; every parent holds at least 1 unit"),
        (-2, "The size of 'ID' is -2; every parent holds at least 1"),
        (2.5, "The size of 'ID' is 2.5; sizes are whole numbers"),
        (float("nan"), "sizes are whole numbers"),
        (True, "The size of 'ID' is True; sizes are whole numbers"),
        ("20", "The size of 'ID' is '20'; sizes are whole numbers"),
        (None, "sizes are whole numbers"),
        (nested(g=2), "sizes are whole numbers"),
        ([3, -1], "The size of 'ID' is -1; every parent holds at least 1 unit"),
        ([3, 1.5], "The size of 'ID' is 1.5; sizes are whole numbers"),
        ([], "The sizes of 'ID' are empty"),
        (np.ones((2, 2)), r"The sizes of 'ID' have shape \(2, 2\)"),
    ],
)
def test_bad_sizes(value, message):
    with pytest.raises(DesignError, match=message):
        size_of("ID", value)


def test_counts_of():
    assert counts_of("ID", 2, 3, "'g'").tolist() == [2, 2, 2]
    assert counts_of("ID", (1, 2), 2, "'g'").tolist() == [1, 2]
