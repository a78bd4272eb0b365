"""A variance that the fixed effects leave no data for is said to be so."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ConvergenceWarning
from nestling.results.confounded import confounded


def _data(n_groups):
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(n_groups), 6)
    x = rng.normal(size=len(g))
    y = x + 3.0 * rng.normal(size=n_groups)[g] + rng.normal(size=len(g))
    return {"g": g, "x": x, "c": (g == 0) * 1.0, "y": y}


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_one_fixed_effect_per_cluster_is_warned_of(ddf):
    # lmerTest: "Model may not have converged with 1 eigenvalue close to zero"
    fit = nl.lmer("y ~ x + c + (1 | g)", _data(2))
    with pytest.warns(ConvergenceWarning, match="leave nothing of a random effect of g"):
        fit.summary(ddf=ddf)


@pytest.mark.filterwarnings("ignore:The search stopped:nestling.errors.ConvergenceWarning")
def test_a_slope_that_fixed_slopes_take_up_is_found():
    fit = nl.lmer("y ~ x * c + (1 | g) + (0 + x | g)", _data(2))
    assert confounded(fit) == ("g",)


def test_factors_are_named_where_terms_share_one():
    data = _data(6)
    data["h"] = np.arange(36) % 2
    fit = nl.lmer("y ~ x + factor(h) + (x || g) + (1 | h)", data)
    assert confounded(fit) == ("h",)


@pytest.mark.parametrize("formula", ["y ~ x + c + (1 | g)", "y ~ x + (x | g)", "y ~ 0 + (1 | g)"])
def test_what_can_be_told_is_not_warned_of(formula):
    fit = nl.lmer(formula, _data(5))
    assert confounded(fit) == ()
