"""Serial correlation: exactly the correlations stated, for any order of rows and any times."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, DesignError, PopulationError
from study_rows import study_rows

# two people, three and four rows
DESIGN = nl.nested(id=2, row=[3, 4])
HOURS = np.array([0.3, 1.1, 4, 2, 0.5, 0.9, 7])
STEPS = np.array([1, 2, 5, 4, 2, 1, 9])


def correlations(departure, rows):
    """Return L L' of residuals L z: their exact correlation matrix."""
    n = len(rows.data)
    L = np.array([departure.reshape(None, unit, rows) for unit in np.eye(n)]).T
    return L @ L.T


def block(matrix, first):
    return matrix[:3, :3] if first else matrix[3:, 3:]


# corMatrix(Initialize(corCAR1(0.6, form = ~ hours | id), d)) of nlme 3.1, and so on
CAR1 = [
    [1.0, 0.4647580015449, 0.5701201299034, 0.07776],
    [0.464758001545, 1.0, 0.8151931096059, 0.0361395822001],
    [0.570120129903, 0.8151931096059, 1.0, 0.0443325413013],
    [0.07776, 0.0361395822001, 0.0443325413013, 1.0],
]
AR1_STEPS = [  # corAR1(-0.6, form = ~ step | id)
    [1.0, 0.36, -0.216, -0.07776],
    [0.36, 1.0, -0.6, -0.0279936],
    [-0.216, -0.6, 1.0, 0.01679616],
    [-0.07776, -0.0279936, 0.01679616, 1.0],
]
AR1 = [  # corAR1(0.6, form = ~ 1 | id)
    [1.0, 0.6, 0.36, 0.216],
    [0.6, 1.0, 0.6, 0.36],
    [0.36, 0.6, 1.0, 0.6],
    [0.216, 0.36, 0.6, 1.0],
]


@pytest.mark.parametrize(
    ("departure", "expected"),
    [
        (nl.car1(0.6, time="hours", by="id"), CAR1),
        (nl.ar1(-0.6, by="id", time="step"), AR1_STEPS),
        (nl.ar1(0.6, by="id"), AR1),
        (nl.ar1(0.6), AR1),
    ],
    ids=str,
)
def test_correlations_are_those_of_nlme(departure, expected):
    found = correlations(departure, study_rows(DESIGN, hours=HOURS, step=STEPS))
    # nlme's are printed to 12 digits
    assert np.allclose(block(found, first=False), expected, rtol=0, atol=2e-12)
    assert np.allclose(found[:3, 3:], 0)


@pytest.mark.parametrize("rho", [-0.95, 0.0, 0.3, 0.999])
def test_long_series_keep_variance_and_correlation(rho):
    rows = study_rows(nl.nested(id=2, row=[1, 70]))
    lags = np.abs(np.subtract.outer(np.arange(70), np.arange(70)))
    found = correlations(nl.ar1(rho), rows)[1:, 1:]
    assert np.allclose(found, rho**lags, rtol=0, atol=1e-12)


def test_rows_of_crossed_units():
    rows = study_rows(nl.crossed(person=3, day=4))
    found = correlations(nl.ar1(0.5, by="person", time="day"), rows)
    person, day = rows.codes["person"], rows.codes["day"]
    expected = np.where(
        np.equal.outer(person, person), 0.5 ** np.abs(np.subtract.outer(day, day)), 0
    )
    assert np.allclose(found, expected)


def test_a_unit_may_be_named_as_lme4_names_it():
    rows = study_rows(nl.nested(school=2, pupil=2, test=3))
    short, long = nl.ar1(0.5, by="pupil"), nl.ar1(0.5, by="pupil:school")
    assert np.array_equal(correlations(short, rows), correlations(long, rows))


def test_autocorrelation_of_simulated_studies():
    truth = nl.Population(
        "y ~ 1 + (1 | person)",
        {"(Intercept)": 2},
        {"person": 1},
        4,
        predictors={"hours": nl.time(jitter=0.4)},
        departures=nl.ar1(0.6),
    )
    design = nl.nested(person=2000, day=12)
    e = truth.simulate(design, seed=4, components=True)["e"].to_numpy().reshape(2000, 12) / 2
    for lag in range(4):
        within = (e[:, lag:] * e[:, : 12 - lag]).mean(axis=1)
        # people are independent: the standard error of their mean, from their spread
        assert abs(within.mean() - 0.6**lag) < 4.5 * within.std() / np.sqrt(2000)
    for day in (0, 11):  # stationary; normal, so that the variance has variance 2 / n
        assert abs(np.mean(e[:, day] ** 2) - 1) < 4.5 * np.sqrt(2 / 2000)
    other = truth.replace(departures=nl.car1(0.6, time="hours"))
    data = other.simulate(design, seed=4, components=True)
    e, hours = (data[name].to_numpy().reshape(2000, 12) for name in ("e", "hours"))
    ratio = e[:, 1:] * e[:, :-1] / 4 - 0.6 ** np.diff(hours)
    assert abs(ratio.mean()) < 4.5 * ratio.mean(axis=1).std() / np.sqrt(2000)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nl.ar1(1), "rho is 1; a correlation of neighbours is above -1 and below 1"),
        (lambda: nl.ar1(-1.2), "rho is -1.2"),
        (lambda: nl.car1(-0.2, time="t"), "phi is -0.2; .*at least 0 and below 1"),
        (lambda: nl.car1(1, time="t"), "phi is 1"),
    ],
)
def test_impossible_correlations_are_refused(make, message):
    with pytest.raises(PopulationError, match=message):
        make()


def test_names_must_be_names():
    with pytest.raises(ArgumentTypeError, match=r"nl.ar1\(\): by is 3; expected a name"):
        nl.ar1(0.4, by=3)
    with pytest.raises(ArgumentTypeError, match=r"nl.car1\(\): time is None"):
        nl.car1(0.4, time=None)


@pytest.mark.parametrize(
    ("departure", "error", "message"),
    [
        (nl.ar1(0.4, by="rows"), DesignError, r"names the unit 'rows'.*Did you mean 'row'"),
        (nl.ar1(0.4, time="hour"), PopulationError, "from 'hour'.*Did you mean 'hours'"),
        (nl.ar1(0.4, time="hours"), PopulationError, r"whole steps, a gap is 0.8. Use nl.car1\(\)"),
        (nl.car1(0.4, time="same"), PopulationError, "of 'id' has two rows at one 'same'"),
        (nl.car1(0.4, time="word"), PopulationError, "needs numbers, but 'word' holds categories"),
    ],
    ids=str,
)
def test_names_and_times_that_do_not_fit_are_refused(departure, error, message):
    rows = study_rows(DESIGN, hours=HOURS, same=1.0, word="a")
    with pytest.raises(error, match=message):
        departure.reshape(None, np.zeros(7), rows)


def test_units_just_outside_must_be_one_kind():
    with pytest.raises(DesignError, match=r"names no clusters.*name one of 'person', 'day'"):
        nl.ar1(0.4).reshape(None, np.zeros(12), study_rows(nl.crossed(person=3, day=4)))
