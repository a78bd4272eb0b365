"""The quadratic model around a point of a profile, and what a point knows."""

import numpy as np
import pytest

from nestling.fit.profile_surface import Measured, Slice
from nestling.fit.profile_trace import Model, Trace


def point(hessian, gradient, theta=(0.0, 0.0)):
    """A measured point with these derivatives."""
    hessian, gradient, theta = map(np.array, (hessian, gradient, theta))
    return Slice(theta, 5.0, gradient, hessian, Measured(theta, 5.0, gradient, hessian))


@pytest.mark.parametrize(
    ("hessian", "gradient", "step", "promise"),
    [
        ([[2.0, 0.0], [0.0, 4.0]], [2.0, -4.0], [-1.0, 1.0], 3.0),
        ([[2.0, 0.0], [0.0, 0.0]], [2.0, 0.0], [-1.0, 0.0], 1.0),  # flat, and level: stand still
        ([[2.0, 0.0], [0.0, 0.0]], [2.0, 1e-3], [0.0, 0.0], np.inf),  # flat, but falling
        ([[2.0, 0.0], [0.0, -1.0]], [2.0, 0.0], [0.0, 0.0], np.inf),  # a saddle
        ([[2.0, 0.0], [0.0, 1e-3]], [0.0, 1.0], [0.0, 0.0], np.inf),  # out of reach
    ],
)
def test_model(hessian, gradient, step, promise):
    model = Model.of(point(hessian, gradient))
    assert np.allclose(model.step, step, rtol=1e-14)
    assert model.promise == pytest.approx(promise)


def test_model_of_nothing():
    model = Model.of(point(np.zeros((0, 0)), np.zeros(0), np.zeros(0)))
    assert model.promise == 0.0
    assert model.step.shape == (0,)


def test_solve_stands_still_where_there_is_no_curvature():
    model = Model.of(point([[2.0, 0.0], [0.0, 0.0]], [0.0, 0.0]))
    assert np.allclose(model.solve(np.array([1.0, 1.0])), [0.5, 0.0])


@pytest.mark.parametrize(
    ("value", "promise", "expected"),
    [
        (9.0, 0.0, True),
        (9.0, 1e-3, False),  # not measured well enough to say so
        (10.0 - 1e-9, 0.0, False),  # rounding
        (11.0, 0.0, False),
    ],
)
def test_undercuts(value, promise, expected):
    trace = Trace(np.array([0.3, 0.7]), 1, value, 0.0, 1.0, np.array([0.0, 1.0]), promise)
    assert trace.undercuts(10.0) is expected
    assert trace.parameter == 0.7
    assert trace.zeta(10.0) == pytest.approx(np.sqrt(max(value - 10.0, 0.0)))
