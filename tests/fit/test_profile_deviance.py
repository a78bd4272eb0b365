"""The deviance before sigma is profiled out: its value by definition, and held coefficients."""

import numpy as np
import pytest

from brute_force import marginal
from builders import MODELS, POINTS, STRUCTURES, arrangements, pose_model, theta_at
from nestling.fit.criterion import evaluate
from nestling.fit.profile_deviance import Held, deviance


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("model", list(MODELS))
def test_value(model, point):
    posed = pose_model(MODELS[model], reml=False)
    theta, log_variance = theta_at(posed, point), -3.7
    truth = marginal(posed, theta)
    expected = np.linalg.slogdet(truth.V)[1] + truth.n * (np.log(2.0 * np.pi) + log_variance)
    expected += truth.square * np.exp(-log_variance) + posed.problem.constant
    roots = posed.problem.parameters.roots(theta)
    found = deviance(posed.problem, roots, log_variance)
    assert found.value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("model", list(MODELS))
def test_it_is_the_criterion_at_the_best_sigma(model):
    posed = pose_model(MODELS[model], reml=False)
    theta = theta_at(posed, "interior")
    profiled = evaluate(posed.problem, theta)
    best = float(np.log(profiled.square / posed.problem.n))
    found = deviance(posed.problem, posed.problem.parameters.roots(theta), best)
    assert found.value == pytest.approx(profiled.criterion, rel=1e-13)
    # rounding of n - r^2 / sigma^2
    assert found.gradient[0] == pytest.approx(0.0, abs=1e-10)
    for one, other in zip(found.slopes, profiled.slopes, strict=True):
        assert np.allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())


@pytest.mark.parametrize(
    ("model", "structure"), [each for each in arrangements() if MODELS[each[0]].columns]
)
def test_held_coefficient_by_constrained_least_squares(model, structure):
    posed = pose_model(MODELS[model], reml=False, structure=STRUCTURES[structure])
    theta, p = theta_at(posed, "interior"), posed.problem.p
    truth = marginal(posed, theta)
    rng = np.random.default_rng(1)
    a, value, log_variance = rng.normal(size=p), 0.3, -2.0
    # y - X a t / a'a on what is left of X across a
    across = np.linalg.svd(a[None])[2][1:].T
    X, y = truth.W[:, :-1] @ across, truth.W[:, -1] - truth.W[:, :-1] @ a * (value / (a @ a))
    lower = np.linalg.cholesky(truth.V)
    Xw, yw = np.linalg.solve(lower, X), np.linalg.solve(lower, y)
    residual = yw - Xw @ np.linalg.lstsq(Xw, yw, rcond=None)[0] if X.shape[1] else yw
    expected = np.linalg.slogdet(truth.V)[1] + truth.n * (np.log(2.0 * np.pi) + log_variance)
    expected += residual @ residual * np.exp(-log_variance) + posed.problem.constant
    roots = posed.problem.parameters.roots(theta)
    found = deviance(posed.problem, roots, log_variance, Held(a, value))
    assert found.value == pytest.approx(expected, rel=1e-9)
