"""Profile limits by their definition, whatever the units, and when something goes wrong."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from tests.reference_cases import fitted

import nestling as nl
from nestling.errors import ConvergenceWarning, ProfileWarning
from nestling.fit import profile_walk
from nestling.fit.criterion import evaluate

RISE = 3.841458820694124
"""The 0.95 quantile of chi-squared on one degree of freedom."""


def growth(n_groups=12, seed=1):
    """A small study with a random slope, unbalanced."""
    rng = np.random.default_rng(seed)
    g = np.append(np.arange(n_groups), rng.integers(0, n_groups, 4 * n_groups))
    x = rng.normal(size=len(g)) + 1.0
    b = rng.normal(size=(2, n_groups))
    y = 1.0 + 0.5 * x + b[0, g] + (0.5 * b[0, g] + 0.8 * b[1, g]) * x + rng.normal(size=len(g))
    return {"y": y, "x": x, "g": g}


def lowest_deviance(data, name, value):
    """-2 log-likelihood of `y ~ x + (1 + x | g)` with one parameter held, by n x n matrices."""
    y, x, g = data["y"], data["x"], data["g"]
    same = (g[:, None] == g).astype(float)
    X = np.column_stack([np.ones_like(x), x])
    held = {"(Intercept)": 0, "x": 1}.get(name)
    if held is not None:
        y = y - X[:, held] * value
        X = np.delete(X, held, axis=1)

    def deviance(free):
        sd, slope, angle, sigma = np.exp(free[0]), np.exp(free[1]), free[2], np.exp(free[3])
        sd = value if name == "sd_(Intercept)|g" else sd
        slope = value if name == "sd_x|g" else slope
        sigma = value if name == "sigma" else sigma
        r = value if name == "cor_x.(Intercept)|g" else np.sin(angle)
        cross = r * sd * slope * (x[:, None] + x)
        V = same * (sd**2 + cross + slope**2 * np.outer(x, x)) + sigma**2 * np.eye(len(y))
        lower = np.linalg.cholesky(V)
        Xw, yw = np.linalg.solve(lower, X), np.linalg.solve(lower, y)
        residual = yw - Xw @ np.linalg.lstsq(Xw, yw, rcond=None)[0]
        log_determinant = 2.0 * np.log(np.diag(lower)).sum()
        return len(y) * np.log(2.0 * np.pi) + log_determinant + residual @ residual

    starts = [np.array([0.0, 0.0, 0.3, 0.0]), np.array([-1.0, -0.5, -0.5, 0.3])]
    return min(minimize(deviance, start, method="BFGS").fun for start in starts)


@pytest.mark.parametrize("reml", [True, False])
def test_the_deviance_at_the_limits_by_definition(reml):
    data = growth()
    fit = nl.lmer("y ~ x + (1 + x | g)", data, reml=reml)
    low = fit.refitted(reml=False).criterion
    for name, limits in fit.confint().iterrows():
        for value in limits:
            rise = lowest_deviance(data, name, value) - low
            if value == 1.0:  # a correlation can be one
                assert rise < RISE, name
                continue
            # the numerical gradients of BFGS leave about 1e-7
            assert rise == pytest.approx(RISE, abs=1e-6), name


def test_limits_do_not_depend_on_reml():
    by_reml, by_ml = fitted("seed_m2"), fitted("seed_m2_ml")
    assert np.allclose(by_reml.confint(), by_ml.confint(), rtol=1e-9, atol=0.0)


def test_units():
    """Other units and origins change the numbers as they must, to nine digits."""
    data = growth(30)
    base = nl.lmer("y ~ x + (1 + x | g)", data).confint()
    scaled = nl.lmer("y ~ x + (1 + x | g)", {**data, "y": 1e3 * data["y"], "x": 1e-6 * data["x"]})
    factors = np.array([1e3, 1.0, 1e9, 1e3, 1e3, 1e9])[:, None]
    assert np.allclose(scaled.confint() / factors, base, rtol=1e-9, atol=0.0)
    # at the year 2000 the slope, its SD and sigma are what they were
    years = nl.lmer("y ~ x + (1 + x | g)", {**data, "x": data["x"] + 2000.0}).confint()
    unmoved = ["sd_x|g", "sigma", "x"]
    assert np.allclose(years.loc[unmoved], base.loc[unmoved], rtol=1e-8, atol=0.0)
    far = nl.lmer("y ~ x + (1 + x | g)", {**data, "y": data["y"] + 1e8}).confint()
    # a response that is rounded to 1e-8
    assert np.allclose(far.drop("(Intercept)"), base.drop("(Intercept)"), rtol=1e-6, atol=0.0)


def test_order_of_rows_and_labels():
    data = growth()
    order = np.random.default_rng(2).permutation(len(data["y"]))
    shuffled = {name: column[order] for name, column in data.items()}
    shuffled["g"] = np.array([f"group {11 - g:02d}" for g in shuffled["g"]])
    base, other = (nl.lmer("y ~ x + (1 + x | g)", each).confint() for each in (data, shuffled))
    assert np.allclose(base, other, rtol=1e-9, atol=0.0)


def test_a_correlation_is_unlimited_where_a_variance_can_vanish():
    found = fitted("Orthodont_sex").confint("theta_")
    assert found.loc["sd_age|Subject", "2.5 %"] == 0.0
    assert found.loc["cor_age.(Intercept)|Subject"].tolist() == [-1.0, 1.0]
    alone = fitted("Orthodont_sex").confint("cor_age.(Intercept)|Subject")
    assert alone.iloc[0].tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("name", ["corr1", "seed_m1_slope", "Machines_full", "Dyestuff2_ml"])
def test_near_the_boundary_all_limits_are_found(name):
    found = fitted(name).confint()
    assert found.notna().all().all()
    assert (found["2.5 %"] < found["97.5 %"]).all()


def test_one_parameter_as_in_the_whole_table():
    whole = fitted("sleepstudy_slope").confint()
    for name in whole.index:
        alone = fitted("sleepstudy_slope").confint(name)
        assert np.allclose(alone, whole.loc[[name]], rtol=1e-9, atol=0.0)


def test_a_lower_point_on_the_way_becomes_the_optimum():
    """A fit left at zero variances, where the slope in theta vanishes, is no obstacle."""
    fit = nl.lmer("y ~ x + (1 + x | g)", growth(), reml=False)
    solution = fit.solution
    saddle = evaluate(solution.problem, np.zeros_like(solution.point.theta))
    stuck = replace(fit, solution=replace(solution, point=saddle))
    assert stuck.criterion > fit.criterion + 10.0
    assert np.allclose(stuck.confint(), fit.confint(), rtol=1e-8, atol=0.0)


def test_a_limit_that_is_not_found_is_nan_and_said_so(monkeypatch):
    monkeypatch.setattr(profile_walk, "MAX_POINTS", 0)
    with pytest.warns(ProfileWarning, match="'sigma' could not be followed"):
        found = fitted("seed_m0").confint("sigma")
    assert found.isna().all().all()


def test_a_fit_that_did_not_converge_is_said_to_be_the_start():
    fit = fitted("seed_m2_ml")
    solution = fit.solution
    doubtful = replace(solution.convergence, status="not converged", remedy="Look closer.")
    with pytest.warns(ConvergenceWarning, match=r"did not converge\. Look closer\."):
        replace(fit, solution=replace(solution, convergence=doubtful)).confint("sigma")
