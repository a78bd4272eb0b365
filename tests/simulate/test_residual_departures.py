"""Outliers and random residual variances: how often, how large, and which variance is kept."""

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.errors import ArgumentTypeError, DesignError, PopulationError
from study_rows import study_rows

N = 40_000
ROWS = study_rows(nl.nested(g=N // 4, row=4))


@pytest.mark.parametrize(
    ("departure", "law"),
    [
        (nl.t_residuals(6), stats.t(6)),
        (nl.skewed_residuals(-1), stats.gamma(4)),
        (nl.lognormal_residuals(0.5), stats.lognorm(0.5)),
    ],
    ids=["t", "skewed", "lognormal"],
)
def test_residuals_take_the_shape(departure, law):
    rng = np.random.default_rng(2)
    made = departure.reshape(rng, rng.standard_normal(N), ROWS)
    made = -made if departure.shape.arguments == "skewness=-1" else made
    # Kolmogorov's distribution is beyond 2.7 once in a million samples
    distance = stats.kstest(made, lambda x: law.cdf(law.mean() + law.std() * x)).statistic
    assert distance * np.sqrt(N) < 2.7


def test_outliers_are_the_rows_they_would_have_been_times_five():
    rng = np.random.default_rng(3)
    z = rng.standard_normal(N)
    made = nl.outliers(share=0.02, sd_times=5).reshape(rng, z, ROWS)
    outlying = made != z
    assert np.array_equal(made[outlying], 5 * z[outlying])
    assert abs(outlying.mean() - 0.02) < 4.5 * np.sqrt(0.02 * 0.98 / N)


@pytest.mark.parametrize(("keep", "variance"), [("uncontaminated", 1.48), ("total", 1.0)])
def test_outliers_and_the_variance(keep, variance):
    rng = np.random.default_rng(4)
    made = nl.outliers(0.02, 5, keep).reshape(rng, rng.standard_normal(N), ROWS)
    # the fourth moment is 3 (1 + share (times⁴ - 1)) in units of the uncontaminated variance
    fourth = 3 * (1 + 0.02 * 624) * (variance / 1.48) ** 2
    assert abs(np.mean(made**2) - variance) < 4.5 * np.sqrt((fourth - variance**2) / N)


def test_variances_of_clusters_are_log_normal_with_the_mean_stated():
    departure = nl.random_variance("g", cv=0.8)
    made = departure.reshape(np.random.default_rng(5), np.ones(N), ROWS) ** 2
    by_cluster = made.reshape(-1, 4)
    assert (by_cluster == by_cluster[:, :1]).all()
    law = stats.lognorm(np.sqrt(np.log(1.64)), scale=1 / np.sqrt(1.64))
    assert (law.mean(), law.std()) == pytest.approx((1, 0.8))
    assert stats.kstest(by_cluster[:, 0], law.cdf).statistic * np.sqrt(N / 4) < 2.7


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nl.outliers(0), PopulationError, r"nl.outliers\(\): share is 0; expected a share"),
        (
            lambda: nl.outliers(0.1, -1),
            PopulationError,
            "sd_times is -1; expected a number above 0",
        ),
        (lambda: nl.outliers(keep="sd"), PopulationError, "keep is 'sd'; expected 'uncontamin"),
        (lambda: nl.outliers("many"), ArgumentTypeError, "share is 'many'; expected one number"),
        (lambda: nl.random_variance("g", 0), PopulationError, "cv is 0; expected a number above 0"),
        (lambda: nl.random_variance(2), ArgumentTypeError, "by is 2; expected a name"),
    ],
)
def test_what_is_impossible_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_unit_that_the_design_lacks_is_refused():
    with pytest.raises(DesignError, match=r"nl.random_variance\(\) names the unit 'school'"):
        nl.random_variance("school").reshape(np.random.default_rng(1), np.ones(N), ROWS)
