"""Dropout: monotone, by a Weibull law, and by responses where these count."""

import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.errors import DesignError, PopulationError
from nestling.simulate.dropout import _rate

PEOPLE = 8_000
DESIGN = nl.nested(person=PEOPLE, day=5)
BASE = nl.Population(
    "y ~ time + (1 | person)",
    {"(Intercept)": 0, "time": 0.1},
    {"person": 1},
    1,
    {"time": nl.time(0, 2)},
)
FULL = BASE.simulate(DESIGN, seed=1)


def table(departure):
    """Return who is there, people by occasions; rows that stay are unchanged."""
    data = BASE.replace(departures=departure).simulate(DESIGN, seed=1)
    assert data.index.equals(pd.RangeIndex(len(data)))
    kept = data.merge(FULL, on=["person", "day"], suffixes=("", "_full"))
    assert np.array_equal(kept["y"], kept["y_full"])
    there = np.zeros((PEOPLE, 5), dtype=bool)
    there[data["person"] - 1, ((data["day"] - 1) % 5)] = True
    assert there[:, 0].all()
    assert (np.diff(there.astype(int), axis=1) <= 0).all()
    return there


@pytest.mark.parametrize("shape", [0.5, 1, 3])
@pytest.mark.parametrize("time", [None, "time"])
def test_survival_is_weibull(shape, time):
    there = table(nl.dropout("person", 0.4, shape=shape, time=time))
    u = np.arange(5) / 4
    want = 0.6 ** (u**shape)
    error = np.sqrt(want * (1 - want) / PEOPLE) + 1e-12
    assert (np.abs(there.mean(axis=0) - want) < 5 * error).all()


@pytest.mark.parametrize("which", ["previous", "current"])
def test_dropout_by_responses(which):
    there = table(nl.dropout("person", 0.3, **{which: 1.0}))
    assert abs(there[:, -1].mean() - 0.7) < 5 * np.sqrt(0.21 / PEOPLE)
    y = FULL["y"].to_numpy().reshape(PEOPLE, 5)
    y = (y - y.mean()) / y.std()
    leaves = there[:, :-1] & ~there[:, 1:]
    at_risk = there[:, :-1]
    occasion = np.broadcast_to(np.arange(4), (PEOPLE, 4))[at_risk]
    scores = (y[:, :-1] if which == "previous" else y[:, 1:])[at_risk]
    gone = leaves[at_risk].astype(float)
    # each occasion has a baseline of its own
    X = np.column_stack([np.eye(4)[occasion], scores])
    b = np.zeros(5)
    for _ in range(15):
        p = 1 / (1 + np.exp(-X @ b))
        H = (X * (p * (1 - p))[:, None]).T @ X
        b += np.linalg.solve(H, X.T @ (gone - p))
    assert abs(b[4] - 1.0) < 5 * np.sqrt(np.linalg.inv(H)[4, 4])


UNEVEN = nl.nested(person=PEOPLE, day=[2, 3, 6, 1] * (PEOPLE // 4))


@pytest.mark.parametrize("how", [{}, {"shape": 2}, {"previous": 1}, {"current": -0.5}], ids=str)
def test_the_share_is_of_all_units_whenever_they_end(how):
    truth = BASE.replace(departures=nl.dropout("person", 0.4, **how))
    sizes = truth.simulate(UNEVEN, seed=3).groupby("person").size().to_numpy()
    planned = np.tile([2, 3, 6, 1], PEOPLE // 4)
    assert abs((sizes < planned).mean() - 0.4) < 5 * np.sqrt(0.24 / PEOPLE)


@pytest.mark.parametrize("how", [{}, {"previous": 1}], ids=str)
def test_a_share_that_is_out_of_reach_says_the_largest(how):
    # a quarter of the units has one occasion only
    truth = BASE.replace(departures=nl.dropout("person", 0.8, **how))
    with pytest.raises(PopulationError, match=r"0\.8 cannot be reached: no more than 0\.75 of"):
        truth.simulate(UNEVEN, seed=3)


def test_times_that_are_missing_are_refused():
    lost = [nl.missing("time", 0.2), nl.dropout("person", 0.4, time="time")]
    with pytest.raises(PopulationError, match="time='time' is missing in row"):
        BASE.replace(departures=lost).simulate(nl.nested(person=50, day=4), seed=1)


def test_rows_may_stay_without_response():
    truth = BASE.replace(departures=nl.dropout("person", 0.4, drop=False))
    data = truth.simulate(nl.nested(person=50, day=5), seed=1)
    assert len(data) == 250
    assert 0 < data["y"].isna().sum() < 150


def test_components_stay_beside_their_rows():
    truth = BASE.replace(departures=nl.dropout("person", 0.4))
    data = truth.simulate(nl.nested(person=50, day=5), seed=1, components=True)
    assert np.allclose(data["y"], 0.1 * data["time"] + data["u0"] + data["e"])


def test_dropouts_of_two_units_and_missing_values_go_together():
    design = nl.nested(school=40, person=6, day=4)
    truth = nl.Population(
        "y ~ 1 + (1 | school) + (1 | person)",
        {"(Intercept)": 0},
        {"school": 1, "person": 1},
        1,
        departures=[
            nl.dropout("school", 0.3),
            nl.dropout("person", 0.3),
            nl.missing("y", 0.1),
        ],
    )
    data = truth.simulate(design, seed=1)
    assert 0.4 < len(data) / design.n < 0.95
    days = data.groupby("person")["day"].agg(lambda d: ((d - 1) % 4).tolist())
    assert all(each == list(range(len(each))) for each in days)
    assert data["y"].isna().any()


def test_an_event_time_and_a_unit_tell_time():
    events = BASE.replace(
        predictors={"time": nl.time(0, 1, events=True)},
        departures=nl.dropout("person", 0.5, time="time"),
    )
    data = events.simulate(nl.nested(person=400, day=5), seed=1)
    assert len(data) < 2000
    crossed = nl.Population(
        "y ~ 1 + (1 | person)",
        {"(Intercept)": 0},
        {"person": 1},
        1,
        departures=nl.dropout("person", 0.5, time="wave"),
    )
    data = crossed.simulate(nl.crossed(wave=4, person=300), seed=1)
    assert (data.groupby("person")["wave"].max() == data.groupby("person").size()).all()


@pytest.mark.parametrize(
    ("departure", "error", "message"),
    [
        (lambda: nl.dropout("person", 1.0), PopulationError, "share is 1"),
        (lambda: nl.dropout("person", 0.3, shape=0), PopulationError, "shape is 0"),
        (lambda: nl.dropout("person", 0.3, drop="no"), nl.errors.ArgumentTypeError, "drop is"),
        (lambda: nl.dropout(3, 0.3), nl.errors.ArgumentTypeError, "by is 3"),
        (lambda: nl.dropout("persn", 0.3), DesignError, "Did you mean 'person'"),
        (lambda: nl.dropout("day", 0.3), PopulationError, "one occasion"),
        (lambda: nl.dropout("person", 0.3, time="tme"), DesignError, "does not have"),
    ],
)
def test_impossible_ones_are_refused(departure, error, message):
    with pytest.raises(error, match=message):
        BASE.replace(departures=departure()).simulate(nl.nested(person=5, day=4), seed=1)


@pytest.mark.parametrize("share", [0.05, 0.21, 0.5, 0.77, 0.99])
def test_ends_that_differ_by_rounding_are_equal(share):
    ends = np.nextafter(np.ones(4), [1.0, 0.0, 0.0, 1.0])
    assert _rate(ends, share) == pytest.approx(-np.log1p(-share), rel=1e-12)
