"""Tables of coefficients as R's printCoefmat() prints them."""

import numpy as np
import pytest
from tests.report.golden_cases import doubles, read

from nestling.report.coefficients import Column, coefficient_cells, coefficient_lines


def _role(name):
    if name.startswith("Pr("):
        return "p"
    return "test" if name.endswith("value") else "estimate"


@pytest.mark.parametrize("case", read("coefficients"))
def test_lines(case):
    columns = [
        Column(name, np.array(doubles(values)), _role(name))
        for name, values in zip(case["columns"], case["values"], strict=True)
    ]
    assert coefficient_lines(case["rows"], columns, digits=case["digits"][0]) == case["lines"]


def test_plain_columns_keep_their_own_digits():
    columns = [
        Column("npar", np.array([1.0, 2.0]), "plain"),
        Column("Sum Sq", np.array([1281.2, np.nan]), "plain"),
    ]
    assert coefficient_cells(columns, missing="") == [["1", "2"], ["1281", ""]]
