import numpy as np
import pytest

import nestling as nl
from nestling.errors import PopulationError


def made(**fixed):
    return nl.Population(
        "y ~ X + t + X:t + (X | g)",
        {"(Intercept)": 1, "X": 0.3, "t": 0.2, "X:t": 0}
        | {k.replace("_", ":"): v for k, v in fixed.items()},
        {"g": nl.cov([[2, 0.3], [0.3, 0.5]])},
        3,
        {"X": nl.normal(0, 2), "t": nl.bernoulli(0.4)},
    )


# random and residual variance: 2 + 2 * 0.3 E[X] + 0.5 E[X^2] + 3, with X normal(0, 2)
REST = 2 + 0.5 * 4 + 3


def test_closed_forms():
    assert made(t=nl.d(0.5)).fixed["t"] == pytest.approx(0.5 * np.sqrt(REST), rel=1e-12)
    known = 0.2**2 * 0.24 + REST
    found = made(X=nl.standardised(-0.5)).fixed["X"]
    assert found == pytest.approx(-0.5 * np.sqrt(known / 0.75) / 2, rel=1e-12)
    assert made(X=nl.r2(0.25, sign=-1)).fixed["X"] == pytest.approx(found, rel=1e-12)


def test_recovers_itself():
    truth = made(X=nl.r2(0.1), t=nl.standardised(0.3), X_t=nl.standardised(0.1))
    data = truth.simulate(nl.nested(g=4000, id=10), seed=5)
    v = data["y"].var()
    # a variance of y from 4,000 clusters that share at most (2 + 2) / 7 of it
    assert truth.fixed["X"] ** 2 * 4 / v == pytest.approx(0.1, rel=4 * np.sqrt(2 / 4000))
    assert truth.fixed["t"] * np.sqrt(0.24 / v) == pytest.approx(0.3, rel=4 * np.sqrt(0.5 / 4000))


def test_replace_solves_again():
    truth = made(t=nl.d(0.5))
    assert truth.replace(residual=10).fixed["t"] == pytest.approx(0.5 * np.sqrt(REST + 7))


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"X": nl.r2(0.6), "t": nl.r2(0.5)}, r"together they explain 1\.1 of the variance"),
        ({"X": nl.d(0.5)}, "is not 0/1"),
        ({"(Intercept)": nl.r2(0.1)}, "has the variance 0"),
    ],
)
def test_what_is_refused(fixed, message):
    with pytest.raises(PopulationError, match=message):
        made(**fixed)


def test_what_depends_on_the_design():
    with pytest.raises(PopulationError, match="before the data are drawn"):
        nl.Population(
            "y ~ T + (1 | g)", {"(Intercept)": 0, "T": nl.r2(0.1)}, {"g": 1}, 1, {"T": nl.time()}
        )
