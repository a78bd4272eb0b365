import pickle

import numpy as np
import pandas as pd
import pytest

from nestling.errors import ArgumentTypeError, FormulaError, PopulationError
from nestling.model.formula import parse
from nestling.model.levels import levels
from nestling.model.spreads import corr, cov, icc, sd
from nestling.simulate.describe import bernoulli, categorical, normal, values
from nestling.simulate.population import Population

ONE = "(Intercept)"
Z, X = normal(0, 3, level="Cluster"), normal(0, 1)
A = categorical(["a", "b", "c"], level="Cluster")
EQUATIONS = levels(
    """
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1
    """
)
M1 = {
    "formula": "y ~ 1 + Z + X + (1 | Cluster)",
    "fixed": {ONE: 2, "Z": 3, "X": 4},
    "random": {"Cluster": 5},
    "residual": 3,
    "predictors": {"Z": Z, "X": X},
}
M2 = {
    "formula": EQUATIONS,
    "g00": 2,
    "g01": 3,
    "g10": 4,
    "random": {"u0": 5, "u1": 3},
    "residual": 3,
    "predictors": {"Z": normal(0, 3), "X": X},
}


def test_what_was_put_in():
    truth = Population(**M1)
    assert truth.fixed.to_dict() == {ONE: 2.0, "Z": 3.0, "X": 4.0}
    assert truth.sigma == 3**0.5
    assert truth.varcorr["vcov"].tolist() == [5, 3]
    assert truth.varcorr["grp"].tolist() == ["Cluster", "Residual"]
    assert str(truth.formula) == "y ~ 1 + Z + X + (1 | Cluster)"
    assert truth.stated_equations is None


@pytest.mark.parametrize(
    "change",
    [
        {"fixed": pd.Series([2.0, 3.0, 4.0], [ONE, "Z", "X"])},
        {"fixed": {"X": np.float64(4), "Z": 3, ONE: 2}},
        {"random": {"Cluster": sd(5**0.5)}},
        {"random": {"Cluster": icc(5 / 8)}},
        {"random": {"Cluster": cov([[5]])}},
        {"residual": sd(3**0.5)},
        {"formula": parse(M1["formula"])},
    ],
)
def test_the_same_truth_said_otherwise(change):
    truth, same = Population(**M1), Population(**{**M1, **change})
    assert np.allclose(same.fixed, truth.fixed)
    assert np.allclose(same.varcorr["vcov"], truth.varcorr["vcov"], rtol=1e-14)


def test_equations_by_symbol():
    truth = Population(**M2)
    assert truth.fixed.to_dict() == {ONE: 2.0, "Z": 3.0, "X": 4.0}
    assert truth.parameters.terms[0].covariance.tolist() == [[5, 0], [0, 3]]
    assert truth.predictors["Z"].level == "Cluster"
    assert truth.predictors["X"].level is None
    same = Population(
        EQUATIONS,
        fixed={"γ00": 2, "Z": 3, "g10": 4},
        random={"Cluster": [5, 3]},
        residual=3,
        predictors={"Z": Z, "X": X},
    )
    assert same.parameters == truth.parameters


def test_equations_keep_a_level_that_is_said():
    truth = Population(**{**M2, "predictors": {"Z": normal(0, 3, level="ID"), "X": X}})
    assert truth.predictors["Z"].level == "ID"


def test_record():
    truth = Population(**M2)
    same = pickle.loads(pickle.dumps(truth))
    assert same == truth
    assert hash(same) == hash(truth)
    assert truth != Population(**{**M2, "g00": 3})
    assert truth != 1
    with pytest.raises(AttributeError):
        truth.weights = "w"
    with pytest.raises(TypeError):
        truth.predictors["X"] = X


def test_contrasts_are_part_of_the_truth():
    said = {
        "formula": "y ~ A + (1 | g)",
        "fixed": {ONE: 1, "A1": 1, "A2": 2},
        "random": {"g": 1},
        "residual": 1,
        "predictors": {"A": A},
    }
    truth = Population(**said, contrasts={"A": "contr.sum"})
    assert truth == pickle.loads(pickle.dumps(truth))
    assert truth != Population(**said, contrasts={"A": "contr.helmert"})


