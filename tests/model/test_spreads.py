import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.spreads import Corr, Cov, Icc, Sd, corr, cov, icc, number, sd, variance


def test_corr_makes_the_covariance():
    assert np.allclose(corr(sd=[2, 3], r=0.5).covariance, [[4, 3], [3, 9]], rtol=1e-15)
    r = [[1, 0.2, 0], [0.2, 1, 0.1], [0, 0.1, 1]]
    assert np.array_equal(np.diag(corr(sd=np.array([1, 2, 3]), r=r).covariance), [1, 4, 9])
    assert corr(sd=[1, 1, 1], r=0.5).r[2] == (0.5, 0.5, 1.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: sd(-1), PopulationError, r"nl.sd\(-1\): a standard deviation is never negative"),
        (lambda: sd("a"), ArgumentTypeError, r"nl.sd\(\) is 'a'; expected one number"),
        (lambda: sd(True), ArgumentTypeError, "expected one number"),
        (lambda: sd(np.inf), PopulationError, "expected a finite number"),
        (lambda: icc(1), PopulationError, "at least 0 and below 1"),
        (lambda: icc(1.2), PopulationError, "at least 0 and below 1"),
        (lambda: icc(-0.1), PopulationError, r"nl.icc\(-0.1\)"),
        (lambda: cov([[1, 2], [2, 1]]), PopulationError, r"smallest eigenvalue -1\)"),
        (
            lambda: cov([[1, 0.5], [0.4, 1]]),
            PopulationError,
            r"not symmetric: entry \[0, 1\] is 0.5",
        ),
        (lambda: cov([[-1, 0], [0, 1]]), PopulationError, "a variance is never negative"),
        (lambda: cov([[1, 2, 3], [2, 1, 1]]), PopulationError, r"shape \(2, 3\)"),
        (lambda: cov([1, 2]), PopulationError, r"shape \(2,\)"),
        (lambda: cov([[1, np.nan], [np.nan, 1]]), PopulationError, "not a finite number"),
        (lambda: cov("ab"), ArgumentTypeError, "expected a matrix of numbers"),
        (lambda: corr(sd=[1, 2], r=1.5), PopulationError, r"1.5 is outside \[-1, 1\]"),
        (lambda: corr(sd=[1, -2], r=0.5), PopulationError, "never negative"),
        (lambda: corr(sd=2, r=0.5), ArgumentTypeError, "expected a list"),
        (lambda: corr(sd=[1, 1, 1], r=-0.9), PopulationError, "not positive semi-definite"),
        (
            lambda: corr(sd=[1, 1, 1], r=np.eye(2)),
            PopulationError,
            "3 standard deviations and a 2 x 2",
        ),
        (
            lambda: corr(sd=[1, 1], r=[[4, 1], [1, 9]]),
            PopulationError,
            "For covariances use nl.cov",
        ),
        (lambda: variance(-1, "the variance of g"), PopulationError, "The variance of g is -1;"),
        (lambda: number([1], "residual="), ArgumentTypeError, r"residual= is \[1\]; expected one"),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("spread", "text"),
    [
        (sd(2), "nl.sd(2)"),
        (icc(0.2), "nl.icc(0.2)"),
        (cov([[1]]), "nl.cov([[1.0]])"),
        (corr(sd=[1, 2], r=0.5), "nl.corr(sd=[1.0, 2.0], r=[[1.0, 0.5], [0.5, 1.0]])"),
    ],
)
def test_text_and_identity(spread, text):
    assert str(spread) == text
    assert pickle.loads(pickle.dumps(spread)) == spread
    assert hash(spread) == hash(spread)
    assert isinstance(spread, Sd | Icc | Cov | Corr)


@given(arrays(float, (3, 3), elements=st.floats(-10, 10, width=16)))
def test_any_gram_matrix_is_a_covariance(A):
    gram = A @ A.T
    assert np.array_equal(cov((gram + gram.T) / 2).covariance, (gram + gram.T) / 2)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(-1, 1))
def test_corr_is_accepted_wherever_it_is_possible(a, b, r):
    found = corr(sd=[a, b], r=r).covariance
    assert cov(found).covariance[0, 1] == pytest.approx(r * a * b)
