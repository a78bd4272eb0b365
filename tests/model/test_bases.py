"""Polynomials, splines and scaling: what they learn and where they refuse; r/make.R has values."""

import numpy as np
import pytest

from nestling.data.door import read
from nestling.errors import DataError, FormulaError
from nestling.model.bases import accurate_mean
from nestling.model.evaluate import Memory, evaluate
from nestling.model.parser import parse_expression

X = np.array([1.0, 2.0, 4.0, 7.0, 11.0, 16.0, 22.0, 29.0])


def value(text, x=X, memory=None):
    return evaluate(parse_expression(text), read({"x": x}), memory or Memory()).values


@pytest.mark.parametrize("shift", [0.0, 2000.0, 1e8])
def test_polynomials_are_orthonormal_wherever_the_column_lies(shift):
    P = value("poly(x, 3)", X + shift)
    np.testing.assert_allclose(P.T @ P, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(P.sum(axis=0), 0.0, atol=1e-12)
    # integers shift without rounding, so the basis may not move at all
    np.testing.assert_allclose(P, value("poly(x, 3)"), atol=1e-12)


def test_scaling_loses_no_digits_far_from_zero():
    np.testing.assert_allclose(value("scale(x)", X + 1e8), value("scale(x)"), rtol=1e-14)


def test_the_mean_is_correct_to_the_last_digit():
    x = 1e5 + np.random.default_rng(1).normal(size=999)
    exact = 1e5 + float(np.mean([float(v) - 1e5 for v in x]))
    assert accurate_mean(x) == pytest.approx(exact, rel=3e-16)


@pytest.mark.parametrize(
    "text", ["bs(x, 6, intercept = TRUE)", "bs(x, knots = 9, intercept = TRUE)"]
)
def test_b_splines_sum_to_one_also_beyond_the_knots(text):
    memory = Memory()
    value(text, memory=memory)
    beyond = value(text, np.array([-5.0, 3.0, 40.0]), memory)
    np.testing.assert_allclose(beyond.sum(axis=1), 1.0, rtol=1e-9)


def test_natural_splines_are_straight_beyond_the_knots():
    memory = Memory()
    value("ns(x, 4)", memory=memory)
    outside = value("ns(x, 4)", np.array([30.0, 40.0, 50.0, -10.0, -20.0, -30.0]), memory)
    np.testing.assert_allclose(np.diff(outside[:3], n=2, axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.diff(outside[3:], n=2, axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("text", ["poly(x, 2)", "ns(x, 3)", "bs(x, 4)", "scale(x)"])
def test_parameters_come_from_the_values_that_are_there(text):
    gap = np.insert(X, 3, np.nan)
    ours = value(text, gap)
    assert np.isnan(ours[3]).all()
    np.testing.assert_array_equal(np.delete(ours, 3, axis=0), value(text))


@pytest.mark.parametrize("text", ["poly(x, 2)", "ns(x, 3)", "bs(x, 4)", "scale(x)"])
def test_new_rows_use_the_parameters_of_the_old(text):
    memory = Memory()
    ours = value(text, memory=memory)
    np.testing.assert_allclose(value(text, X[2:4], memory), ours[2:4], rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("poly(x, 8)", FormulaError, "less than the number of distinct values, 8"),
        ("poly(x, 0)", FormulaError, "at least 1"),
        ("poly(x, 2.5)", FormulaError, "degree must be a whole number, not 2.5"),
        ("poly(x, raw = 1)", FormulaError, "raw must be TRUE or FALSE, not 1"),
        ("poly(x, degre = 2)", FormulaError, "unknown argument 'degre'. Did you mean 'degree'"),
        ("poly(x, 2, TRUE, 3)", FormulaError, "too many arguments"),
        ("poly(x, degree = 2, degree = 3)", FormulaError, "'degree' twice"),
        ("ns(x, 0)", FormulaError, "df is 0; at least 1"),
        ("bs(x, 2)", FormulaError, "df is 2; at least 3"),
        ("bs(x, knots = 99)", FormulaError, "between the boundary knots"),
        ("bs(x, knots = c(1, 'a'))", FormulaError, "knots must be numbers"),
        ("ns(x, 3, Boundary.knots = 2)", FormulaError, "must be two numbers"),
        ("scale(x, center = 3)", FormulaError, "center must be TRUE or FALSE"),
    ],
)
def test_options_out_of_range_are_refused(text, error, message):
    with pytest.raises(error, match=message):
        value(text)


@pytest.mark.parametrize(
    ("text", "x", "message"),
    [("scale(x)", [2.0, 2.0], "does not vary"), ("scale(x)", [np.nan] * 2, "every value")],
)
def test_columns_without_information_are_refused(text, x, message):
    with pytest.raises(DataError, match=message):
        value(text, np.array(x))
