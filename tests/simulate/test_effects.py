import numpy as np
import pytest

from nestling.errors import ArgumentError
from nestling.model.parameters import TermParameters
from nestling.random.rrandom import RRandom
from nestling.simulate.effects import draw_terms

SIGMA = np.array([[5.0, 1.0], [1.0, 3.0]])
both = TermParameters("g", ("(Intercept)", "X"), SIGMA)
diagonal = TermParameters("g", ("(Intercept)", "X"), np.diag([5.0, 3.0]))
intercept = TermParameters("g", ("(Intercept)",), np.array([[5.0]]))
slope = TermParameters("g", ("X",), np.array([[3.0]]))


def test_r_draws_one_effect_by_rnorm():
    (u,) = draw_terms([intercept], [20], {"g": RRandom(707)})
    assert np.array_equal(u[0], RRandom(707).rnorm(20, 0, np.sqrt(5)))


def test_r_draws_several_effects_by_mvrnorm():
    (u,) = draw_terms([both], [20], {"g": RRandom(609)})
    # the matrix product of mvrnorm() may add in another order
    assert np.allclose(u, RRandom(609).mvrnorm(20, [0, 0], SIGMA).T, rtol=0, atol=1e-14)


def test_effects_one_by_one():
    streams = {"g": {"(Intercept)": RRandom(707), "X": RRandom(5707)}}
    (u,) = draw_terms([diagonal], [20], streams)
    assert np.array_equal(u[1], RRandom(5707).rnorm(20, 0, np.sqrt(3)))
    streams = {"g": {"(Intercept)": np.random.default_rng(1), "X": np.random.default_rng(2)}}
    (u,) = draw_terms([diagonal], [20], streams)
    assert np.array_equal(u[1], np.sqrt(3) * np.random.default_rng(2).standard_normal(20))


def test_terms_of_one_group_share_its_stream():
    first, second = draw_terms([intercept, slope], [4, 4], {"g": RRandom(1)})
    whole = RRandom(1)
    assert np.array_equal(first[0], whole.rnorm(4, 0, np.sqrt(5)))
    assert np.array_equal(second[0], whole.rnorm(4, 0, np.sqrt(3)))


def test_correlated_effects_are_not_drawn_one_by_one():
    with pytest.raises(ArgumentError, match=r"draws the effects one by one.*are correlated"):
        draw_terms([both], [4], {"g": {"(Intercept)": RRandom(1), "X": RRandom(2)}})
