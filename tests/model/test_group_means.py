import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.data.door import read
from nestling.errors import FormulaError
from nestling.model.evaluate import Memory, evaluate
from nestling.model.group_means import between_groups
from nestling.model.parser import parse_expression

DATA = {
    "X": [1.0, 3.0, 5.0, 9.0, 4.0],
    "g": ["a", "a", "b", "b", "b"],
    "h": [1, 2, 1, 1, 2],
}


def values(text, data=None, memory=None):
    node = parse_expression(text)
    return evaluate(node, read(data or DATA), memory or Memory()).values.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between(X, g)", [2, 2, 6, 6, 6]),
        ("within(X, g)", [-1, 1, -1, 3, -2]),
        ("between(X, g:h)", [1, 3, 7, 7, 4]),
        ("within(X^2, g) / 2", [-2, 2, (25 - 122 / 3) / 2, (81 - 122 / 3) / 2, (16 - 122 / 3) / 2]),
        ("center(X)", [-3.4, -1.4, 0.6, 4.6, -0.4]),
        ("I(center(X)^2)", [11.56, 1.96, 0.36, 21.16, 0.16]),
    ],
)
def test_values(text, expected):
    assert np.allclose(values(text), expected, rtol=1e-14, atol=1e-14)


def test_missing_values_stay_out_of_the_means():
    x = np.array([1.0, np.nan, 3.0, 5.0])
    assert np.array_equal(
        between_groups(x, np.array([0, 0, 0, -1])), [2, np.nan, 2, np.nan], equal_nan=True
    )


def test_large_values_keep_their_digits():
    x = 1e9 + np.arange(4) / 8
    assert (between_groups(x, np.array([0, 0, 1, 1])) - 1e9).tolist() == [1 / 16, 1 / 16] + [
        5 / 16
    ] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("within(X)", r"within\(X, g\), a column and"),
        ("between(X, g + h)", "is no grouping factor"),
        ("between(2, g)", "names no column"),
        ("center(X, 2)", "too many arguments"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(FormulaError, match=message):
        values(text)


def test_fit_and_predict():
    truth = nl.Population(
        "y ~ X + (1 | g)", {"(Intercept)": 1, "X": 1}, {"g": 1}, 1, {"X": nl.normal(5, 1)}
    )
    data = truth.simulate(nl.nested(g=12, id=6), seed=4)
    means = data.groupby("g")["X"].transform("mean")
    by_hand = data.assign(W=data["X"] - means, B=means, C=data["X"] - data["X"].mean())
    fit = nl.lmer("y ~ within(X, g) + between(X, g) + (1 | g)", data)
    again = nl.lmer("y ~ W + B + (1 | g)", by_hand)
    assert list(fit.fixef.index) == ["(Intercept)", "within(X, g)", "between(X, g)"]
    assert np.allclose(fit.fixef, again.fixef, rtol=1e-9)
    # new rows: the groups' means are those of the new rows, the grand mean that of the training
    new = pd.DataFrame({"X": [4.0, 6.0, 9.0], "g": [1, 1, 2]})
    told = new.assign(B=[5.0, 5.0, 9.0], W=[-1.0, 1.0, 0.0], C=new["X"] - data["X"].mean())
    assert np.allclose(fit.predict(new), again.predict(told), rtol=1e-8)
    fit = nl.lmer("y ~ center(X) + (1 | g)", data)
    again = nl.lmer("y ~ C + (1 | g)", by_hand)
    assert np.allclose(fit.predict(new), again.predict(told), rtol=1e-9)
