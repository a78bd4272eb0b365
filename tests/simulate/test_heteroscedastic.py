"""Residual SDs by category and by number, in nlme's convention."""

import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError
from study_rows import study_rows

X = np.array([0.5, 1, 2, 4, 0.25, 3, 9])
SEX = pd.Categorical(list("fmmfmfm"), categories=["f", "m", "x"])
ROWS = study_rows(nl.nested(row=7), x=X, sex=SEX, arm=(X > 1) + 0, old=X > 1, none=np.zeros(7))


def ratios(departure):
    return departure.reshape(None, np.ones(7), ROWS)


@pytest.mark.parametrize(
    ("departure", "expected"),
    [
        # 1 / varWeights(Initialize(varIdent(c(m = 2), form = ~ 1 | sex), d)) of nlme 3.1 ...
        (nl.heteroscedastic("sex", {"m": 2}), [1, 2, 2, 1, 2, 1, 2]),
        (
            nl.heteroscedastic("x", power=0.7),  # varPower(0.7, form = ~ x)
            [
                0.615572206672,
                1,
                1.624504792712,
                2.639015821546,
                0.378929141628,
                2.157669279975,
                4.655536721746,
            ],
        ),
        (
            nl.heteroscedastic("x", exponential=-0.3),  # varExp(-0.3, form = ~ x)
            [
                0.8607079764251,
                0.7408182206817,
                0.5488116360940,
                0.3011942119122,
                0.9277434863286,
                0.4065696597406,
                0.0672055127397,
            ],
        ),
    ],
    ids=str,
)
def test_ratios_are_those_of_nlme(departure, expected):
    assert np.allclose(ratios(departure), expected, rtol=2e-12, atol=0)


def test_categories_may_be_numbers_or_truth_values():
    for by, category in (("arm", 1), ("arm", True), ("old", True), ("old", 1)):
        assert np.array_equal(ratios(nl.heteroscedastic(by, {category: 3})), np.where(X > 1, 3, 1))
    # a small study may lack some of the numbers named
    assert ratios(nl.heteroscedastic("arm", {0: 2, 2: 5})).max() == 2


def test_the_mean_variance_may_be_kept():
    for how in ({"power": 0.7}, {"exponential": 0.2}):
        made, plain = (
            ratios(nl.heteroscedastic("x", **how, keep=keep)) for keep in ("mean", "reference")
        )
        assert np.mean(made**2) == pytest.approx(1, rel=1e-14)
        assert np.allclose(made / plain, made[0] / plain[0])


def test_simulated_spreads():
    truth = nl.Population(
        "y ~ 1 + (1 | g)",
        {"(Intercept)": 0},
        {"g": 1},
        3,
        predictors={"sex": nl.categorical({"f": 0.5, "m": 0.5})},
        departures=nl.heteroscedastic("sex", ratios={"f": 1, "m": 2}),
    )
    data = truth.simulate(nl.nested(g=200, row=100), seed=1, components=True)
    squares = data["e"] ** 2
    for sex, variance in (("f", 3), ("m", 12)):
        own = squares[data["sex"] == sex]
        # normal residuals: the variance of the variance is 2 sigma⁴ / n
        assert abs(own.mean() - variance) < 4.5 * variance * np.sqrt(2 / len(own))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ArgumentError, "has none of them; expected one of ratios="),
        (
            {"power": 1, "exponential": 1},
            ArgumentError,
            "has power= and exponential=; expected one",
        ),
        ({"ratios": {}}, PopulationError, "ratios is empty"),
        ({"ratios": {"m": 0}}, PopulationError, "ratio of 'm' is 0; expected a number above 0"),
        ({"ratios": {None: 2}}, ArgumentTypeError, "ratios names None"),
        ({"ratios": 2}, ArgumentTypeError, "ratios is 2; expected categories"),
        ({"power": "1"}, ArgumentTypeError, "power is '1'; expected one number"),
        ({"power": 1, "keep": "all"}, PopulationError, "'all'; expected 'reference' or 'mean'"),
    ],
)
def test_what_is_impossible_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        nl.heteroscedastic("sex", **arguments)


@pytest.mark.parametrize(
    ("departure", "message"),
    [
        (nl.heteroscedastic("sex", {"w": 2, "m": 3}), "ratio for 'w', which 'sex' never is"),
        (nl.heteroscedastic("arm", {2: 2}), "ratio for 2, which 'arm' never is. Known: '0.0'"),
        (nl.heteroscedastic("arm", {"yes": 2}), "ratio for 'yes', which 'arm' never is"),
        (nl.heteroscedastic("sex", power=1), "needs numbers, but 'sex' holds categories"),
        (nl.heteroscedastic("none", power=-1), "'none' is 0 in row 0, where .* infinite"),
        (nl.heteroscedastic("none", power=1), "leaves no row any residual variance"),
        (nl.heteroscedastic("x", exponential=900), "'x' is 1 in row 1, where .* infinite"),
    ],
    ids=str,
)
def test_data_that_do_not_fit_are_refused(departure, message):
    with pytest.raises(PopulationError, match=message):
        ratios(departure)
