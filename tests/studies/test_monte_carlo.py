"""Summaries over replicates: closed forms and scipy's distributions."""

import numpy as np
import pytest
from scipy import stats

from nestling.studies.monte_carlo import (
    columns_mean,
    columns_sd,
    critical,
    share_limits,
    shares,
    two_sided,
)


@pytest.mark.parametrize(
    ("hits", "n", "level"),
    [(0, 10, 0.95), (10, 10, 0.95), (3, 50, 0.9), (830, 1000, 0.95), (1, 1, 0.99)],
)
def test_share_limits_are_clopper_and_pearson(hits, n, level):
    low, high = share_limits(np.array([hits]), np.array([n]), level)
    exact = stats.binomtest(hits, n).proportion_ci(level, method="exact")
    assert low[0] == pytest.approx(exact.low, abs=1e-12)
    assert high[0] == pytest.approx(exact.high, abs=1e-12)


def test_no_replicates_have_no_limits():
    low, high = share_limits(np.array([0.0]), np.array([0.0]), 0.95)
    assert np.isnan(low[0])
    assert np.isnan(high[0])


@pytest.mark.parametrize("df", [1.0, 7.3, 250.0, np.inf])
def test_p_values_and_quantiles_are_of_t(df):
    t = np.array([-2.5, 0.0, 1.0])
    distribution = stats.norm() if np.isinf(df) else stats.t(df)
    expected = 2.0 * distribution.sf(np.abs(t))
    assert two_sided(t, np.full(3, df)) == pytest.approx(expected, rel=1e-12, nan_ok=True)
    quantile = critical(0.9, np.array([df]))[0]
    assert quantile == pytest.approx(distribution.ppf(0.95), rel=1e-10, nan_ok=True)


def test_missing_replicates_are_left_out():
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    assert columns_mean(values).tolist() == pytest.approx([2.0, np.nan], nan_ok=True)
    assert columns_sd(values).tolist() == pytest.approx([np.sqrt(2.0), np.nan], nan_ok=True)
    hits = np.array([[True, True], [False, True], [True, True]])
    k, n, share = shares(hits, np.isfinite(values))
    assert (k.tolist(), n.tolist()) == ([1.0, 0.0], [2.0, 0.0])
    assert share.tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