@pytest.mark.parametrize(
    ("change", "fixed", "vcov"),
    [
        ({"fixed": {"X": 0.3}}, [2, 3, 0.3], [5, 3]),
        ({"random": {"Cluster": 1}}, [2, 3, 4], [1, 3]),
        ({"residual": sd(2)}, [2, 3, 4], [5, 4]),
        ({"predictors": {"X": bernoulli(0.5)}}, [2, 3, 4], [5, 3]),
        ({"formula": "y ~ X + (1 | Cluster)"}, [2, 4], [5, 3]),
        (
            {"formula": "y ~ X + (1 + X | Cluster)", "random": {"Cluster": cov([[5, 1], [1, 3]])}},
            [2, 4],
            [5, 3, 1, 3],
        ),
    ],
)
def test_replace(change, fixed, vcov):
    truth = Population(**M1)
    changed = truth.replace(**change)
    assert changed.fixed.tolist() == fixed
    assert changed.varcorr["vcov"].tolist() == vcov
    assert truth == Population(**M1)
    assert changed.predictors["Z"] == Z


def test_replace_by_symbol():
    truth = Population(**M2)
    changed = truth.replace(g10=0, random={"u1": 1})
    assert changed.fixed.tolist() == [2, 3, 0]
    assert changed.varcorr["vcov"].tolist() == [5, 1, 0, 3]


def test_replace_solves_an_icc_again():
    truth = Population(**{**M1, "random": {"Cluster": icc(0.5)}})
    assert truth.replace(residual=1).varcorr["vcov"].tolist() == [1, 1]


def test_spreads_are_not_shared():
    stated = {"Cluster": [5, 3]}
    truth = Population(**{**M2, "random": stated})
    stated["Cluster"][0] = 100
    assert truth.replace(g00=1).varcorr["vcov"].tolist() == [5, 3, 0, 3]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"formula": 3}, ArgumentTypeError, "formula is 3; expected a formula"),
        ({"formula": "y ~ Z + X"}, FormulaError, "no random effects"),
        ({"fixed": None}, PopulationError, r"'\(Intercept\)', 'Z', 'X' have no value in fixed="),
        (
            {"fixed": {ONE: 2, "Z": 3}},
            PopulationError,
            r"'X' have no value .* needs '\(Intercept\)', 'Z', 'X'",
        ),
        (
            {"fixed": {ONE: 2, "Z": 3, "x": 4}},
            PopulationError,
            "names 'x', which is not a coefficient",
        ),
        (
            {"fixed": {"Intercept": 2, "Z": 3, "X": 4}},
            PopulationError,
            r"Did you mean '\(Intercept\)'",
        ),
        (
            {"fixed": {ONE: 2, "Z": 3, "X": "4"}},
            ArgumentTypeError,
            "The fixed effect 'X' is '4'; expected one",
        ),
        ({"fixed": {ONE: 2, "Z": 3, "X": np.nan}}, PopulationError, "expected a finite number"),
        ({"fixed": [2, 3, 4]}, ArgumentTypeError, r"fixed=\[2, 3, 4\]; expected names with values"),
        ({"fixed": {ONE: 2, "Z": 3, 1: 4}}, ArgumentTypeError, "fixed= has the key 1"),
        ({"random": None}, PopulationError, "random= has no value for 'Cluster'"),
        ({"random": 5}, ArgumentTypeError, "random=5; expected names with values"),
        ({"random": {"cluster": 5}}, PopulationError, "Did you mean 'Cluster'"),
        ({"random": {"Cluster": -5}}, PopulationError, "a variance is never negative"),
        (
            {"random": {"Cluster": cov([[5, 1], [1, 3]])}},
            PopulationError,
            "a 2 x 2 matrix, but it has 1",
        ),
        ({"residual": None}, PopulationError, "residual= is missing"),
        ({"residual": -3}, PopulationError, "a variance is never negative"),
        ({"residual": icc(0.2)}, PopulationError, "the residual takes a variance"),
        ({"predictors": None}, PopulationError, "uses 'Z', which predictors= does not describe"),
        ({"predictors": {"Z": Z}}, PopulationError, "uses 'X'"),
        (
            {"predictors": {"Z": Z, "X": [1, 2]}},
            ArgumentTypeError,
            r"describes 'X' by \[1, 2\]; expected nl.normal",
        ),
        ({"predictors": [Z, X]}, ArgumentTypeError, "expected names with what they are"),
        ({"predictors": {"Z": Z, "X": X, "residual": X}}, PopulationError, "named 'residual'"),
        ({"weights": "w"}, PopulationError, "weights='w' is not described in predictors="),
        ({"weights": [1, 2]}, ArgumentTypeError, "weights= takes the name of a predictor"),
        (
            {"offset": "Xx"},
            PopulationError,
            "offset='Xx' is not described in predictors=. Did you mean 'X'",
        ),
        ({"g00": 2}, ArgumentTypeError, "no argument 'g00'. .* only with equations"),
    ],
)
def test_refusals(change, error, message):
    with pytest.raises(error, match=message):
        Population(**{**M1, **change})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"g00": None}, ArgumentTypeError, "The fixed effect 'g00' is None"),
        ({"g11": 2}, PopulationError, "'g11' is neither a coefficient's symbol"),
        ({"fixed": {ONE: 3}}, PopulationError, r"'\(Intercept\)' is given twice, once as 'g00'"),
        ({"random": {"u0": 5}}, PopulationError, "no spread for X of 'Cluster'"),
        (
            {"random": {"u0": 5, "Cluster": 3}},
            PopulationError,
            "gives 'Cluster' by name and by the symbol",
        ),
    ],
)
def test_refusals_with_equations(change, error, message):
    with pytest.raises(error, match=message):
        Population(**{**M2, **change})


