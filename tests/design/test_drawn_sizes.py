"""Sizes by chance: the distribution stated, one seed one result, drawn anew without one."""

import pickle

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.errors import ArgumentTypeError, DesignError

MANY = 20_000


def sizes_of(design, unit="pupil", within="school"):
    codes = design.codes()
    return np.bincount(codes[within][np.unique(codes[unit], return_index=True)[1]])


@pytest.mark.parametrize("distribution", ["gamma", "lognormal", "normal"])
def test_mean_and_cv_are_those_stated(distribution):
    drawn = nl.sizes(40, cv=0.25, distribution=distribution, seed=1)
    found = sizes_of(nl.nested(school=MANY, pupil=drawn))
    # rounding adds 1/12 to the variance; kurtosis of these shapes is below 4
    sd = np.sqrt(10**2 + 1 / 12)
    assert abs(found.mean() - 40) < 5 * sd / np.sqrt(MANY)
    assert abs(found.std() / sd - 1) < 5 * np.sqrt(3 / (4 * MANY))


def test_truncated_sizes_have_the_truncated_distribution():
    drawn = nl.sizes(20, minimum=15, maximum=22, distribution="poisson", seed=3)
    found = sizes_of(nl.nested(school=MANY, pupil=drawn))
    p = stats.poisson.pmf(np.arange(15, 23), 20)
    counts = np.bincount(found, minlength=23)[15:]
    assert counts.sum() == MANY
    # chance of one in 1e5
    assert stats.chisquare(counts, MANY * p / p.sum()).pvalue > 1e-5


def test_uniform_and_given_sizes_are_equally_likely():
    uniform = nl.sizes(minimum=3, maximum=7, distribution="uniform", seed=1)
    found = sizes_of(nl.nested(school=MANY, pupil=uniform))
    assert stats.chisquare(np.bincount(found)[3:]).pvalue > 1e-5
    given = sizes_of(nl.nested(school=MANY, pupil=nl.sizes([5, 9, 30], seed=1)))
    assert set(given.tolist()) == {5, 9, 30}
    assert stats.chisquare(np.bincount(given)[[5, 9, 30]]).pvalue > 1e-5


def test_more_parents_keep_the_sizes_of_the_first():
    design = nl.nested(school=5, pupil=nl.sizes(25, cv=0.4, seed=1))
    more = sizes_of(design.replace(school=9))
    assert more[:5].tolist() == sizes_of(design).tolist()
    assert pickle.loads(pickle.dumps(design)) == design


OPEN = [nl.sizes(10, cv=0.5), nl.poisson(8), nl.uniform(3, 9), nl.empirical([4, 5, 12])]


@pytest.mark.parametrize("size", OPEN, ids=str)
def test_open_sizes_are_drawn_for_every_study(size):
    design = nl.nested(school=6, pupil=size)
    assert design.is_open
    one, same, other = design.draw(1), design.draw(1), design.draw(2)
    assert one == same
    assert one != other
    assert not one.is_open
    truth = nl.Population("y ~ 1 + (1 | school)", {"(Intercept)": 0}, {"school": 1}, 1)
    data = truth.simulate(design, seed=4)
    again = truth.simulate(design, seed=4)
    assert data.equals(again)
    assert len({len(truth.simulate(design, seed=s)) for s in range(6)}) > 1


def test_open_sizes_follow_the_distribution():
    found = sizes_of(nl.nested(school=MANY, pupil=nl.poisson(8)).draw(5))
    # nothing below 1: a Poisson variable with mean 8 is 0 once in 3,000
    assert found.min() >= 1
    assert abs(found.mean() - 8) < 5 * np.sqrt(8 / MANY) + 1e-3


def test_open_sizes_inside_open_sizes():
    design = nl.nested(school=5, room=nl.poisson(3), pupil=nl.sizes(10, cv=0.3)).draw(7)
    codes = design.codes()
    assert design.sizes["room"] == codes["room"].max() + 1
    assert design.n == codes["pupil"].size


def test_a_mapping_of_seeds_names_the_sizes():
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 0}, {"g": 1}, 1)
    design = nl.nested(g=4, i=nl.poisson(8))
    seeds = {"g": 1, "residual": 2}
    with pytest.raises(nl.errors.ArgumentError, match="no seed for 'sizes'"):
        truth.simulate(design, seeds)
    data = truth.simulate(design, seeds | {"sizes": 3})
    assert len(data) == design.draw(3).n
    with pytest.raises(nl.errors.ArgumentError, match="rng='R'"):
        truth.simulate(design, 1, rng="R")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nl.nested(g=3, i=nl.poisson(8)).n, "its number of rows"),
        (lambda: nl.nested(g=3, i=nl.poisson(8)).codes(), "its rows"),
        (lambda: nl.nested(g=nl.poisson(8), i=3), "outermost"),
        (lambda: nl.nested(g=3, i=nl.poisson(8, level="g")), "level="),
        (lambda: nl.nested(g=3, i=nl.categorical({"a": 0.5, "b": 0.5})), "categories"),
        (lambda: nl.sizes(25, cv=-1), "cv is -1"),
        (lambda: nl.sizes(25), "'gamma' sizes need cv="),
        (lambda: nl.sizes(25, cv=0.3, distribution="poisson"), "take no cv="),
        (lambda: nl.sizes(25, cv=0.3, distribution="gama"), "Did you mean 'gamma'"),
        (lambda: nl.sizes(25, cv=0.1, minimum=900), "hardly ever occur"),
        (lambda: nl.sizes(25, cv=0.3, minimum=9, maximum=8), "below the minimum"),
        (lambda: nl.sizes([], seed=1), "empty"),
        (lambda: nl.sizes([3, 0], seed=1), "at least 1"),
        (lambda: nl.sizes(maximum=None, distribution="uniform"), "need maximum="),
    ],
)
def test_impossible_sizes_are_refused(make, message):
    with pytest.raises(DesignError, match=message):
        make()


@pytest.mark.parametrize("bad", ["25", True])
def test_a_mean_that_is_no_number(bad):
    with pytest.raises((ArgumentTypeError, DesignError)):
        nl.sizes(bad, cv=0.3)


def test_a_study_draws_sizes_in_every_replicate_or_once():
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 0}, {"g": 1}, 1)
    design = nl.nested(g=8, i=nl.poisson(6))
    redrawn = nl.power(truth, design, 20, seed=1)
    assert "sizes drawn anew for every study" in str(redrawn)
    lengths = {len(redrawn.replay(i)[0]) for i in range(8)}
    assert len(lengths) > 1
    fixed = nl.power(truth, design, 20, seed=1, predictors="fixed")
    assert not fixed.plan.design.is_open
