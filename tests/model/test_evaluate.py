"""Values of variables: arithmetic, comparisons and factors made in the formula."""

import math

import numpy as np
import pandas as pd
import pytest

from nestling.data.columns import Factor
from nestling.data.door import read
from nestling.errors import DataError, FormulaError
from nestling.model.evaluate import Memory, evaluate
from nestling.model.parser import parse_expression

DATA = pd.DataFrame(
    {"x": [2.0, 8.0, np.nan], "n": [3, 1, 3], "t": [True, False, True],
     "a": pd.Categorical(["lo", "hi", None], categories=["lo", "hi"]), "pie": [1.0, 2.0, 3.0]}
)  # fmt: skip


def value(text, memory=None, data=DATA):
    return evaluate(parse_expression(text), read(data), memory or Memory())


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("x", 2.0), ("I(x)", 2.0), ("I(-x^2)", -4.0), ("I(x + n * 2 - 1)", 7.0), ("I(x / 4)", 0.5),
        ("I(x %% 1.5)", 0.5), ("I(x %/% 1.5)", 1.0), ("I(-x %/% 1.5)", -2.0), ("I(+x)", 2.0),
        ("log(x)", math.log(2)), ("log(x, 2)", 1.0), ("log(x, base = 4)", 0.5), ("log2(x)", 1.0),
        ("log10(x)", math.log10(2)), ("log1p(x)", math.log(3)), ("exp(x)", math.exp(2)),
        ("expm1(x)", math.expm1(2)), ("sqrt(x)", math.sqrt(2)), ("abs(-x)", 2.0),
        ("sin(2 * pi * x / 8)", 1.0), ("cos(x)", math.cos(2)), ("tan(x)", math.tan(2)),
        ("asin(x/8)", math.asin(0.25)), ("acos(x/8)", math.acos(0.25)), ("atan(x)", math.atan(2)),
        ("sinh(x)", math.sinh(2)), ("cosh(x)", math.cosh(2)), ("tanh(x)", math.tanh(2)),
        ("floor(x/3)", 0.0), ("ceiling(x/3)", 1.0), ("round(x/4)", 0.0), ("trunc(-x/3)", 0.0),
        ("sign(-x)", -1.0), ("as.numeric(x)", 2.0), ("as.numeric(a)", 1.0),
        ("as.integer(x/3)", 0.0), ("I(pie + pi)", 1 + math.pi),
        ("I((x > 1) + t)", 2.0), ("(x)", 2.0), ("scale(n)", 1 / math.sqrt(3)),
    ],
)  # fmt: skip
def test_arithmetic_is_that_of_r(text, first):
    assert value(text).values[0] == pytest.approx(first, rel=1e-15)


@pytest.mark.parametrize("text", ["I(x + 1)", "log(x)", "scale(x)", "I(x > 2)", "as.numeric(a)"])
def test_missing_values_stay_missing(text):
    assert np.isnan(value(text).values).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("text", "truth"),
    [("I(n > 2)", [1, 0, 1]), ("n >= 3", [1, 0, 1]), ("n < 3", [0, 1, 0]), ("n <= 1", [0, 1, 0]),
     ("n == 1", [0, 1, 0]), ("n != 1", [1, 0, 1]), ("I(a == 'hi')", [0, 1, np.nan]),
     ("a != 'hi'", [1, 0, np.nan]), ("a == 'none'", [0, 0, np.nan])],
)  # fmt: skip
def test_comparisons_are_logical(text, truth):
    column = value(text)
    assert column.kind == "logical"
    np.testing.assert_array_equal(column.values, truth)


@pytest.mark.parametrize(
    ("text", "levels", "codes", "ordered"),
    [
        ("factor(n)", ("1", "3"), [1, 0, 1], False),
        ("as.factor(x)", ("2", "8"), [0, 1, -1], False),
        ("ordered(n)", ("1", "3"), [1, 0, 1], True),
        ("factor(n, levels = c(3, 1))", ("3", "1"), [0, 1, 0], False),
        ("factor(n, levels = 3)", ("3",), [0, -1, 0], False),
        ("factor(n, labels = c('a', 'b'), ordered = TRUE)", ("a", "b"), [1, 0, 1], True),
        ("factor(a, levels = c('hi', 'lo'))", ("hi", "lo"), [1, 0, -1], False),
        ("relevel(a, ref = 'hi')", ("hi", "lo"), [1, 0, -1], False),
        ("relevel(factor(n), '3')", ("3", "1"), [0, 1, 0], False),
        ("factor(t)", ("FALSE", "TRUE"), [1, 0, 1], False),
    ],
)
def test_factors_are_made_as_in_r(text, levels, codes, ordered):
    column = value(text)
    assert isinstance(column, Factor)
    assert (column.levels, column.codes.tolist(), column.ordered) == (levels, codes, ordered)


@pytest.mark.parametrize("text", ["as.numeric(a)", "factor(n, labels = c('p', 'q'))", "scale(n)"])
def test_what_was_learned_is_kept_for_new_rows(text):
    memory = Memory()
    first = value(text, memory)
    later = value(text, memory, DATA.iloc[1:2].assign(a=["hi"]))
    shown = "values" if hasattr(first, "values") else "codes"
    assert getattr(later, shown)[0] == getattr(first, shown)[1]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "log(x - 2)",
            DataError,
            r"not a finite number in row 0, .*\(x = 2\), one of 1",
        ),
        ("sqrt(-n)", DataError, "one of 3"),
        ("log(a)", DataError, r"'a' holds categories \('lo', 'hi'\) where a number is needed"),
        ("I(n > 'a')", FormulaError, "not arithmetic"),
        ("n == 'a'", DataError, "holds numbers; compare it with a number"),
        ("I(3)", FormulaError, "names no column"),
        ("poly(3, 2)", FormulaError, "names no column"),
        ("log(x, n, 2)", FormulaError, "not arithmetic"),
        ("sqrt(x, n)", FormulaError, "not arithmetic"),
        ("I(x | n)", FormulaError, "not arithmetic"),
        ("exp(poly(x, 2))", FormulaError, "not arithmetic"),
        ("factor(poly(pie, 2))", FormulaError, "several columns"),
        ("factor(n, levels = n)", FormulaError, "must be a number, a quoted text"),
        ("factor(n, labels = c('a'))", FormulaError, "1 labels for the levels 1, 3"),
        ("factor(n, levels = c(1, 1))", FormulaError, "a level twice"),
        ("factor(n, label = 2)", FormulaError, "unknown argument 'label'. Did you mean 'labels'"),
        ("relevel(a, ref = 'top')", DataError, "'top' is not a level"),
        ("relevel(ordered(n), ref = '1')", DataError, "no reference level"),
        ("nothing", DataError, "no column 'nothing'"),
    ],
)
def test_what_cannot_be_computed_is_refused(text, error, message):
    with pytest.raises(error, match=message):
        value(text)


def test_a_column_called_pi_is_the_column():
    assert value("pi", data={"pi": [1.0, 2.0]}).values.tolist() == [1.0, 2.0]
