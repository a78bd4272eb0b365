"""Effects as shares of the variance within and between clusters: the shares come back."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import PopulationError

PREDICTORS = {
    "X": nl.normal(0, 1.5),
    "W": nl.normal(2, 1, icc=0.3),
    "Z": nl.normal(0, 3, level="g"),
}


def truth(fixed, random=None, formula="y ~ X + W + Z + (1 + X | g)"):
    spread = {"g": nl.cov([[1, 0.1], [0.1, 0.3]])} if random is None else random
    return nl.Population(formula, {"(Intercept)": 1, **fixed}, spread, 2, PREDICTORS)


def test_shares_of_levels_come_back():
    made = truth({"X": nl.r2(0.2, of="within"), "W": 0.5, "Z": nl.r2(0.35, -1, of="between")})
    parts, beta = made.r2_parts()["variance"], made.fixed
    # X varies within clusters alone, Z between them alone
    assert beta["X"] ** 2 * 1.5**2 / (parts["f1"] + 0.3 * 2.25 + 2) == pytest.approx(0.2)
    assert beta["Z"] ** 2 * 9 / (parts["f2"] + parts["m"]) == pytest.approx(0.35)
    assert beta["Z"] < 0
    assert beta["W"] == 0.5


def test_levels_and_total_mix():
    made = truth({"X": nl.r2(0.1), "W": nl.r2(0.15, of="between"), "Z": nl.standardised(0.3)})
    parts, beta = made.r2_parts()["variance"], made.fixed
    total = parts.sum()
    assert beta["X"] ** 2 * 2.25 / total == pytest.approx(0.1)
    assert beta["Z"] * 3 / np.sqrt(total) == pytest.approx(0.3)
    assert beta["W"] ** 2 * 0.3 / (parts["f2"] + parts["m"]) == pytest.approx(0.15)


def test_a_large_fit_finds_the_share():
    made = truth({"X": nl.r2(0.2, of="within"), "W": 0.5, "Z": nl.r2(0.35, of="between")})
    data = made.simulate(nl.nested(g=2000, i=30), seed=1)
    fit = nl.lmer("y ~ X + W + Z + (1 + X | g)", data)
    assert (np.abs(fit.fixef - made.fixed) < 5 * fit.se).all()


def test_they_are_written_and_read():
    stated = nl.r2(0.2, -1, of="within")
    assert str(stated) == "nl.r2(0.2, sign=-1, of='within')"
    made = truth({"X": stated, "W": 0, "Z": 0})
    assert nl.Population.from_dict(made.to_dict()) == made
    assert made.replace(residual=5).fixed["X"] < made.fixed["X"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nl.r2(0.2, of="withn"), "Did you mean 'within'"),
        (lambda: truth({"X": nl.r2(0.2, of="between"), "W": 0, "Z": 0}), "does not vary between"),
        (lambda: truth({"Z": nl.r2(0.2, of="within"), "W": 0, "X": 0}), "does not vary within"),
        (
            lambda: truth({"X": nl.r2(0.7, of="within"), "W": nl.r2(0.6, of="within"), "Z": 0}),
            "leave nothing",
        ),
        (
            lambda: truth(
                {"X": nl.r2(0.2, of="within")}, {"g": 1, "h": 1}, "y ~ X + (1 | g) + (1 | h)"
            ),
            "need one grouping factor",
        ),
    ],
)
def test_impossible_ones_are_refused(make, message):
    with pytest.raises(PopulationError, match=message):
        make()
