from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import binomtest, kstest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.simulated_refits import standardised_by_own_fit
from reference_cases import fitted

TESTS = ["uniformity", "dispersion", "outliers", "outliers, rows apart"]


def _frame(seed, noise=None, tau=1.0):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(20), 10)
    x = rng.normal(size=200)
    e = rng.normal(size=200) if noise is None else noise(rng)
    return {"y": 1 + x + tau * rng.normal(size=20)[g] + e, "x": x, "g": g}


@pytest.mark.parametrize("conditional", [False, True])
def test_values_are_ranks_among_simulations(conditional):
    fit = fitted("sleepstudy_slope")
    found = fit.simulated_residuals(n_sims=99, seed=3, conditional=conditional)
    assert ((found.values > 0) & (found.values < 1)).all()
    again = fit.simulated_residuals(n_sims=99, seed=3, conditional=conditional)
    np.testing.assert_array_equal(found.values, again.values)
    assert list(found.table.index) == TESTS
    # with the same response, statistics that need no simulations of their own
    expected = kstest(found.values, "uniform").statistic
    assert found.table.loc["uniformity", "statistic"] == pytest.approx(expected, rel=1e-12)
    share = found.table.loc["outliers", "statistic"]
    p = binomtest(round(share * fit.nobs), fit.nobs, 2 / 100).pvalue
    assert found.table.loc["outliers, rows apart", "p_value"] == pytest.approx(p)


def test_ranks_are_what_a_second_simulation_says():
    """The normal distribution is known: the rank estimates its distribution function."""
    fit = fitted("Dyestuff_reml")
    found = fit.simulated_residuals(n_sims=4000, seed=1)
    total = np.sqrt(fit.varcorr["vcov"].sum())
    exact = ndtr((fit.matrices.response - fit.fixef.iloc[0]) / total)
    # Monte-Carlo error of a share of 4000 is below 0.008; four of them
    np.testing.assert_allclose(found.values, exact, atol=0.032)


def test_heavy_tails_are_not_uniform():
    fit = nl.lmer("y ~ x + (1 | g)", _frame(1, lambda rng: rng.standard_t(1.5, size=200)))
    table = fit.simulated_residuals(n_sims=199, seed=1, conditional=True).table
    assert table.loc["uniformity", "p_value"] < 0.02


def test_a_response_of_twice_the_spread_is_dispersed():
    fit = nl.lmer("y ~ x + (1 | g)", _frame(1))
    mean = fit.predict(random=False)
    wide = replace(fit.matrices, response=mean + 2.0 * (fit.matrices.response - mean))
    table = replace(fit, matrices=wide).simulated_residuals(n_sims=199, seed=1).table
    # the variance of the response is four times the fitted one, itself close to the simulated
    assert table.loc["dispersion", "statistic"] == pytest.approx(4.0, rel=0.1)
    assert (table.loc[["dispersion", "outliers", "outliers, rows apart"], "p_value"] < 0.02).all()


def test_p_values_keep_their_level_with_dependent_rows():
    """At the true parameters the tests are exact, however much rows of a cluster share.

    40 responses from one model with intraclass correlation 0.8, ranked against one another: the
    test that takes rows for independent rejects most of them.
    """
    data = _frame(2, tau=2.0)
    fit = nl.lmer("y ~ x + (1 | g)", data)
    rejected = np.zeros(2)
    sets = fit.simulate(40, seed=5)
    for y in sets.T:
        other = replace(fit, matrices=replace(fit.matrices, response=y))
        found = other.simulated_residuals(n_sims=59, seed=9)
        rejected += [
            found.table.loc["uniformity", "p_value"] <= 0.1,
            kstest(found.values, "uniform").pvalue <= 0.1,
        ]
    # one simulated reference for all: binomial(40, 0.1) has its 99.9 % point at 11
    assert rejected[0] <= 11
    assert rejected[1] > 13


def test_refits_stand_beside_refits():
    """Standardised by its own fit, a simulated response is like one that was fitted alone."""
    fit = fitted("unbal_weights_offset")
    Y = fit.simulate(3, seed=1)
    z = standardised_by_own_fit(fit, Y)
    alone = fit.refit(Y[:, 1])
    sd = np.zeros(fit.nobs)
    for term, covariance in zip(fit.matrices.random, alone.estimates.covariances, strict=True):
        Z = np.stack([np.broadcast_to(column, fit.nobs) for column in term.columns])
        sd += np.einsum("an,ab,bn->n", Z, covariance, Z)
    sd = np.sqrt(sd + alone.sigma**2 / fit.matrices.weights)
    expected = (Y[:, 1] - alone.predict(random=False)) / sd
    np.testing.assert_allclose(z[:, 1], expected, rtol=1e-5, atol=1e-6)
    table = fit.simulated_residuals(n_sims=19, seed=1, refit=True).table
    assert list(table.index) == TESTS
    assert table["method"].tolist() == ["refits"] * 3 + ["exact binomial"]


def test_refits_reject_as_often_as_promised():
    """40 models that hold: at level 0.2 the test with refits rejects some of them.

    Without refits it rejects none, since the estimates follow the data.
    """
    p = [
        nl.lmer("y ~ x + (1 | g)", _frame(50 + s))
        .simulated_residuals(n_sims=59, seed=s, refit=True)
        .table.loc["uniformity", "p_value"]
        for s in range(40)
    ]
    # binomial(40, 0.2): 99.9 % of it between 1 and 17
    assert 1 <= sum(value <= 0.2 for value in p) <= 17


def test_records_show_themselves():
    found = fitted("Dyestuff_reml").simulated_residuals(n_sims=19, seed=1)
    lines = str(found).splitlines()
    assert lines[0] == "Simulated residuals, 30 rows, 19 simulations, random effects drawn anew"
    assert [line.split("  ")[0].strip() for line in lines[2:]] == TESTS
    assert found._repr_html_().count("<tr>") == 5


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_sims": 10}, ArgumentError, "at least 19"),
        ({"n_sims": 99.5}, ArgumentError, "whole number"),
        ({"conditional": "yes"}, ArgumentTypeError, "True or False"),
        ({"seed": -1}, ArgumentError, "negative"),
        ({"refit": 1}, ArgumentTypeError, "refit=1 must be True or False"),
        ({"refit": True, "conditional": True}, ArgumentError, "Give one of the two"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fitted("Dyestuff_reml").simulated_residuals(**arguments)
