"""Errors of measurement: reliability, attenuation, one error per unit."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, PopulationError

DESIGN = nl.nested(g=500, i=20)
BASE = nl.Population(
    "y ~ X + Z + (1 | g)",
    {"(Intercept)": 0, "X": 1, "Z": 0.5},
    {"g": 1},
    1,
    {"X": nl.normal(2, 3), "Z": nl.normal(0, 1, level="g")},
)


@pytest.mark.parametrize(("column", "n"), [("X", 10_000), ("Z", 500)])
def test_reliability_is_the_share_of_true_variance(column, n):
    truth = BASE.replace(departures=nl.measurement_error(column, 0.7, keep=True))
    data = truth.simulate(DESIGN, seed=1)
    true, seen = data[f"{column}_true"], data[column]
    full = BASE.simulate(DESIGN, seed=1)
    assert np.array_equal(true, full[column])
    assert np.array_equal(data["y"], full["y"])
    # a variance of n normal values has a relative standard error of sqrt(2 / n); the two share
    # most of their values
    assert abs(true.var() / seen.var() - 0.7) < 5 * 0.7 * np.sqrt(2 / n)
    errors = (seen - true).to_numpy()
    assert abs(np.corrcoef(errors, true)[0, 1]) < 5 / np.sqrt(n)
    if column == "Z":
        assert (data.groupby("g")["Z"].nunique() == 1).all()


def test_errors_of_a_stated_sd():
    data = BASE.replace(departures=nl.measurement_error("y", sd=2)).simulate(DESIGN, seed=1)
    errors = data["y"] - BASE.simulate(DESIGN, seed=1)["y"]
    assert abs(errors.std() - 2) < 5 * 2 / np.sqrt(2 * 10_000)


def test_a_slope_is_attenuated_by_the_reliability():
    truth = BASE.replace(departures=nl.measurement_error("X", 0.6))
    fit = nl.lmer("y ~ X + Z + (1 | g)", truth.simulate(DESIGN, seed=2))
    assert abs(fit.fixef["X"] - 0.6) < 5 * fit.se["X"] + 0.6 * 5 * np.sqrt(2 / 10_000)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nl.measurement_error("X"), PopulationError, "give one of them"),
        (lambda: nl.measurement_error("X", 0.5, sd=1), PopulationError, "give one of them"),
        (lambda: nl.measurement_error("X", 1.0), PopulationError, "reliability is 1"),
        (lambda: nl.measurement_error("X", sd=-1), PopulationError, "sd is -1"),
        (lambda: nl.measurement_error("X", 0.5, keep=1), ArgumentTypeError, "keep is 1"),
        (
            lambda: BASE.replace(departures=nl.measurement_error("W", 0.5)),
            PopulationError,
            "names 'W'",
        ),
    ],
)
def test_impossible_ones_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_counts_have_no_normal_errors():
    with pytest.raises(PopulationError, match="family whose values they would leave"):
        nl.Population(
            "y ~ 1 + (1 | g)", {"(Intercept)": 0}, {"g": 1}, family="poisson",
            departures=nl.measurement_error("y", sd=1),
        )  # fmt: skip
