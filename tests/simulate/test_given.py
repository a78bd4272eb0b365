import pickle

import numpy as np
import pandas as pd
import pytest

from nestling.errors import ArgumentTypeError, PopulationError
from nestling.simulate.given import DISTINCT, Labels, Values


@pytest.mark.parametrize(
    ("given", "array", "labels", "text"),
    [
        ([1, 2, 3], [1, 2, 3], None, "[1, 2, 3]"),
        (np.array([0.5, 1.5]), [0.5, 1.5], None, "[0.5, 1.5]"),
        ([True, False], [True, False], None, "[True, False]"),
        (range(6), [0, 1, 2, 3, 4, 5], None, "[0, 1, 2, 3, ... 6 values]"),
        (["b", "a", "b"], [1, 0, 1], ("a", "b"), "['b', 'a', 'b']"),
        (pd.Series(["b", "a"]), [1, 0], ("a", "b"), "['b', 'a']"),
        (pd.Categorical(["b", "a"], ["b", "a", "c"]), [0, 1], ("b", "a", "c"), "['b', 'a']"),
        (pd.Series(pd.Categorical(["b", "a"], ["b", "a"])), [0, 1], ("b", "a"), "['b', 'a']"),
    ],
)
def test_read(given, array, labels, text):
    values = Values.read(given)
    assert values.array.tolist() == array
    assert values.labels == labels
    assert str(values) == text
    assert pickle.loads(pickle.dumps(values)) == values
    assert hash(values) == hash(Values.read(given))
    assert values != 1


def test_given_values_are_copied():
    mine = np.array([1.0, 2.0])
    values = Values.read(mine)
    mine[0] = 9
    assert values.array[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        values.array[0] = 5


def test_ordered_categories():
    column = Values.read(pd.Categorical(["lo", "hi"], ["lo", "hi"], ordered=True)).column()
    assert isinstance(column, Labels)
    assert column.ordered
    assert column.take(np.array([1, 1])).codes.tolist() == [1, 1]


def test_cycled_shows_every_value():
    assert sorted(set(Values.read([3, 1, 2]).cycled(7).tolist())) == [1, 2, 3]
    many = Values.read(np.arange(5000.0))
    assert many.distinct == DISTINCT
    assert (many.cycled(2000).min(), many.cycled(2000).max()) == (0, 4999)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([1.0, np.nan], PopulationError, "value 1 is missing"),
        ([np.inf], PopulationError, "value 0 is inf; expected finite"),
        (pd.Categorical(["a", None]), PopulationError, "value 1 is missing"),
        (np.ones((2, 2)), PopulationError, r"shape \(2, 2\)"),
        (3.0, PopulationError, r"shape \(\)"),
        ([], PopulationError, r"shape \(0,\)"),
        (["a", None], ArgumentTypeError, "expected numbers, truth values or text"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), ArgumentTypeError, "type datetime64"),
    ],
)
def test_refusals(given, error, message):
    with pytest.raises(error, match=message):
        Values.read(given)
