import pickle

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.errors import ArgumentError, PopulationError
from nestling.random.rrandom import RRandom
from nestling.simulate.given import Labels

N = 40_000
STREAMS = [lambda: np.random.default_rng(5), lambda: RRandom(5)]
# each with the frozen distribution of scipy it should be
KINDS = [
    (nl.lognormal(3, 2), stats.lognorm(np.sqrt(np.log1p(4 / 9)), scale=9 / np.sqrt(13))),
    (nl.gamma(3, 2), stats.gamma(2.25, scale=4 / 3)),
    (nl.beta(0.3, 0.1), stats.beta(6, 14)),
    (nl.t(9, 1, 2), stats.t(9, loc=1, scale=2 * np.sqrt(7 / 9))),
    (nl.binomial(7, 0.3), stats.binom(7, 0.3)),
    (nl.poisson(2.5), stats.poisson(2.5)),
]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("predictor", "law"), KINDS, ids=lambda each: str(each)[:14])
def test_draws_follow_the_law(predictor, law, stream):
    drawn = predictor.draw(stream(), N)
    mean, sd = predictor.moments
    assert np.allclose([mean, sd], [law.mean(), law.std()], rtol=1e-12)
    kurtosis = float(law.stats("k")) + 3
    assert abs(drawn.mean() - mean) <= 4 * sd / np.sqrt(N)
    # the variance of a sample variance is (kurtosis - 1) sd^4 / n
    assert abs(drawn.var() - sd**2) <= 4 * sd**2 * np.sqrt((kurtosis - 1) / N)


@pytest.mark.parametrize(("predictor", "law"), KINDS, ids=lambda each: str(each)[:14])
def test_scores_are_quantiles(predictor, law):
    z = np.array([-6.0, -1.3, 0.2, 2.1, 6.0])
    expected = np.where(z < 0, law.ppf(stats.norm.cdf(z)), law.isf(stats.norm.sf(z)))
    assert np.allclose(predictor.at_scores(z), expected, rtol=1e-9)


def test_lognormal_and_others_by_their_own_parameters():
    assert nl.lognormal(meanlog=0.5, sdlog=0.3).moments[0] == pytest.approx(np.exp(0.545))
    assert nl.gamma(shape=2, scale=3).moments == pytest.approx((6, 3 * np.sqrt(2)))
    assert nl.beta(a=2, b=3).moments[0] == 0.4


@pytest.mark.parametrize("stream", STREAMS)
def test_empirical_resamples(stream):
    drawn = nl.empirical([1.0, 2.0, 2.0, 7.0]).draw(stream(), N)
    shares = [(drawn == value).mean() for value in (1, 2, 7)]
    assert np.allclose(shares, [0.25, 0.5, 0.25], atol=4 * np.sqrt(0.25 / N))
    labels = nl.empirical(["b", "a", "b"]).draw(stream(), 10)
    assert isinstance(labels, Labels)
    assert labels.labels == ("a", "b")
    assert nl.empirical([1, 5]).at_scores(np.array([-1.0, 1.0])).tolist() == [1, 5]


@pytest.mark.parametrize("predictor", [*(each for each, _ in KINDS), nl.empirical([1, 2])], ids=str)
def test_records(predictor):
    # what is printed, with six digits, makes it again
    assert str(eval(str(predictor))) == str(predictor)
    assert pickle.loads(pickle.dumps(predictor)) == predictor
    assert len(set(np.asarray(predictor.prototype(20)).tolist())) >= 2


@pytest.mark.parametrize("rng", ["numpy", "R"])
def test_in_a_population(rng):
    kinds = {
        "A": nl.lognormal(1, 1, "g"),
        "B": nl.gamma(1, 1),
        "C": nl.beta(0.5, 0.2),
        "D": nl.t(5),
        "E": nl.binomial(3, 0.5, "g"),
        "F": nl.poisson(2),
        "G": nl.empirical(["u", "v"]),
    }
    formula = "y ~ A + B + C + D + E + F + G + (1 | g)"
    names = ["(Intercept)", "A", "B", "C", "D", "E", "F", "Gv"]
    truth = nl.Population(formula, dict.fromkeys(names, 1.0), {"g": 1}, 1, kinds)
    data = truth.simulate(nl.nested(g=5, id=4), seed=3, rng=rng)
    assert data.notna().all(axis=None)
    assert (data.groupby("g")[["A", "E"]].nunique() == 1).all(axis=None)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nl.beta(0.5, 0.5), PopulationError, r"0\.5\^2 = 0\.25 must be below .* = 0\.25"),
        (lambda: nl.gamma(-1, 1), PopulationError, "the mean is -1; expected a number above 0"),
        (lambda: nl.gamma(1), ArgumentError, "was given mean; give mean and sd or shape and scale"),
        (lambda: nl.lognormal(1, 1, sdlog=1), ArgumentError, "give mean and sd or meanlog"),
        (lambda: nl.t(2), PopulationError, r"df / \(df - 2\)"),
        (lambda: nl.binomial(2.5, 0.5), PopulationError, "2.5 trials"),
        (lambda: nl.binomial(2, 1.5), PopulationError, "between 0 and 1"),
        (lambda: nl.poisson(0), PopulationError, "above 0"),
        (lambda: nl.empirical([1, np.nan]), PopulationError, r"nl.empirical\(\): value 1 is miss"),
    ],
)
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
