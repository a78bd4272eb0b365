import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.scales import TermNames, covariances, residual_variance
from nestling.model.spreads import corr, cov, icc, sd

ONE = "(Intercept)"
intercept = [TermNames("g", (ONE,))]
slope = [TermNames("g", (ONE, "X"))]
double_bar = [TermNames("g", (ONE,)), TermNames("g", ("X",))]
two = [TermNames("pupil:school", (ONE,)), TermNames("school", (ONE,))]
apart = [TermNames("g", (ONE,)), TermNames("h", (ONE,)), TermNames("g", ("X",))]


@pytest.mark.parametrize(
    ("terms", "random", "expected"),
    [
        (intercept, {"g": 5}, [[[5]]]),
        (intercept, {"g": np.float64(5)}, [[[5]]]),
        (intercept, {"g": sd(3)}, [[[9]]]),
        (intercept, {"g": icc(0.25)}, [[[1]]]),
        (intercept, {"g": {ONE: 5}}, [[[5]]]),
        (intercept, {"g": [5]}, [[[5]]]),
        (intercept, {"g": cov([[5]])}, [[[5]]]),
        (intercept, {"g": {ONE: cov([[5]])}}, [[[5]]]),
        (slope, {"g": cov([[5, 1], [1, 3]])}, [[[5, 1], [1, 3]]]),
        (slope, {"g": [[5, 1], [1, 3]]}, [[[5, 1], [1, 3]]]),
        (slope, {"g": np.array([[5, 1], [1, 3]])}, [[[5, 1], [1, 3]]]),
        (slope, {"g": corr(sd=[2, 1], r=0.5)}, [[[4, 1], [1, 1]]]),
        (slope, {"g": [5, 3]}, [[[5, 0], [0, 3]]]),
        (slope, {"g": {"X": 3, ONE: 5}}, [[[5, 0], [0, 3]]]),
        (slope, {"g": {"X": sd(2), ONE: icc(0.25)}}, [[[1, 0], [0, 4]]]),
        (double_bar, {"g": {ONE: 5, "X": 3}}, [[[5]], [[3]]]),
        (double_bar, {"g": (5, sd(2))}, [[[5]], [[4]]]),
        (double_bar, {"g": [cov([[5]]), 3]}, [[[5]], [[3]]]),
        (apart, {"h": 1, "g": [2, 3]}, [[[2]], [[1]], [[3]]]),
        ([], {}, []),
    ],
)
def test_covariances(terms, random, expected):
    found = covariances(random, terms, 3.0)
    assert [t.covariance.tolist() for t in found] == expected
    assert [(t.group, t.names) for t in found] == [(t.group, t.names) for t in terms]


@pytest.mark.parametrize(
    ("terms", "random", "error", "message"),
    [
        (intercept, {"G": 5}, PopulationError, "'G', which is not a grouping factor"),
        (two, {"school:pupil": 5, "school": 1}, PopulationError, "Did you mean 'pupil:school'"),
        ([], {"g": 5}, PopulationError, "The formula has no random effects"),
        (
            two,
            {"school": 5},
            PopulationError,
            r"no value for 'pupil:school'. The formula needs 'pupil:school': \(Intercept\);",
        ),
        (
            intercept,
            {"g": -5},
            PopulationError,
            "The variance of .* of g is -5; a variance is never negative",
        ),
        (intercept, {"g": "5"}, ArgumentTypeError, "expected a variance"),
        (intercept, {"g": None}, ArgumentTypeError, "expected a variance"),
        (intercept, {"g": [5, 3]}, PopulationError, "2 variances, but it has 1 random effects"),
        (intercept, {"g": cov([[5, 1], [1, 3]])}, PopulationError, "a 2 x 2 matrix, but it has 1"),
        (intercept, {"g": [[5, 1], [1, 3]]}, PopulationError, "a 2 x 2 matrix, but it has 1"),
        (slope, {"g": 5}, PopulationError, "one spread, 5, but it has 2 random effects"),
        (slope, {"g": icc(0.2)}, PopulationError, r"one spread, nl.icc\(0.2\), but it has 2"),
        (slope, {"g": [5]}, PopulationError, "1 variances, but it has 2"),
        (slope, {"g": {ONE: 5}}, PopulationError, "no spread for X of 'g'"),
        (slope, {"g": {ONE: 5, "Y": 3}}, PopulationError, "the effect 'Y' of 'g'"),
        (slope, {"g": {ONE: 5, "X": icc(0.1)}}, PopulationError, "belongs to a random intercept"),
        (slope, {"g": {ONE: 5, "X": cov([[1, 0], [0, 1]])}}, PopulationError, "not both mixed"),
        (
            slope,
            {"g": [cov([[1, 0], [0, 1]]), 3]},
            PopulationError,
            r"2 spreads with a matrix among them",
        ),
        (slope, {"g": [[1, 2], [2, 1]]}, PopulationError, "smallest eigenvalue -1"),
        (
            double_bar,
            {"g": cov([[5, 1], [1, 3]])},
            PopulationError,
            "has 2 uncorrelated terms of 'g'",
        ),
        (
            two,
            {"school": icc(0.6), "pupil:school": icc(0.5)},
            PopulationError,
            r"0.5 for pupil:school, 0.6 for school: together 1.1",
        ),
    ],
)
def test_refusals(terms, random, error, message):
    with pytest.raises(error, match=message):
        covariances(random, terms, 3.0)


def test_an_icc_of_nothing():
    with pytest.raises(PopulationError, match="are all 0"):
        covariances({"g": icc(0.2)}, intercept, 0.0)


@given(st.floats(0, 0.45), st.floats(0, 0.45), st.floats(0.01, 100), st.floats(0, 10))
def test_iccs_are_solved_together(first, second, residual, other):
    terms = [*two, TermNames("item", (ONE,))]
    random = {"school": icc(first), "pupil:school": icc(second), "item": other}
    tau2 = [t.covariance[0, 0] for t in covariances(random, terms, residual)]
    total = sum(tau2) + residual
    assert tau2[1] / total == pytest.approx(first, rel=1e-9)
    assert tau2[0] / total == pytest.approx(second, rel=1e-9)


def test_icc_uses_the_intercept_of_a_matrix():
    terms = [*slope, TermNames("h", (ONE,))]
    found = covariances({"g": cov([[5, 1], [1, 3]]), "h": icc(0.2)}, terms, 3.0)
    assert found[1].covariance[0, 0] == pytest.approx(2)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, PopulationError, "residual= is missing"),
        (-1, PopulationError, "a variance is never negative"),
        (sd, ArgumentTypeError, "expected one number"),
        (icc(0.2), PopulationError, "the residual takes a variance"),
        (cov([[1]]), PopulationError, "the residual takes a variance"),
    ],
)
def test_residual_refusals(value, error, message):
    with pytest.raises(error, match=message):
        residual_variance(value)


def test_residual_variance():
    assert residual_variance(3) == 3
    assert residual_variance(sd(2)) == 4
