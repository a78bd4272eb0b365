"""Profiles as curves."""

import numpy as np
import pytest
from tests.reference_cases import fitted

import nestling as nl
from nestling.errors import ArgumentError
from nestling.results.profile import profile

CASES = ["seed_m2", "sleepstudy_uncorr", "Pastes_nested", "Penicillin", "Dyestuff2_reml",
         "Orthodont_sex", "cake_linear"]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_curves_rise_through_the_estimates(name):
    ml = fitted(name).refitted(reml=False)
    curves = profile(fitted(name), points=4)
    assert [curve.name for curve in curves] == list(fitted(name).confint(method="wald").index)
    for curve in curves:
        assert len(curve.values) == len(curve.zeta)
        assert (np.diff(curve.values) > 0.0).all()
        assert (np.diff(curve.zeta) > 0.0).all()
        assert curve.zeta[curve.values == curve.estimate].tolist() == [0.0]
    estimates = dict(zip(ml.fixef.index, ml.fixef, strict=True)) | {"sigma": ml.sigma}
    for curve in curves:
        if curve.name in estimates:
            assert curve.estimate == pytest.approx(estimates[curve.name], rel=1e-9)


@pytest.mark.parametrize("name", ["seed_m2", "Pastes_nested"])
def test_limits_lie_on_the_curves(name):
    """Zeta is smooth, so a polynomial through the points meets the limits at 1.96."""
    limits = fitted(name).confint()
    for curve in profile(fitted(name), points=8):
        for value, height in zip(limits.loc[curve.name], (-1.96, 1.96), strict=True):
            if curve.values[0] < value < curve.values[-1] and value > 0.0:
                near = np.argsort(np.abs(curve.values - value))[:4]
                scale = curve.values[near[0]]
                fitted_zeta = np.polyval(
                    np.polyfit(curve.values[near] - scale, curve.zeta[near], 3), value - scale
                )
                assert fitted_zeta == pytest.approx(height, abs=2e-3), curve.name


def test_reach_is_lme4s():
    """sqrt(qchisq(0.99, 6)) for six parameters."""
    (curve,) = profile(fitted("seed_m2"), "sigma")
    assert curve.zeta[[0, -1]] == pytest.approx([-4.100230948345584, 4.100230948345584], rel=1e-12)
    assert len(curve.zeta) == 17


def test_a_curve_ends_where_the_range_does():
    (curve,) = profile(fitted("Pastes_nested"), "sd_(Intercept)|batch")
    assert curve.values[0] == 0.0
    assert -1.0 < curve.zeta[0] < 0.0
    (curve,) = profile(fitted("Orthodont_sex"), "cor_age.(Intercept)|Subject")
    assert curve.values[[0, -1]].tolist() == [-1.0, 1.0]
    assert np.abs(curve.zeta).max() < 1.96


def test_a_correlation_without_a_variance_has_no_estimate():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(10), 6)
    x = rng.normal(size=60)
    # group means all alike: no variance of the intercepts
    y = rng.normal(size=60)
    y -= (np.bincount(g, y) / 6.0)[g]
    fit = nl.lmer("y ~ x + (1 + x | g)", {"y": y, "x": x - (np.bincount(g, x) / 6.0)[g], "g": g})
    (curve,) = profile(fit, "cor_x.(Intercept)|g")
    assert np.isnan(curve.estimate)
    assert curve.zeta.tolist() == [0.0, 0.0]


def test_points():
    with pytest.raises(ArgumentError, match="points=0 leaves nothing to draw"):
        profile(fitted("seed_m0"), points=0)
