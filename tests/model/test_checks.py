"""Data and arguments from which no model can be built, each with its own message."""

import numpy as np
import pandas as pd
import pytest

from nestling.data.door import read
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FormulaError,
    ModelError,
    NestlingError,
)
from nestling.model.formula import parse
from nestling.model.matrices import build

N = 40
ROW = np.arange(N)
DATA = pd.DataFrame(
    {"y": np.sin(ROW), "x": np.cos(ROW), "g": ROW // 5, "a": np.array(list("uv"))[ROW % 2],
     "id": ROW, "one": 1, "c": 3.0, "half": ROW // 2, "gaps": np.where(ROW < 2, np.nan, 1.0 * ROW),
     "nothing": np.nan, "inf": np.where(ROW == 3, np.inf, 1.0), "k": "k"}
)  # fmt: skip


def matrices(formula, **options):
    return build(parse(formula), read(DATA), **options)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("y ~ x", FormulaError, r"no random effects. Add a term such as \(1 \| group\)"),
        ("c ~ x + (1 | g)", DataError, "response 'c' is 3 in all 40 rows"),
        ("a ~ x + (1 | g)", DataError, "response 'a' holds categories"),
        ("cbind(y, x) ~ 1 + (1 | g)", FormulaError, "two columns, which is for binomial models"),
        ("poly(y, 2) ~ x + (1 | g)", FormulaError, "must be one column of numbers"),
        ("inf ~ x + (1 | g)", DataError, "'inf' is infinite .* in row 3"),
        ("y ~ inf + (1 | g)", DataError, "'inf' is infinite"),
        ("nothing ~ x + (1 | g)", DataError, r"No rows are left.*'nothing' in 40 rows"),
        ("y ~ nothing + (1 | g)", DataError, "No rows are left"),
        ("y ~ xx + (1 | g)", DataError, "no column 'xx'. Did you mean 'x'"),
        ("y ~ x + (1 | gg)", DataError, "no column 'gg'. Did you mean 'g'"),
        ("y ~ k + (1 | g)", DataError, "has only the level 'k'"),
        ("y ~ x + (1 | one)", ModelError, "'one' has 1 level.*needs at least 2"),
        ("y ~ x + (1 | id)", ModelError, "'id' has 40 levels for 40 rows"),
        ("y ~ x + (x | half)", ModelError, r"\(x \| half\) has 40 random effects for 40 rows"),
        ("y ~ x + (1 | poly(x, 2))", DataError, "must be one column"),
        ("y ~ offset(a) + (1 | g)", DataError, r"offset\(a\) must be a column of numbers"),
    ],
)
def test_what_no_model_can_answer_is_refused(formula, error, message):
    with pytest.raises(error, match=message):
        matrices(formula)


ONES = np.ones(N)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"weights": "w"}, DataError, "no column 'w'"),
        ({"weights": "a"}, DataError, "weights='a' names a column of categories"),
        ({"weights": ["p"] * N}, ArgumentTypeError, "weights is of type list"),
        ({"weights": ONES[1:]}, ArgumentError, r"shape \(39,\), but the data have 40 rows"),
        ({"weights": 2.0}, ArgumentError, r"shape \(\)"),
        ({"weights": ONES - 2 * (ROW == 7)}, ArgumentError, "weights has the value -1 in row 7"),
        ({"weights": ONES * (ROW != 7)}, ArgumentError, "must be positive. Leave out rows"),
        ({"weights": np.where(ROW == 7, np.inf, 1.0)}, ArgumentError, "infinite in row 7"),
        ({"offset": "a"}, DataError, "offset='a' names a column of categories"),
        ({"offset": ONES[1:]}, ArgumentError, "offset has shape"),
        ({"contrasts": "sum"}, ArgumentTypeError, "say of which factor"),
        ({"contrasts": {"b": "sum"}}, ArgumentError, "'b', which is not a factor"),
        ({"contrasts": {"x": "sum"}}, ArgumentError, "'x', which is not a factor"),
        ({"contrasts": {"a": "summ"}}, ArgumentError, "Did you mean 'sum'"),
        ({"na_action": "drop"}, ArgumentError, "na_action='drop'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(options, error, message):
    with pytest.raises(error, match=message) as caught:
        matrices("y ~ x + a + (1 | g)", **options)
    assert isinstance(caught.value, NestlingError)


def test_a_weight_is_reported_by_its_row_in_the_data():
    with pytest.raises(ArgumentError, match="in row 7, counting from 0"):
        matrices("y ~ gaps + (1 | g)", weights=ONES * (ROW != 7))


def test_missing_values_can_be_refused():
    with pytest.raises(DataError, match="2 of 40 rows have missing values: 'gaps' in 2 rows"):
        matrices("y ~ gaps + (1 | g)", na_action="fail")
    assert matrices("y ~ x + (1 | g)", na_action="fail").n_omitted == 0


def test_columns_that_are_not_used_may_hold_anything():
    assert matrices("y ~ x + (1 | g)").n_omitted == 0
