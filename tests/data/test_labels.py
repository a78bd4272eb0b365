"""Numbers as R writes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestling.data.labels import label, number_text

# as.character() and deparse() of R 4.2.2
WRITTEN = {
    1e15: "1e+15", 1e5: "1e+05", 123456.0: "123456", 1234567.1: "1234567.1", 1e-4: "1e-04",
    0.0001234: "0.0001234", 1e-15: "1e-15", 0.1 + 0.2: "0.3", 1 / 3: "0.333333333333333",
    1e22: "1e+22", 100.0: "100", 120000.0: "120000", -0.5: "-0.5", 0.0: "0",
    float("nan"): "NaN", float("-inf"): "-Inf",
}  # fmt: skip


@pytest.mark.parametrize("value", WRITTEN)
def test_a_number_is_written_as_in_r(value):
    assert number_text(value) == WRITTEN[value]


@given(st.floats(-1e300, 1e300))
def test_a_written_number_is_the_number_to_fifteen_digits(value):
    assert float(number_text(value)) == pytest.approx(value, rel=1e-14, abs=0.0)


@pytest.mark.parametrize(
    ("level", "text"),
    [("a", "a"), (3, "3"), (np.int64(3), "3"), (2.0, "2"), (np.float64(0.5), "0.5"),
     (True, "TRUE"), (np.False_, "FALSE")],
)  # fmt: skip
def test_a_level_is_written_as_in_r(level, text):
    assert label(level) == text
