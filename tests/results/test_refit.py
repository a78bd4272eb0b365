"""Refitting to another response against lme4's tight refit."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, names

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, ModelError


@pytest.mark.parametrize("name", names("lmer", "refit"))
def test_refit(name):
    expected = case(name)["refit"]
    if not isinstance(expected.get("new_response"), list):
        pytest.fail("the case has no response to refit to")
    fit = fitted(name).refit(expected["new_response"])
    assert fit.criterion == pytest.approx(expected["criterion"], rel=1e-9, abs=1e-7)
    theirs = np.array(list(expected["fixef"].values()))
    se = np.array(list(expected["se"].values()))
    assert np.abs((fit.fixef.to_numpy() - theirs) / se).max() < 1e-7
    assert fit.sigma == pytest.approx(expected["sigma"], rel=1e-6)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([1.0, 2.0], ArgumentError, "1000 rows"),
        ([np.nan] * 1000, ArgumentError, "not finite in row 0"),
        (["a"] * 1000, ArgumentTypeError, "does not read as numbers"),
    ],
)
def test_bad_responses(y, error, message):
    with pytest.raises(error, match=message):
        fitted("seed_m2").refit(y)


@pytest.mark.parametrize(
    "name",
    ["seed_m2", "sleepstudy_uncorr", "Dyestuff2_reml", "unbal_weights_offset", "Pastes_nested",
     "Penicillin", "manylevels_slope", "rankdef_x", "seed_m2_ml"],
)  # fmt: skip
def test_many_responses_give_what_each_gives_alone(name):
    fit = fitted(name)
    Y = fit.simulate(6, seed=3)
    together = fit.refit(Y)
    for column in range(6):
        alone = fit.refit(Y[:, column])
        # both stop within 1e-9 of the optimum; estimates are the square root of that away at most
        assert together.criterion[column] == pytest.approx(alone.criterion, abs=1e-7)
        difference = together.beta[column] - alone.fixef.to_numpy()
        assert np.abs(difference / alone.se.to_numpy()).max() < 1e-5
        assert together.standard_errors[column] == pytest.approx(alone.se.to_numpy(), rel=1e-4)
        assert together.sigma[column] == pytest.approx(alone.sigma, rel=1e-5)
        assert (together.status[column] == "optimum") == (alone.convergence.status == "optimum")


def test_refits_do_not_depend_on_their_neighbours():
    fit = fitted("seed_m2")
    Y = fit.simulate(40, seed=5)
    whole, part = fit.refit(Y), fit.refit(Y[:, 17:18])
    assert whole.criterion[17] == pytest.approx(part.criterion[0], abs=1e-9)
    assert whole.fixef.iloc[17].to_numpy() == pytest.approx(part.fixef.iloc[0].to_numpy(), rel=1e-9)


def test_a_response_that_the_model_explains_exactly_is_refused():
    fit = fitted("seed_m2")
    Y = fit.simulate(3, seed=5)
    x = np.asarray(fit.matrices.columns[1])
    codes = fit.matrices.random[0].codes
    Y[:, 1] = 2.0 + 0.3 * x
    with pytest.raises(ModelError, match="column 1, counting from 0, exactly"):
        fit.refit(Y)
    Y[:, 1] = 2.0 + np.sin(np.arange(20.0))[codes] * x
    with pytest.raises(ModelError, match="column 1, counting from 0, exactly"):
        fit.refit(Y)


@pytest.mark.parametrize(
    "formula", ["y ~ 0 + (1 | g)", "y ~ 0 + (0 + x | g)", "y ~ 0 + (1 | h) + (1 | g)"]
)
def test_many_responses_without_fixed_effects(formula):
    rng = np.random.default_rng(6)
    g, x = np.repeat(np.arange(30), 4), rng.normal(size=120)
    y = rng.normal(size=30)[g] * (1.0 + x) + rng.normal(size=10)[g // 3] + rng.normal(size=120)
    fit = nl.lmer(formula, {"y": y, "x": x, "g": g, "h": g // 3})
    Y = fit.simulate(3, seed=1)
    many = fit.refit(Y)
    for column in range(3):
        # the search stops within 1e-9 of the optimum
        alone = fit.refit(Y[:, column])
        assert many.criterion[column] == pytest.approx(alone.criterion, abs=1e-8)
    assert many.beta.shape == (3, 0)
