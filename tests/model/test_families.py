"""Families of responses: links, variances, latent variances, what they refuse, their text."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, ModelError, PopulationError
from nestling.model.families import FAMILIES, read_family
from nestling.model.families_links import LINKS

EXAMPLES = [
    nl.family("gaussian"),
    nl.family("binomial"),
    nl.family("binomial", link="probit", trials=12),
    nl.family("binomial", link="cloglog", trials="n"),
    nl.family("poisson"),
    nl.family("poisson", link="sqrt"),
    nl.family("poisson", link="identity"),
    nl.family("negative binomial", size=0.1 + 0.2),
    nl.family("negative binomial", size=2, link="sqrt"),
    nl.family("gamma", shape=3),
    nl.family("gamma", shape=2.5, link="log"),
    nl.family("beta", precision=7.25),
    nl.family("beta", precision=7, link="cloglog"),
    nl.family("ordinal", thresholds=[-1, 0.1, 2]),
    nl.family("ordinal", thresholds=(0,), link="probit"),
]


@pytest.mark.parametrize("made", EXAMPLES, ids=str)
def test_text_is_the_call(made):
    again = eval(str(made), {"nl": nl})
    assert again == made
    assert hash(again) == hash(made)
    assert pickle.loads(pickle.dumps(made)) == made
    assert again.link in made.links


def test_text_leaves_out_what_is_default():
    assert str(nl.family("Binomial", link="logit", trials=1)) == "nl.family('binomial')"
    assert str(nl.family("gamma", shape=3.0)) == "nl.family('gamma', shape=3)"


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_reads_each_of_its_links(name):
    own = {
        "negative binomial": {"size": 2},
        "gamma": {"shape": 2},
        "beta": {"precision": 2},
        "ordinal": {"thresholds": [0]},
    }
    for link in FAMILIES[name].links:
        assert nl.family(name, link=link, **own.get(name, {})).link == link


@pytest.mark.parametrize("name", LINKS)
def test_links_and_their_inverses(name):
    link = LINKS[name]
    eta = {"inverse": [0.3, 1.0, 5.0], "sqrt": [0.3, 1.0, 5.0]}.get(name, [-2.0, -0.3, 0.4, 1.2])
    eta = np.array(eta)
    assert_allclose(link.link(link.inverse(eta)), eta, rtol=1e-12)
    h = 1e-6  # central differences: error h^2, rounding 1e-16 / h
    slope = (link.inverse(eta + h) - link.inverse(eta - h)) / (2 * h)
    assert_allclose(link.slope(eta), slope, rtol=1e-8)


def test_inverse_links_as_scipy_and_far_out():
    eta = np.linspace(-30, 30, 61)
    assert_allclose(LINKS["logit"].inverse(eta), stats.logistic.cdf(eta), rtol=1e-14)
    assert_allclose(LINKS["probit"].inverse(eta), stats.norm.cdf(eta), rtol=1e-14)
    # P(y = 1) of the complementary log-log is the Gumbel distribution of the smallest
    assert_allclose(LINKS["cloglog"].inverse(eta), stats.gumbel_l.cdf(eta), rtol=1e-12)
    assert_allclose(LINKS["logit"].inverse(np.array([-800.0, 800.0])), [0, 1], atol=0)


@pytest.mark.parametrize(
    ("made", "distribution"),
    [
        (nl.family("binomial"), stats.bernoulli),
        (nl.family("poisson"), stats.poisson),
        (nl.family("negative binomial", size=1.7), lambda mu: stats.nbinom(1.7, 1.7 / (1.7 + mu))),
        (nl.family("gamma", shape=3), lambda mu: stats.gamma(3, scale=mu / 3)),
        (nl.family("beta", precision=5), lambda mu: stats.beta(mu * 5, (1 - mu) * 5)),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_variance_functions_as_scipy(made, distribution):
    mu = np.array([0.1, 0.45, 0.9])
    assert_allclose(distribution(mu).mean(), mu, rtol=1e-12)
    assert_allclose(made.dispersion * made.variance(mu), distribution(mu).var(), rtol=1e-12)


def test_ordinal_probabilities_cut_the_latent_distribution():
    made = nl.family("ordinal", thresholds=[-1, 0, 1.5])
    eta = np.array([-0.7, 0.0, 2.0])
    below = made.cumulative(eta)
    latent = stats.logistic(loc=eta)
    assert_allclose(below, [latent.cdf(each) for each in (-1, 0, 1.5)], rtol=1e-12)
    chances = np.diff(np.vstack([np.zeros(3), below, np.ones(3)]), axis=0)
    assert_allclose(made.mean(eta), np.arange(1, 5) @ chances, rtol=1e-12)
    with pytest.raises(ModelError, match="no function of their mean"):
        made.variance(np.ones(3))


def _gamma_log(shape):
    return stats.loggamma(shape).var()


@pytest.mark.parametrize(
    ("made", "mu", "expected"),
    [
        # Nakagawa, Johnson and Schielzeth (2017), variances specific to the distribution
        (nl.family("binomial"), 0.3, np.pi**2 / 3),
        (nl.family("binomial", link="probit"), 0.3, 1.0),
        (nl.family("binomial", link="cloglog"), 0.3, np.pi**2 / 6),
        (nl.family("ordinal", thresholds=[0]), 0.3, stats.logistic.var()),
        (nl.family("ordinal", thresholds=[0], link="probit"), 0.3, 1.0),
        (nl.family("poisson"), 2.0, np.log(1 + 1 / 2)),
        (nl.family("poisson", link="sqrt"), 2.0, 0.25),
        (nl.family("poisson", link="identity"), 2.0, 2.0),
        (nl.family("negative binomial", size=4), 2.0, np.log(1 + 1 / 2 + 1 / 4)),
        (nl.family("negative binomial", size=4, link="sqrt"), 2.0, 0.25 * (1 + 2 / 4)),
        (nl.family("gamma", shape=3, link="log"), 2.0, _gamma_log(3)),
        (nl.family("gamma", shape=3), 2.0, 1 / (3 * 2.0**2)),
        (nl.family("gamma", shape=3, link="identity"), 2.0, 2.0**2 / 3),
        # the logit of a beta variable is the difference of two logarithms of gamma variables
        (nl.family("beta", precision=5), 0.3, _gamma_log(1.5) + _gamma_log(3.5)),
        (
            nl.family("beta", precision=5, link="probit"),
            0.3,
            0.3 * 0.7 / 6 / stats.norm.pdf(stats.norm.ppf(0.3)) ** 2,
        ),
        (
            nl.family("beta", precision=5, link="cloglog"),
            0.3,
            0.3 * 0.7 / 6 / (-np.log(0.7) * 0.7) ** 2,
        ),
    ],
    ids=str,
)
def test_latent_variances(made, mu, expected):
    assert_allclose(made.latent(mu), expected, rtol=1e-12)
    if not made.needs_mean:
        assert made.latent(float("nan")) == made.latent(mu)
    assert made.latent_words


def test_trigamma_as_r():
    # R 4.2: trigamma(c(0.5, 2, 3))
    for shape, expected in [(0.5, 4.934802200544679), (2, 0.64493406684822641)]:
        assert_allclose(nl.family("gamma", shape=shape, link="log").latent(1.0), expected, 1e-14)


def test_the_normal_family_has_the_residual_variance_only():
    made = read_family(None)
    assert made == nl.family("gaussian")
    assert made.has_residual
    assert np.isnan(made.dispersion)
    assert made.latent_words == "the residual variance"
    assert made.variance(np.array([3.0])).tolist() == [1.0]
    assert made.valid(np.array([-3.0]), np.array([-3.0])).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nl.family(3), ArgumentTypeError, "expected a name, such as 'binomial'"),
        (lambda: nl.family("binomal"), ArgumentError, "no such family. Did you mean 'binomial'"),
        (lambda: nl.family("weibull"), ArgumentError, "Known: 'gaussian', 'binomial'"),
        (
            lambda: nl.family("poisson", link="logit"),
            ArgumentError,
            "expected the link 'log', 'identity' or 'sqrt'",
        ),
        (lambda: nl.family("gaussian", link="log"), ArgumentError, "the link 'identity'"),
        (lambda: nl.family("poisson", link=1), ArgumentTypeError, "expected a name, such as 'log'"),
        (lambda: nl.family("poisson", size=2), ArgumentError, r"has no size=; it takes link="),
        (lambda: nl.family("gamma"), ArgumentError, r"needs shape=, for instance .*shape=3"),
        (lambda: nl.family("ordinal"), ArgumentError, "needs thresholds="),
        (lambda: nl.family("beta", precision=0), PopulationError, "precision is 0; .* above 0"),
        (lambda: nl.family("gamma", shape=-1), PopulationError, "shape is -1; expected a number"),
        (
            lambda: nl.family("negative binomial", size="2"),
            ArgumentTypeError,
            "size is '2'; expected one number",
        ),
        (
            lambda: nl.family("negative binomial", size=np.inf),
            PopulationError,
            "size is inf; expected a finite number",
        ),
        (lambda: nl.family("binomial", trials=0), PopulationError, "whole number from 1 on"),
        (lambda: nl.family("binomial", trials=2.5), PopulationError, "whole number from 1 on"),
        (lambda: nl.family("binomial", trials=np.nan), PopulationError, "whole number from 1 on"),
        (
            lambda: nl.family("binomial", trials=True),
            ArgumentTypeError,
            "the name of the predictor",
        ),
        (lambda: nl.family("binomial", trials=[3]), ArgumentTypeError, "the name of the predictor"),
        (lambda: nl.family("ordinal", thresholds=[1, 0]), PopulationError, "expected rising"),
        (lambda: nl.family("ordinal", thresholds=[1, 1]), PopulationError, "expected rising"),
        (
            lambda: nl.family("ordinal", thresholds=[]),
            ArgumentTypeError,
            "a list of rising numbers",
        ),
        (lambda: nl.family("ordinal", thresholds=2), ArgumentTypeError, "a list of rising numbers"),
        (lambda: nl.family("ordinal", thresholds="12"), ArgumentTypeError, "a list of rising"),
        (
            lambda: nl.family("ordinal", thresholds=[0, "a"]),
            ArgumentTypeError,
            r"thresholds\[1\] is 'a'; expected one number",
        ),
        (lambda: read_family(3), ArgumentTypeError, r"expected a name such as 'binomial', or nl"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
