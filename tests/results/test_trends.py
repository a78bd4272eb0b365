"""Slopes of numeric predictors: coefficients where the model is linear, derivatives otherwise."""

import numpy as np
import pytest
from tests.reference_cases import fitted

from nestling.errors import ArgumentError


def test_slopes_by_level_are_sums_of_coefficients():
    fit = fitted("Orthodont_sex")
    found = fit.trends("age", by="Sex", ddf="kenward-roger")
    beta, vcov = fit.fixef, fit.vcov
    names = [name for name in beta.index if name.startswith("age:")]
    assert found.value == "age.trend"
    assert found.table["Sex"].tolist() == list(found.table["Sex"])
    assert found.table["age.trend"].to_numpy() == pytest.approx(
        [beta["age"], beta["age"] + beta[names[0]]], rel=1e-9
    )
    plain = fit.trends("age", by="Sex", ddf="asymptotic").table
    other = vcov.loc["age", "age"] + vcov.loc[names[0], names[0]] + 2 * vcov.loc["age", names[0]]
    assert plain["SE"].to_numpy() ** 2 == pytest.approx([vcov.loc["age", "age"], other], rel=1e-8)


def test_comparing_slopes_is_the_interaction():
    fit = fitted("Orthodont_sex")
    pairs = fit.trends("age", by="Sex").contrasts().table
    summary = fit.fixef[[name for name in fit.fixef.index if name.startswith("age:")]]
    assert pairs["estimate"][0] == pytest.approx(-summary.iloc[0], rel=1e-9)
    assert pairs["SE"][0] == pytest.approx(fit.se[summary.index[0]], rel=1e-8)


def test_curves_have_slopes_that_depend_on_where():
    fit = fitted("Oxboys_quad")
    at = [-0.5, 0.0, 0.9]
    found = fit.trends("age", by="age", at={"age": at}).table
    b = fit.fixef
    expected = b["age"] + 2 * b["I(age^2)"] * np.array(at)
    assert found["age.trend"].to_numpy() == pytest.approx(expected, rel=1e-9)
    middle = fit.trends("age").table["age.trend"][0]
    centre = float(np.mean(fit.frame.column("age").values))
    assert middle == pytest.approx(b["age"] + 2 * b["I(age^2)"] * centre, rel=1e-9)


@pytest.mark.parametrize(
    "name", ["sleepstudy_poly", "sleepstudy_ns", "sleepstudy_bs", "sleepstudy_log"]
)
def test_transformed_predictors_by_differences_of_predictions(name):
    fit = fitted(name)
    h = 1e-4
    rows = {"Days": np.array([4.0 - h, 4.0 + h])}
    low, high = fit.predict(rows, random=False)
    slope = fit.trends("Days", at={"Days": 4.0}).table["Days.trend"][0]
    # a second difference of rounding, 1e-13 / 1e-4, and h^2 times a third derivative
    assert slope == pytest.approx((high - low) / (2 * h), rel=1e-6)


def test_within_levels_of_another_factor():
    found = fitted("contr_caret").trends("x", by="A | O")
    assert found.by == ("O",)
    assert len(found.contrasts().table) == 12


def test_factors_have_no_slope():
    with pytest.raises(ArgumentError, match="'A' is a factor"):
        fitted("contr_caret").trends("A")
    with pytest.raises(ArgumentError, match="'X' is not a predictor"):
        fitted("contr_caret").trends("X")
