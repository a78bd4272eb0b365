"""R-squared by level of a truth, against closed forms and against a large fit."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import PopulationError

MIXED = nl.Population(
    "y ~ X * Z + (1 + X | g)",
    {"(Intercept)": 2, "X": 1, "Z": 0.5, "X:Z": 0.3},
    {"g": nl.cov([[2, 0.3], [0.3, 0.5]])},
    3,
    {"X": nl.normal(1, 1.5, icc=0.3), "Z": nl.bernoulli(0.4, level="g")},
)


def test_parts_by_closed_forms():
    parts = MIXED.r2_parts()["variance"]
    # within: (1 + 0.3 Z) X_w with variance 1.5^2 * 0.7; E(1 + 0.3 Z)^2 = 1 + 0.24 + 0.036
    assert parts["f1"] == pytest.approx(1.276 * 2.25 * 0.7)
    # between: (1 + 0.3 Z) B + 0.5 Z with B normal (1, 2.25 * 0.3)
    first = 1.276 * 2.25 * 0.3
    second = 0.8**2 * 0.24
    assert parts["f2"] == pytest.approx(first + second)
    assert parts["v"] == pytest.approx(0.5 * 2.25)
    assert parts["m"] == pytest.approx(2 + 2 * 0.3 + 0.5)
    shares = MIXED.r2_parts()[["total", "within", "between"]].sum()
    assert np.allclose(shares, 1)


def test_a_large_fit_finds_them():
    data = MIXED.simulate(nl.nested(g=3000, i=40), seed=1)
    found = nl.lmer("y ~ X * Z + (1 + X | g)", data).r2_parts()
    truth = MIXED.r2_parts()
    # 3,000 clusters: variances between them have a relative error of about root(2 / 3000) = .026;
    # cluster means of 40 rows carry 1 / 40 of the within part
    for part in ("f1", "f2", "v", "m", "e"):
        slack = truth.loc["f1", "variance"] / 40 + 0.5 * 2.25 / 40
        assert abs(found.loc[part, "variance"] - truth.loc[part, "variance"]) < (
            5 * 0.026 * truth.loc[part, "variance"] + slack
        )


def test_describe_shows_them():
    text = MIXED.describe()
    assert "R-squared by level" in text
    assert "random slopes" in text
    two = nl.Population("y ~ 1 + (1 | a) + (1 | b)", {"(Intercept)": 0}, {"a": 1, "b": 1}, 1)
    assert "R-squared by level" not in two.describe()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formula": "y ~ X + (1 | g) + (1 | h)", "random": {"h": 1, "g": 1}}, "one grouping"),
        ({"predictors": {"X": nl.normal(0, 1, level="h")}}, "varies between units of 'h'"),
        ({"predictors": {"X": nl.normal(0, 1, icc={"h": 0.2})}}, "between other units"),
    ],
)
def test_what_is_not_defined_is_refused(change, message):
    with pytest.raises(PopulationError, match=message):
        MIXED.replace(**change).r2_parts()
