"""Departures within a population: alone, together, apart from everything else."""

import pickle

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError, PopulationError

EVERY = [
    nl.t_effects("person", df=4.5),
    nl.skewed_effects("person", skewness=-1.5),
    nl.mixture_effects("person", shares=[1 / 3, 2 / 3], means=[0, 4]),
    nl.mixture_effects("person", shares=(0.25, 0.75), means=np.array([0, 4]), sds=[1, 1e-7]),
    nl.lognormal_effects("person", sigma=0.5),
    nl.contaminated_effects("person", share=0.1, times=4),
    nl.t_residuals(df=1e6 + 0.5),
    nl.skewed_residuals(skewness=1),
    nl.mixture_residuals(shares=[0.5, 0.5], means=[-2, 2]),
    nl.lognormal_residuals(sigma=1),
    nl.ar1(0.4),
    nl.ar1(-0.123456789, by="person", time="day"),
    nl.car1(0.7, by="person", time="when"),
    nl.heteroscedastic("sex", ratios={"m": 2, "f": 1}),
    nl.heteroscedastic("when", power=0.5, keep="mean"),
    nl.heteroscedastic("when", exponential=-0.1),
    nl.random_variance("person", cv=0.5),
    nl.outliers(share=0.01, sd_times=5, keep="total"),
    nl.outliers(),
]
TOGETHER = [
    nl.outliers(keep="total"),
    nl.random_variance("person", cv=0.5),
    nl.ar1(0.6, by="person"),
    nl.t_residuals(df=20),
    nl.t_effects("person", df=20),
]
DESIGN = nl.nested(person=40, day=6)
PLAIN = nl.Population(
    "y ~ 1 + x + sex + (1 + x | person)",
    {"(Intercept)": 2, "x": 1, "sexm": 0.5},
    {"person": nl.cov([[2, 0.5], [0.5, 1]])},
    4,
    predictors={
        "x": nl.normal(0, 1),
        "sex": nl.categorical({"f": 0.5, "m": 0.5}, level="person"),
        "when": nl.time(1, jitter=0.4),
    },
)


@pytest.mark.parametrize("departure", EVERY, ids=str)
def test_a_departure_is_its_call(departure):
    again = eval(str(departure), {"nl": nl})
    assert again == departure
    assert hash(again) == hash(departure)
    assert repr(again) == str(departure)
    assert pickle.loads(pickle.dumps(departure)) == departure


@pytest.mark.parametrize("departure", EVERY, ids=str)
def test_what_it_does_not_touch_stays_to_the_bit(departure):
    truth = PLAIN.replace(departures=departure)
    made = truth.simulate(DESIGN, seed=5, components=True)
    plain = PLAIN.simulate(DESIGN, seed=5, components=True)
    touched = {"u0", "u1", "b0", "b1"} if hasattr(departure, "group") else {"e"}
    for name in made:
        assert np.array_equal(made[name], plain[name]) == (name not in {*touched, "y"})
    assert made.equals(truth.simulate(DESIGN, seed=5, components=True))
    assert not made.equals(truth.simulate(DESIGN, seed=6, components=True))


def test_departures_do_not_disturb_one_another():
    alone = PLAIN.replace(departures=nl.t_effects("person", df=20))
    together = PLAIN.replace(departures=TOGETHER)
    u0, others = (
        truth.simulate(DESIGN, seed=5, components=True)["u0"] for truth in (alone, together)
    )
    assert np.array_equal(u0, others)
    without = PLAIN.replace(departures=TOGETHER[1:])
    e, outlying = (
        truth.simulate(DESIGN, seed=5, components=True)["e"] for truth in (without, together)
    )
    # but for the scale that keeps the total variance, and the outliers five times as large
    times = set((outlying / e * np.sqrt(1.24)).round(9))
    assert times <= {1.0, 5.0}
    assert 1.0 in times


