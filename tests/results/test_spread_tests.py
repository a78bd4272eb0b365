import numpy as np
import pytest
from scipy import stats

from nestling.results.spread_tests import normality, spread_by_group, spread_by_value


def test_spread_by_group_is_levenes_test_about_medians():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 7, 200)
    values = rng.normal(size=200) * (1 + codes)
    found = spread_by_group(values, codes)
    expected = stats.levene(*[values[codes == j] for j in range(7)], center="median")
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-8)
    sds = [values[codes == j].std(ddof=1) for j in range(7)]
    np.testing.assert_allclose([found.smallest, found.largest], [min(sds), max(sds)])


def test_small_groups_and_missing_values_are_left_out():
    values = np.array([1.0, 2.0, 4.0, 0.0, 5.0, 3.0, 9.0, 9.0, np.nan])
    codes = np.array([0, 0, 0, 2, 2, 2, 5, 5, 0])
    expected = stats.levene(values[:3], values[3:6], center="median")
    assert spread_by_group(values, codes).p_value == pytest.approx(expected.pvalue)
    assert np.isnan(spread_by_group(values[:3], codes[:3]).p_value)
    assert np.isnan(spread_by_group(values[6:8], codes[6:8]).p_value)


def test_spread_by_value_is_n_times_the_share_explained():
    rng = np.random.default_rng(2)
    at = rng.normal(size=90)
    values = rng.normal(size=90) * np.exp(0.3 * at)
    found = spread_by_value(values, at)
    fitted = stats.linregress(at, values**2)
    assert found.statistic == pytest.approx(90 * fitted.rvalue**2, rel=1e-10)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1), rel=1e-10)
    assert np.isnan(spread_by_value(values, np.full(90, 3.1)).p_value)


@pytest.mark.parametrize(
    ("test", "draw"),
    [
        ("group", lambda rng: rng.normal(size=120)),
        ("value", lambda rng: rng.standard_t(8, size=120)),
        ("normal", lambda rng: rng.normal(size=120)),
    ],
)
def test_tests_keep_their_level(test, draw):
    """1500 samples at level 0.05: the share rejected is within four standard errors."""
    rng = np.random.default_rng(3)
    codes, at = np.arange(120) % 12, rng.normal(size=120)
    ask = {
        "group": lambda v: spread_by_group(v, codes),
        "value": lambda v: spread_by_value(v, at),
        "normal": normality,
    }[test]
    rejected = np.mean([ask(draw(rng)).p_value < 0.05 for _ in range(1500)])
    # Levene's test about medians is conservative in groups of ten
    assert 0.01 < rejected < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 1500)


def test_normality_changes_its_test_with_the_size():
    rng = np.random.default_rng(4)
    assert normality(rng.normal(size=5000)).name == "Shapiro-Wilk"
    large = normality(rng.normal(size=5001))
    assert large.name == "D'Agostino-Pearson"
    assert large.p_value > 0.001
    assert normality(rng.exponential(size=50)).p_value < 0.001
    assert np.isnan(normality(np.zeros(9)).p_value)
