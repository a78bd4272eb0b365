"""Gradient and second derivatives against central differences and against their definitions."""

import numpy as np
import pytest

from brute_force import marginal
from builders import MODELS, POINTS, STRUCTURES, arrangements, pose_model, theta_at
from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at


def difference(function, theta, direction):
    """Fourth-order central difference along a direction."""
    step = 1e-3 * max(1.0, float(np.abs(theta).max()))
    near = function(theta + step * direction) - function(theta - step * direction)
    far = function(theta + 2.0 * step * direction) - function(theta - 2.0 * step * direction)
    return (8.0 * near - far) / (12.0 * step)


CRITERIA = [*((point, True) for point in POINTS), ("interior", False), ("rank one", False)]


@pytest.mark.parametrize(("point", "reml"), CRITERIA)
@pytest.mark.parametrize(("model", "structure"), arrangements())
def test_gradient_and_hessian(model, structure, point, reml):
    posed = pose_model(MODELS[model], reml=reml, structure=STRUCTURES[structure])
    problem, theta = posed.problem, theta_at(posed, point)
    found = evaluate(problem, theta)
    # every element of both takes part in one random direction
    direction = np.random.default_rng(6).normal(size=len(theta))
    direction /= np.linalg.norm(direction)
    slope = difference(lambda at: criterion_at(problem, at), theta, direction)
    # an error of step^4 and fifth derivatives, or the rounding of the criterion over the step
    assert found.gradient @ direction == pytest.approx(slope, rel=1e-7, abs=1e-8)
    curvature = difference(lambda at: evaluate(problem, at).gradient, theta, direction)
    scale = max(1.0, float(np.abs(curvature).max()))
    if problem.structure.exact:
        assert np.allclose(found.hessian, found.hessian.T, rtol=1e-9, atol=1e-10 * scale)
        assert np.allclose(found.hessian @ direction, curvature, rtol=0.0, atol=1e-7 * scale)
    else:
        directions = problem.parameters.directions(problem.parameters.roots(theta))
        expected = marginal(posed, theta).average_information(directions, reml)
        problem.parameters.add_second_derivative(expected, found.slopes)
        scale = max(1.0, float(np.abs(expected).max()))
        assert np.allclose(found.hessian, expected, rtol=0.0, atol=1e-9 * scale)


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("point", ["zero", "zero variance"])
def test_slopes_are_one_sided_derivatives_by_variances(model, point):
    """At a variance of zero, where the slope in theta vanishes whatever the data say."""
    posed = pose_model(MODELS[model])
    problem, theta = posed.problem, theta_at(posed, point)
    found = evaluate(problem, theta)
    for factor, slope in enumerate(found.slopes):
        roots = list(problem.parameters.roots(theta))
        if roots[factor].any():
            continue
        for effect in range(len(slope)):
            step = 1e-6
            roots[factor] = np.zeros_like(roots[factor])
            roots[factor][effect, effect] = np.sqrt(step)
            moved = problem.parameters.theta(tuple(roots))
            ahead = criterion_at(problem, moved) - found.criterion
            assert ahead / step == pytest.approx(slope[effect, effect], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("model", list(MODELS))
def test_sign_of_a_column_does_not_matter(model):
    posed = pose_model(MODELS[model])
    parameters = posed.problem.parameters
    theta = theta_at(posed, "interior")
    first, *rest = parameters.roots(theta)
    flipped = first * np.where(np.arange(len(first)) == len(first) - 1, -1.0, 1.0)
    other = parameters.theta((flipped, *rest))
    assert not np.array_equal(theta, other)
    one, two = (evaluate(posed.problem, at) for at in (theta, other))
    assert two.criterion == pytest.approx(one.criterion, rel=1e-14)
    assert np.allclose(np.abs(two.gradient), np.abs(one.gradient), rtol=1e-10, atol=1e-11)


def test_a_point_without_value_is_refused():
    posed = pose_model(MODELS["intercept"])
    with pytest.raises(np.linalg.LinAlgError):
        evaluate(posed.problem, np.array([np.nan]))