def test_together_the_variances_are_kept():
    truth = PLAIN.replace(departures=TOGETHER)
    design = nl.nested(person=8000, day=6)
    data = truth.simulate(design, seed=9, components=True)
    each = data.groupby("person")[["u0", "u1"]].first().to_numpy()
    for product, expected in (
        (each[:, 0] ** 2, 2),
        (each[:, 1] ** 2, 1),
        (each[:, 0] * each[:, 1], 0.5),
        ((data["e"].to_numpy() ** 2).reshape(-1, 6).mean(axis=1), 4),
    ):
        # people are independent: the standard error of their mean, from their spread
        assert abs(product.mean() - expected) < 4.5 * product.std() / np.sqrt(8000)
    e = data["e"].to_numpy().reshape(-1, 6)
    ratio = (e[:, 1:] * e[:, :-1]).mean(axis=1)
    # outliers are made last: they leave 0.6 of the uncontaminated variance 4 / 1.24, but for
    # those that are outlying: E[s]² of the scales s, (1 + 0.01 * 4)² / 1.24
    expected = 4 * 0.6 * 1.04**2 / 1.24
    assert abs(ratio.mean() - expected) < 4.5 * ratio.std() / np.sqrt(8000)


def test_departures_are_part_of_a_population():
    truth = PLAIN.replace(departures=TOGETHER)
    assert truth.departures[0] == nl.t_effects("person", df=20)
    assert truth == PLAIN.replace(departures=TOGETHER[::-1])
    assert truth != PLAIN
    assert pickle.loads(pickle.dumps(truth)) == truth
    assert truth.replace(departures=None) == PLAIN
    assert "nl.ar1(0.6, by='person')" in str(truth)
    seeds = dict.fromkeys(["x", "sex", "when", "person", "residual"], 1)
    seeds |= {each.label: 2 for each in truth.departures}
    assert truth.simulate(DESIGN, seed=seeds).equals(truth.simulate(DESIGN, seed=seeds))
    with pytest.raises(ArgumentError, match="rng='R' cannot draw"):
        truth.simulate(DESIGN, seed=1, rng="R")


@pytest.mark.parametrize(
    ("departures", "message"),
    [
        (nl.t_effects("persn"), r"nl.t_effects\(\) names .*'persn'.*Did you mean 'person'"),
        (nl.heteroscedastic("sx", power=1), r"nl.heteroscedastic\(\) names 'sx'.*mean 'sex'"),
        ([nl.t_effects("person"), nl.skewed_effects("person")], "'effects of person' twice"),
        ([nl.t_residuals(), nl.skewed_residuals()], "'shape of residuals' twice"),
        ([nl.ar1(0.4), nl.car1(0.4, time="when")], "'correlation of residuals' twice"),
    ],
    ids=str,
)
def test_departures_that_do_not_fit_are_refused(departures, message):
    with pytest.raises(PopulationError, match=message):
        PLAIN.replace(departures=departures)


def test_what_is_ignored_shows_in_standard_errors():
    """A slope of time, fitted as if residuals were independent, when they are AR(1)."""
    truth = nl.Population(
        "y ~ 1 + day + (1 | person)",
        {"(Intercept)": 1, "day": 0.2},
        {"person": 1},
        2,
        predictors={"day": nl.time()},
        departures=nl.ar1(0.7),
    )
    study = nl.recovery(truth, nl.nested(person=20, occasion=10), n_sims=100, seed=1)
    row = study.table.loc["day"]
    # in balanced data the estimate is the mean of 20 slopes c'y, of variance 2 c'Rc
    days = np.arange(10) - 4.5
    c = days / (days @ days)
    R = 0.7 ** np.abs(np.subtract.outer(days, days))
    assert abs(row["emp_se"] - np.sqrt(2 * (c @ R @ c) / 20)) < 4.5 * row["mcse_emp_se"]
    assert row["model_se"] < 0.7 * row["emp_se"]
