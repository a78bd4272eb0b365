"""Where each element of theta stands."""

from dataclasses import replace

import numpy as np
import pytest

from builders import MODELS, pose_model, theta_at
from nestling.fit.criterion import evaluate
from nestling.fit.theta_map import ThetaMap
from nestling.linalg.factor import lower_root
from nestling.statistics.layout import Layout, Place

LAYOUTS = [
    (Layout((Place(0, 0, 1),), (1,), ((0,),)), [[[1]]]),
    (Layout((Place(0, 0, 2),), (2,), ((0,),)), [[[1, 0], [2, 3]]]),
    (
        Layout((Place(0, 0, 3),), (3,), ((0,),)),
        [[[1, 0, 0], [2, 4, 0], [3, 5, 6]]],  # column by column, as lme4
    ),
    (
        Layout((Place(0, 0, 1), Place(0, 1, 1)), (2,), ((0, 1),)),
        [[[1, 0], [0, 2]]],  # (1 | g) + (0 + x | g)
    ),
    (
        Layout((Place(0, 0, 2), Place(1, 0, 1), Place(0, 2, 1)), (3, 1), ((0, 2), (1,))),
        [[[1, 0, 0], [2, 3, 0], [0, 0, 5]], [[4]]],
    ),
]


@pytest.mark.parametrize(("layout", "roots"), LAYOUTS)
def test_places(layout, roots):
    parameters = ThetaMap.of(layout)
    theta = np.arange(1.0, len(parameters) + 1.0)
    found = parameters.roots(theta)
    assert [T.tolist() for T in found] == roots
    assert parameters.theta(found).tolist() == theta.tolist()
    assert parameters.widths == layout.widths


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", list(MODELS))
def test_directions_are_derivatives_of_the_covariances(name, turned):
    posed = pose_model(MODELS[name])
    parameters = posed.problem.parameters
    if turned:
        roots = parameters.roots(theta_at(posed, "interior"))
        parameters = parameters.turned(posed.layout, roots)
    rng = np.random.default_rng(61)
    theta, step = rng.normal(size=(2, len(parameters)))

    def Sigma(at):
        return [T @ T.T for T in parameters.roots(at)]

    for E, ahead, behind in zip(
        parameters.directions(parameters.roots(theta)),
        Sigma(theta + 0.5 * step),
        Sigma(theta - 0.5 * step),
        strict=True,
    ):
        # Sigma is quadratic: central differences are exact
        assert np.allclose(np.einsum("m,mab->ab", step, E), ahead - behind, atol=1e-13)
    for unit, k in zip(parameters.units(), parameters.widths, strict=True):
        assert unit.shape == (len(parameters), k, k)
        assert np.array_equal(unit, unit.transpose(0, 2, 1))


@pytest.mark.parametrize("point", ["interior", "rank one", "zero", "large"])
@pytest.mark.parametrize("name", list(MODELS))
def test_turned_axes_change_the_coordinates_alone(name, point):
    posed = pose_model(MODELS[name])
    theta = theta_at(posed, point)
    parameters = posed.problem.parameters
    turned = parameters.turned(posed.layout, parameters.roots(theta))
    inside = turned.triangular(parameters.roots(theta))
    for T, L in zip(parameters.roots(theta), turned.roots(inside), strict=True):
        size = max(1e-300, float(np.abs(T).max()))
        assert np.allclose(L @ L.T, T @ T.T, rtol=0.0, atol=1e-13 * size**2)
    back = parameters.triangular(turned.roots(inside))
    for T, L in zip(parameters.roots(theta), parameters.roots(back), strict=True):
        assert np.allclose(np.abs(lower_root(T)), np.abs(L), atol=1e-7 * max(1.0, np.abs(T).max()))
    one = evaluate(posed.problem, theta)
    two = evaluate(replace(posed.problem, parameters=turned), inside)
    assert two.criterion == pytest.approx(one.criterion, rel=1e-11)
    for D, same in zip(one.slopes, two.slopes, strict=True):
        assert np.allclose(D, same, rtol=1e-6, atol=1e-8 * max(1.0, np.abs(D).max()))
    # longest axis first
    for place in posed.layout.places:
        part = slice(place.start, place.start + place.width)
        root = turned.frames[place.factor].T @ turned.roots(inside)[place.factor]
        lengths = np.abs(np.diag(root)[part])
        assert (np.diff(lengths) <= 1e-12 * lengths.max(initial=1.0)).all()


@pytest.mark.parametrize("name", ["three effects", "crossed slopes"])
def test_derivatives_in_turned_axes(name):
    posed = pose_model(MODELS[name])
    parameters = posed.problem.parameters
    roots = parameters.roots(theta_at(posed, "interior"))
    turned = parameters.turned(posed.layout, roots)
    problem = replace(posed.problem, parameters=turned)
    rng = np.random.default_rng(62)
    theta = turned.triangular(roots) + 0.1 * rng.normal(size=len(turned))
    direction = 1e-4 * rng.normal(size=len(turned))
    ahead, behind = (evaluate(problem, theta + s * direction) for s in (1.0, -1.0))
    here = evaluate(problem, theta)
    assert 2.0 * here.gradient @ direction == pytest.approx(
        ahead.criterion - behind.criterion, rel=1e-6
    )
    assert 2.0 * here.hessian @ direction == pytest.approx(
        ahead.gradient - behind.gradient, rel=1e-5, abs=1e-8
    )
