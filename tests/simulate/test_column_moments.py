"""Moments of columns against large simulations."""

import numpy as np
import pytest

import nestling as nl

N = 200_000
CASES = {
    "normal pair": (
        nl.correlated(a=nl.normal(1, 2), b=nl.normal(-1, 0.5), corr=0.6),
        nl.nested(g=N // 10, i=10),
    ),
    "copula": (
        nl.correlated(a=nl.gamma(2, 1), b=nl.uniform(0, 3), corr=-0.4),
        nl.nested(g=N // 10, i=10),
    ),
    "times": (
        {"a": nl.time(0, 0.5), "b": nl.normal(0, 1)},
        nl.nested(g=N // 10, i=10),
    ),
    "jittered times, unequal clusters": (
        {"a": nl.time(1, 2, jitter=0.8), "b": nl.normal(0, 1)},
        nl.nested(g=N // 10, i=[5, 15] * (N // 20)),
    ),
    "event times": (
        {"a": nl.time(0, 1, events=True), "b": nl.normal(0, 1)},
        nl.nested(g=N // 10, i=10),
    ),
}


@pytest.mark.parametrize(("predictors", "design"), CASES.values(), ids=CASES)
def test_the_variance_of_fixed_effects_is_that_of_data(predictors, design):
    truth = nl.Population(
        "y ~ a + b + (1 + a | g)",
        {"(Intercept)": 1, "a": 0.5, "b": 0.8},
        {"g": nl.cov([[1, 0.1], [0.1, 0.2]])},
        1,
        predictors,
    )
    data = truth.simulate(design, seed=1)
    fixed = 0.5 * data["a"] + 0.8 * data["b"]
    said = truth.describe(design).split("fixed effects")[1].split()
    # a variance over N rows has a relative error of about root(4 / N), ten times that with
    # rows that depend on each other within clusters of 10
    assert float(said[0]) == pytest.approx(fixed.var(), rel=10 * np.sqrt(4 / N))
    parts = truth.r2_parts(design)["variance"]
    assert parts["f1"] + parts["f2"] == pytest.approx(float(said[0]), rel=1e-4)
    slopes = data["a"].var() * 0.2
    assert parts["v"] == pytest.approx(slopes, rel=10 * np.sqrt(4 / N))


def test_times_need_a_design():
    truth = nl.Population(
        "y ~ a + (1 | g)", {"(Intercept)": 1, "a": 0.5}, {"g": 1}, 1, {"a": nl.time()}
    )
    assert "cannot be told" in truth.describe()
    with pytest.raises(nl.errors.PopulationError, match="cannot be told"):
        truth.r2_parts()
