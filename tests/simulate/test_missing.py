"""Values that are missing: as many as stated, where they are stated to be."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, DesignError, PopulationError
from nestling.simulate.missing import Missing

DESIGN = nl.nested(g=400, i=50)
N = 20_000
BASE = nl.Population(
    "y ~ X + f + (1 | g)",
    {"(Intercept)": 0, "X": 1, "fb": 0.5},
    {"g": 1},
    1,
    {"X": nl.normal(2, 3), "f": nl.categorical({"a": 0.5, "b": 0.5})},
)
FULL = BASE.simulate(DESIGN, seed=1)


def lost(departure, column):
    data = BASE.replace(departures=departure).simulate(DESIGN, seed=1)
    gone = data[column].isna()
    kept = [name for name in data if name != column]
    # nothing else changes, and what is there is what was there
    assert data[kept].equals(FULL[kept])
    assert data.loc[~gone, column].tolist() == FULL.loc[~gone, column].tolist()
    return gone.to_numpy()


def slope(y, x):
    """Logistic regression of y on x: coefficient and standard error, by Newton's method."""
    X = np.column_stack([np.ones_like(x), x])
    b = np.zeros(2)
    for _ in range(12):
        p = 1 / (1 + np.exp(-X @ b))
        H = (X * (p * (1 - p))[:, None]).T @ X
        b += np.linalg.solve(H, X.T @ (y - p))
    return b[1], np.sqrt(np.linalg.inv(H)[1, 1])


@pytest.mark.parametrize("column", ["y", "X", "f"])
def test_completely_at_random(column):
    gone = lost(nl.missing(column, 0.15), column)
    assert abs(gone.mean() - 0.15) < 5 * np.sqrt(0.15 * 0.85 / N)
    coefficient, error = slope(gone.astype(float), FULL["X"].to_numpy())
    assert abs(coefficient) < 5 * error


@pytest.mark.parametrize(
    ("depends", "on", "weight"),
    [("X", "X", 1.0), ({"X": -0.7}, "X", -0.7), ({"y": 1.2}, "y", 1.2)],
    ids=["MAR", "MAR with coefficient", "MNAR"],
)
def test_dependence_is_the_one_stated(depends, on, weight):
    gone = lost(nl.missing("y", 0.3, depends_on=depends), "y")
    assert abs(gone.mean() - 0.3) < 5 * np.sqrt(0.21 / N)
    values = FULL[on].to_numpy()
    coefficient, error = slope(gone.astype(float), (values - values.mean()) / values.std())
    assert abs(coefficient - weight) < 5 * error


def test_a_unit_is_missing_as_a_whole():
    gone = lost(nl.missing("y", 0.2, level="g"), "y").reshape(400, 50)
    assert set(gone.sum(axis=1).tolist()) == {0, 50}
    assert abs(gone[:, 0].mean() - 0.2) < 5 * np.sqrt(0.16 / 400)


def test_fits_leave_the_rows_out_and_say_so():
    truth = BASE.replace(departures=[nl.missing("y", 0.2), nl.missing("X", 0.1)])
    data = truth.simulate(nl.nested(g=20, i=20), seed=1)
    fit = nl.lmer("y ~ X + f + (1 | g)", data)
    assert fit.nobs == int(data.notna().all(axis=1).sum())


def test_counts_and_numbers_of_truth():
    truth = nl.Population(
        "y ~ 1 + (1 | g)",
        {"(Intercept)": 1},
        {"g": 0.2},
        family="poisson",
        departures=nl.missing("y", 0.5),
    )
    data = truth.simulate(nl.nested(g=10, i=10), seed=1)
    assert 20 < data["y"].isna().sum() < 80


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nl.missing("y", 0), PopulationError, "share is 0"),
        (lambda: nl.missing("y", 1.2), PopulationError, "share is 1.2"),
        (lambda: nl.missing(3, 0.1), ArgumentTypeError, "column is 3"),
        (lambda: nl.missing("y", 0.1, depends_on=3), ArgumentTypeError, "depends_on=3"),
        (lambda: nl.missing("y", 0.1, depends_on={}), ArgumentTypeError, "depends_on"),
        (
            lambda: BASE.replace(departures=nl.missing("Z", 0.1)),
            PopulationError,
            "names 'Z', which is not described",
        ),
        (
            lambda: BASE.replace(departures=[nl.missing("y", 0.1), nl.missing("y", 0.2)]),
            PopulationError,
            "twice",
        ),
        (lambda: lost(nl.missing("y", 0.1, level="h"), "y"), DesignError, "does not have"),
        (lambda: lost(nl.missing("y", 0.1, depends_on="f"), "y"), PopulationError, "categories"),
    ],
)
def test_impossible_ones_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("X", 1.5), PopulationError),
        (("", 0.5), ArgumentTypeError),
        (("X", 0.5, (("X",),)), ArgumentTypeError),
        (("X", 0.5, (), 3), ArgumentTypeError),
        (("X", 0.5, (("y", 1.0), ("y", 2.0))), PopulationError),
    ],
    ids=["share", "column", "weights", "level", "twice"],
)
def test_a_record_checks_itself(arguments, error):
    with pytest.raises(error, match=r"nl\.missing"):
        Missing(*arguments)


def test_a_record_is_what_its_call_makes():
    assert Missing("y", 0.2, (("X", 1.0),), "g") == nl.missing("y", 0.2, depends_on="X", level="g")
