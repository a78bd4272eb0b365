import pickle

import numpy as np
import pytest

from nestling.errors import ArgumentTypeError, DesignError, PopulationError
from nestling.random.rrandom import RRandom
from nestling.simulate.describe import bernoulli, categorical, constant, normal, uniform, values
from nestling.simulate.given import Labels

N = 40_000
STREAMS = [lambda: np.random.default_rng(3), lambda: RRandom(3)]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(
    ("predictor", "mean", "variance"),
    [
        (normal(2, 3), 2, 9),
        (normal(2, 0), 2, 0),
        (uniform(-1, 3), 1, 16 / 12),
        (bernoulli(0.3), 0.3, 0.21),
        (bernoulli(0), 0, 0),
        (bernoulli(1), 1, 0),
    ],
)
def test_moments(predictor, mean, variance, stream):
    drawn = predictor.draw(stream(), N)
    assert drawn.shape == (N,)
    assert abs(drawn.mean() - mean) <= 4 * np.sqrt(variance / N)
    # no distribution here has a kurtosis above 3 but the Bernoulli with p = 0.3, which has 1.2 + 1
    assert abs(drawn.var() - variance) <= 4 * variance * np.sqrt(2 / N)


@pytest.mark.parametrize("stream", STREAMS)
def test_categories(stream):
    drawn = categorical({"b": 0.2, "a": 0.5, "c": 0.3}).draw(stream(), N)
    assert drawn.labels == ("b", "a", "c")
    shares = np.bincount(drawn.codes, minlength=3) / N
    for share, p in zip(shares, [0.2, 0.5, 0.3], strict=True):
        assert abs(share - p) <= 4 * np.sqrt(p * (1 - p) / N)


def test_limits_hold():
    drawn = uniform(2, 3).draw(np.random.default_rng(1), 1000)
    assert drawn.min() >= 2
    assert drawn.max() <= 3
    assert set(bernoulli(0.5).draw(np.random.default_rng(1), 100).tolist()) == {0, 1}


def test_equal_probabilities():
    assert categorical(["a", "b", "c"]).probabilities == (1 / 3, 1 / 3, 1 / 3)


def test_given_values_are_not_drawn():
    assert values([3, 1, 2]).column(3).tolist() == [3, 1, 2]
    assert constant(7).column(2).tolist() == [7, 7]
    with pytest.raises(DesignError, match="holds 3 values, but the design has 4 rows"):
        values([3, 1, 2]).column(4)
    with pytest.raises(DesignError, match="the design has 4 units of 'g'"):
        values([3, 1, 2], level="g").column(4)


@pytest.mark.parametrize(
    ("predictor", "text"),
    [
        (normal(0, 3, level="Cluster"), "nl.normal(0, 3, level='Cluster')"),
        (uniform(0, 1.5), "nl.uniform(0, 1.5)"),
        (bernoulli(0.5, "g"), "nl.bernoulli(0.5, level='g')"),
        (
            categorical({"a": 0.25, "b": 0.75}, "g"),
            "nl.categorical({'a': 0.25, 'b': 0.75}, level='g')",
        ),
        (
            categorical({"lo": 0.5, "hi": 0.5}, ordered=True),
            "nl.categorical({'lo': 0.5, 'hi': 0.5}, ordered=True)",
        ),
        (constant(1), "nl.constant(1)"),
        (values([0, 1], level="time"), "nl.values([0, 1], level='time')"),
    ],
)
def test_records(predictor, text):
    assert str(predictor) == text
    assert pickle.loads(pickle.dumps(predictor)) == predictor
    assert hash(predictor) == hash(predictor)
    shown = predictor.prototype(12)
    found = shown.codes if isinstance(shown, Labels) else shown
    assert len(found) == 12
    assert len(set(found.tolist())) >= predictor.distinct


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: normal(0, -1),
            PopulationError,
            "the SD is -1; a standard deviation is never negative",
        ),
        (
            lambda: normal("a", 1),
            ArgumentTypeError,
            r"nl.normal\(\): the mean is 'a'; expected one number",
        ),
        (lambda: normal(0, np.inf), PopulationError, "expected a finite number"),
        (lambda: normal(0, 1, level=2), ArgumentTypeError, "level=2; expected the name of a unit"),
        (lambda: uniform(2, 1), PopulationError, "the lower limit comes first"),
        (lambda: uniform(1, 1), PopulationError, "the lower limit comes first"),
        (lambda: bernoulli(1.2), PopulationError, "a probability is between 0 and 1"),
        (
            lambda: categorical({"a": 0.5, "b": 0.6}),
            PopulationError,
            r"sum to 0.5 \+ 0.6 = 1.1, not to 1",
        ),
        (
            lambda: categorical({"a": 1.5, "b": -0.5}),
            PopulationError,
            "a probability is never negative",
        ),
        (lambda: categorical({"a": 1}), PopulationError, "1 category given; at least 2"),
        (lambda: categorical([]), PopulationError, "0 category given"),
        (lambda: categorical(["a", "a"]), PopulationError, "'a' appears twice"),
        (lambda: categorical("ab"), ArgumentTypeError, "expected categories with probabilities"),
        (lambda: categorical(3), ArgumentTypeError, "expected categories with probabilities"),
        (
            lambda: categorical({1: 0.5, 2: 0.5}),
            ArgumentTypeError,
            "the category 1 is not text; write '1'",
        ),
        (lambda: constant(None), ArgumentTypeError, "expected one number"),
        (lambda: values([1], level=3), ArgumentTypeError, "level=3"),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()