def test_missing_symbols_are_named():
    with pytest.raises(PopulationError, match=r"'X' \(g10\) have no value .* g01 = 'Z', g10 = 'X'"):
        Population(**{name: value for name, value in M2.items() if name != "g10"})


def test_a_factor_has_several_coefficients():
    eq = levels("Level 1: y = b0 + e\n Level 2 (Cluster): b0 = g00 + g01*A + u0")
    with pytest.raises(
        PopulationError, match=r"'A', which is a factor with 2 coefficients.*'Ab', 'Ac'"
    ):
        Population(eq, g00=1, g01=2, random={"u0": 1}, residual=1, predictors={"A": A})
    truth = Population(
        eq, {"Ab": 1, "Ac": 2}, g00=1, random={"u0": 1}, residual=1, predictors={"A": A}
    )
    assert truth.fixed.tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fixd": {}}, "no argument 'fixd'. Did you mean 'fixed'"),
        ({"g00": 1}, "no argument 'g00'"),
        ({"fixed": 3}, "fixed=3; expected names with their new values"),
    ],
)
def test_replace_refusals(change, message):
    with pytest.raises(ArgumentTypeError, match=message):
        Population(**M1).replace(**change)


def test_text():
    truth = Population(
        EQUATIONS,
        g00=2,
        g01=3,
        g10=4,
        random={"Cluster": corr(sd=[2, 1], r=0.5)},
        residual=3,
        predictors={"Z": Z, "X": X, "w": values([1, 2])},
        weights="w",
    )
    assert str(truth) == (
        "Population: y ~ 1 + Z + X + (1 + X | Cluster)\n"
        "\n"
        "Fixed effects:\n"
        "  (Intercept)  2  g00\n"
        "  Z            3  g01\n"
        "  X            4  g10\n"
        "\n"
        "Random effects:\n"
        "  Groups    Name         Variance  Std.Dev.  Corr\n"
        "  Cluster   (Intercept)         4         2\n"
        "            X                   1         1  0.50\n"
        "  Residual                      3     1.732\n"
        "\n"
        "Predictors:\n"
        "  Z  nl.normal(0, 3, level='Cluster')\n"
        "  X  nl.normal(0, 1)\n"
        "  w  nl.values([1, 2])\n"
        "\n"
        "Also:\n"
        "  weights  w"
    )
    assert repr(truth) == str(truth)


def test_html_is_escaped():
    A = categorical(["<a>", "b"])
    truth = Population("y ~ A + (1 | g)", {ONE: 1, "Ab": 1}, {"g": 1}, 1, {"A": A})
    html = truth._repr_html_()
    assert "<caption>Fixed effects</caption>" in html
    assert "&lt;a&gt;" in html
