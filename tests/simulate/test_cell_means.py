"""Cell means: the coefficients give them back, under any contrasts, in simulated data."""

import itertools

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, PopulationError

TWO = nl.factorial({"A": ["a1", "a2"], "B": ["b1", "b2", "b3"]})
MEANS = {
    (a, b): 10 + 3 * i + 2 * j + 1.5 * i * j
    for (i, a), (j, b) in itertools.product(enumerate(["a1", "a2"]), enumerate(["b1", "b2", "b3"]))
}


def truth(formula="y ~ A * B + (1 | g)", stated=None, predictors=None, **more):
    return nl.Population(
        formula,
        stated or nl.cell_means(MEANS, ["A", "B"]),
        {"g": 0.5},
        1,
        {**TWO, **(predictors or {})},
        **more,
    )


@pytest.mark.parametrize(
    "contrasts", [None, {"A": "contr.sum"}, {"A": "sum", "B": "contr.helmert"}]
)
def test_a_fit_of_large_data_predicts_the_cells(contrasts):
    made = truth(contrasts=contrasts)
    data = made.simulate(nl.nested(g=60, i=200), seed=1)
    found = data.groupby(["A", "B"], observed=True)["y"].mean()
    # 2,000 rows a cell: cells share their clusters, whose mean has the variance 0.5 / 60
    error = 5 * np.sqrt(1.5 / 2000 + 0.5 / 60)
    for cell, mean in MEANS.items():
        assert abs(found[cell] - mean) < error
    fit = nl.lmer("y ~ A * B + (1 | g)", data, contrasts=contrasts)
    assert (np.abs(fit.fixef - made.fixed) < 5 * fit.se + 5 * np.sqrt(0.5 / 60)).all()


def test_treatment_contrasts_are_differences():
    fixed = truth().fixed
    assert fixed["(Intercept)"] == 10
    assert fixed["Aa2"] == 3
    assert fixed["Aa2:Bb3"] == 3


def test_means_are_over_the_other_predictors():
    stated = nl.cell_means({0: 5, 1: 7}, "T", others={"X": 2, "T:X": 1})
    made = nl.Population(
        "y ~ T * X + (1 | g)",
        stated,
        {"g": 0.5},
        1,
        {"T": nl.assign(), "X": nl.normal(3, 1)},
    )
    # at the mean of X, which is 3: 5 = g0 + 2 * 3 and 7 = g0 + gT + (2 + 1) * 3
    assert made.fixed.to_dict() == pytest.approx({"(Intercept)": -1, "T": -1, "X": 2, "T:X": 1})


def test_additive_means_fit_an_additive_formula():
    means = {cell: 10.0 + (cell[0] == "a2") + 2 * (cell[1] == "b2") for cell in MEANS}
    made = truth("y ~ A + B + (1 | g)", nl.cell_means(means, ["A", "B"]))
    assert made.fixed.tolist() == [10, 1, 2, 0]
    again = made.replace(residual=2)
    assert again.fixed.equals(made.fixed)
    assert nl.Population.from_dict(made.to_dict()) == made


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: truth("y ~ A + B + (1 | g)"), PopulationError, r"a1 x b1: 10 stated, 9\.25 at"),
        (
            lambda: truth(stated=nl.cell_means({("a1", "b1"): 1}, ["A", "B"])),
            PopulationError,
            "leave .* open",
        ),
        (
            lambda: truth(stated=nl.cell_means({**MEANS, ("a3", "b1"): 1}, ["A", "B"])),
            PopulationError,
            "no category 'a3'",
        ),
        (
            lambda: truth(stated=nl.cell_means({"a1": 1, "a2": 2}, "C")),
            PopulationError,
            "factor 'C' is no predictor",
        ),
        (
            lambda: truth(stated=nl.cell_means(MEANS, ["A", "B"], others={"Z": 1})),
            PopulationError,
            "others= names 'Z'",
        ),
        (
            lambda: truth(
                "y ~ A * B + X + (1 | g)",
                nl.cell_means({("a1", "1"): 2}, ["A", "X"]),
                {"X": nl.normal(0, 1)},
            ),
            PopulationError,
            "no few categories",
        ),
        (lambda: nl.cell_means({}, "A"), ArgumentTypeError, "expected cells"),
        (lambda: nl.cell_means(MEANS, 3), ArgumentTypeError, "factors=3"),
        (lambda: nl.cell_means(MEANS, ["A"]), PopulationError, "2 categories for 1 factors"),
        (lambda: nl.cell_means({"a": "x"}, "A"), nl.errors.NestlingError, "mean of 'a'"),
        (lambda: nl.cell_means({"a": 1}, "A", others=[1]), ArgumentTypeError, "others="),
    ],
)
def test_impossible_ones_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
