"""Every parameter's coordinates: the way there and back, and the chain rule by differences."""

import numpy as np
import pytest

from builders import MODELS, STRUCTURES, arrangements, pose_model, theta_at
from nestling.fit.profile_coordinates import Correlation, Frame, Itself, Spread
from nestling.fit.profile_surface import Surface


def surfaces(posed):
    """A surface for sigma, a coefficient, and all SDs and correlations of odd combinations."""
    rng = np.random.default_rng(3)
    parameters = posed.problem.parameters
    coordinates = [Itself.residual(parameters)]
    if posed.problem.p:
        coordinates.append(Itself.coefficient(parameters, rng.normal(size=posed.problem.p)))
    for place in posed.layout.places:
        G = rng.normal(size=(place.width, place.width))
        for i in range(place.width):
            frame = Frame.of(parameters, place, G[[i]])
            coordinates.append(Spread(frame, len(parameters)))
            coordinates += [Correlation(Frame.of(parameters, place, G[[j, i]])) for j in range(i)]
    return [Surface(posed.problem, each, -5.0) for each in coordinates]


def near(surface, posed, kind="interior"):
    """Coordinates off the beaten track."""
    z = surface.optimum(theta_at(posed, kind), 0.2)
    return z + 0.1 * np.random.default_rng(4).normal(size=len(z))


@pytest.mark.parametrize("kind", ["interior", "rank one", "zero"])
@pytest.mark.parametrize("model", list(MODELS))
def test_way_there_and_back(model, kind):
    posed = pose_model(MODELS[model], reml=False)
    parameters, theta = posed.problem.parameters, theta_at(posed, kind)
    for surface in surfaces(posed):
        back = surface.theta(surface.optimum(theta))
        for T, S in zip(parameters.roots(theta), parameters.roots(back), strict=True):
            assert np.allclose(T @ T.T, S @ S.T, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize(("model", "structure"), arrangements())
def test_derivatives(model, structure):
    posed = pose_model(MODELS[model], reml=False, structure=STRUCTURES[structure])
    step = 1e-4
    for surface in surfaces(posed):
        z = near(surface, posed)
        found = surface.measure(z)
        direction = np.random.default_rng(5).normal(size=len(z))
        ahead, behind = (surface.measure(z + sign * step * direction) for sign in (1.0, -1.0))
        slope = (ahead.value - behind.value) / (2.0 * step)
        # an error of step^2 and third derivatives
        scale = float(np.abs(found.gradient).max())
        assert found.gradient @ direction == pytest.approx(slope, rel=1e-5, abs=1e-5 * scale)
        if not surface.problem.structure.exact:
            continue
        bend = (ahead.gradient - behind.gradient) / (2.0 * step)
        scale = float(np.abs(found.hessian).max())
        assert np.allclose(found.hessian @ direction, bend, rtol=0.0, atol=1e-5 * scale)


@pytest.mark.parametrize("model", ["slope", "three effects", "blocks", "crossed slopes"])
def test_coordinates_say_what_they_hold(model):
    """T_00 sigma is the SD of the frame's first effect; the angle's sine the correlation."""
    posed = pose_model(MODELS[model], reml=False)
    parameters = posed.problem.parameters
    for surface in surfaces(posed):
        frame = surface.coordinates.frame
        if frame is None:
            continue
        z = near(surface, posed)
        log_variance = z[len(parameters)]
        part = slice(frame.place.start, frame.place.start + frame.place.width)
        T = parameters.roots(surface.theta(z))[frame.place.factor][part, part]
        Sigma = frame.axes @ T @ T.T @ frame.axes.T
        if isinstance(surface.coordinates, Spread):
            held, expected = abs(z[surface.coordinates.index]), np.sqrt(Sigma[0, 0])
            expected *= np.exp(0.5 * log_variance)
        else:
            held = np.sin(z[surface.coordinates.index])
            expected = Sigma[1, 0] / np.sqrt(Sigma[0, 0] * Sigma[1, 1])
        assert held == pytest.approx(expected, rel=1e-10)


def test_an_sd_of_zero_takes_its_covariances_along():
    posed = pose_model(MODELS[("three effects")], reml=False)
    parameters = posed.problem.parameters
    for surface in surfaces(posed):
        if not isinstance(surface.coordinates, Spread):
            continue
        frame = surface.coordinates.frame
        z, free = surface.coordinates.at_bound(near(surface, posed))
        (T,) = parameters.roots(surface.theta(z))
        Sigma = frame.axes @ T @ T.T @ frame.axes.T
        assert np.abs(Sigma[0]).max() < 1e-15
        assert len(free) == len(z) - 3
        # the others' covariances stay as they were
        (before,) = parameters.roots(surface.theta(near(surface, posed)))
        unmoved = frame.axes @ before @ before.T @ frame.axes.T
        assert np.allclose(Sigma[1:, 1:], unmoved[1:, 1:], rtol=0.0, atol=1e-12)
