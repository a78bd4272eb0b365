"""The trust-region step by its definition, and the search on functions of the textbooks."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestling.arrays import FloatArray
from nestling.fit.newton import minimise, trust_region_step


@dataclass(frozen=True, slots=True)
class Point:
    theta: FloatArray
    criterion: float
    gradient: FloatArray
    hessian: FloatArray


@st.composite
def quadratics(draw):
    """A model of any signature, its gradient anywhere or across the lowest curvature."""
    m = draw(st.integers(1, 7))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = rng.normal(size=m) * 10.0 ** draw(st.integers(-4, 4))
    values[: draw(st.integers(0, m))] = draw(st.sampled_from([0.0, 1.0, -1.0]))
    vectors = np.linalg.qr(rng.normal(size=(m, m)))[0]
    slope = rng.normal(size=m) * 10.0 ** draw(st.integers(-4, 4))
    if draw(st.booleans()):
        slope[np.argmin(values)] = 0.0
    radius = 10.0 ** draw(st.integers(-3, 3))
    return vectors @ np.diag(values) @ vectors.T, vectors @ slope, radius


@settings(max_examples=150, deadline=None, derandomize=True)
@given(quadratics())
def test_step_is_the_constrained_minimiser(problem):
    hessian, gradient, radius = problem
    step, promise = trust_region_step(hessian, gradient, radius)
    # the boundary is met to 1e-3 of the radius, which costs as much of the decrease
    assert np.linalg.norm(step) <= 1.001 * radius
    size = radius * np.linalg.norm(gradient) + radius**2 * np.linalg.norm(hessian)
    assert promise == pytest.approx(
        -(gradient @ step + 0.5 * step @ hessian @ step), abs=1e-12 * size
    )
    assert promise >= 0.0
    rng = np.random.default_rng(0)
    others = rng.normal(size=(1000, len(gradient)))
    others *= radius * rng.uniform(size=(1000, 1)) / np.linalg.norm(others, axis=1)[:, None]
    vectors = radius * np.linalg.eigh(hessian)[1].T
    others = np.concatenate([others, vectors, -vectors])
    best = max(-(others @ gradient + 0.5 * np.einsum("ri,ij,rj->r", others, hessian, others)))
    assert promise >= best - 3e-3 * abs(best) - 1e-9 * size


@pytest.mark.parametrize(
    ("hessian", "gradient", "step"),
    [
        ([[2.0, 0.0], [0.0, 4.0]], [2.0, -4.0], [-1.0, 1.0]),  # inside
        ([[2.0, 0.0], [0.0, 4.0]], [0.0, 0.0], [0.0, 0.0]),  # nothing to gain
        ([[1.0, 0.0], [0.0, 0.0]], [1.0, 0.0], [-1.0, 0.0]),  # flat where there is no slope
        ([[-1.0, 0.0], [0.0, 3.0]], [0.0, 0.0], [5.0, 0.0]),  # a saddle
        ([[-1.0, 0.0], [0.0, 3.0]], [0.0, 16.0], [3.0, -4.0]),  # the hard case
        ([[0.0, 0.0], [0.0, 0.0]], [3.0, 4.0], [-3.0, -4.0]),  # a slope alone
    ],
)
def test_known_steps(hessian, gradient, step):
    found, _ = trust_region_step(np.array(hessian), np.array(gradient), 5.0)
    # which way along a curvature without slope is a matter of taste
    assert np.abs(found) == pytest.approx(np.abs(step), rel=2e-3, abs=1e-12)


def squares(residuals, jacobian, curvature=None):
    """Half a sum of squares; without `curvature` the Hessian is Gauss and Newton's."""

    def evaluate(theta):
        r, J = residuals(theta), jacobian(theta)
        hessian = J.T @ J
        if curvature is not None:
            hessian = hessian + curvature(theta, r)
        return Point(theta, 0.5 * float(r @ r), J.T @ r, hessian)

    return evaluate


def _rosenbrock(exact):
    def residuals(x):
        return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])

    def jacobian(x):
        m = len(x) - 1
        J = np.zeros((2 * m, m + 1))
        J[np.arange(m), np.arange(m)] = -20.0 * x[:-1]
        J[np.arange(m), np.arange(m) + 1] = 10.0
        J[m + np.arange(m), np.arange(m)] = -1.0
        return J

    def curvature(x, r):
        return np.diag(np.append(-20.0 * r[: len(x) - 1], 0.0))

    return squares(residuals, jacobian, curvature if exact else None)


def _beale():
    c = np.array([1.5, 2.25, 2.625])
    i = np.arange(1, 4)

    def jacobian(x):
        return np.column_stack([-(1.0 - x[1] ** i), x[0] * i * x[1] ** (i - 1)])

    def curvature(x, r):
        cross = float(r @ (i * x[1] ** (i - 1)))
        own = float(r @ (x[0] * i * (i - 1) * x[1] ** np.maximum(i - 2, 0)))
        return np.array([[0.0, cross], [cross, own]])

    return squares(lambda x: c - x[0] * (1.0 - x[1] ** i), jacobian, curvature)


def _powell():
    """Singular Hessian at the optimum."""

    def residuals(x):
        a, b, c, d = x
        return np.array(
            [a + 10 * b, np.sqrt(5) * (c - d), (b - 2 * c) ** 2, np.sqrt(10) * (a - d) ** 2]
        )

    def jacobian(x):
        a, b, c, d = x
        s, t = 2 * (b - 2 * c), 2 * np.sqrt(10) * (a - d)
        return np.array(
            [[1, 10, 0, 0], [0, 0, np.sqrt(5), -np.sqrt(5)], [0, s, -2 * s, 0], [t, 0, 0, -t]]
        )

    def curvature(x, r):
        one, two = np.array([0, 1.0, -2.0, 0]), np.array([1.0, 0, 0, -1.0])
        return 2 * r[2] * np.outer(one, one) + 2 * np.sqrt(10) * r[3] * np.outer(two, two)

    return squares(residuals, jacobian, curvature)


def _saddle(theta):
    """x^2 - y^2 + y^4: stationary at the origin, lowest at y^2 = 1/2."""
    x, y = theta
    return Point(
        theta,
        float(x**2 - y**2 + y**4),
        np.array([2 * x, -2 * y + 4 * y**3]),
        np.diag([2.0, -2.0 + 12 * y**2]),
    )


def _barrier(theta):
    """x - log x, without value at x <= 0."""
    (x,) = theta
    if x <= 0.0:
        raise np.linalg.LinAlgError("no value here")
    return Point(theta, float(x - np.log(x)), 1.0 - 1.0 / theta, np.array([[1.0 / x**2]]))


def _cosh(theta):
    """Newton's own steps diverge from afar."""
    return Point(
        theta,
        float(np.log(np.cosh(theta)).sum()),
        np.tanh(theta),
        np.diag(1.0 / np.cosh(theta) ** 2),
    )


@pytest.mark.parametrize(
    ("function", "start", "minimum", "evaluations"),
    [
        (_rosenbrock(exact=True), [-1.2, 1.0], 0.0, 30),
        (_rosenbrock(exact=True), [-1.2, 1.0, 0.8, -0.5, 1.5, 0.2], 0.0, 40),
        (_beale(), [1.0, 1.0], 0.0, 15),
        (_powell(), [3.0, -1.0, 0.0, 1.0], 0.0, 25),
        (_saddle, [0.0, 0.0], -0.25, 12),
        (_saddle, [2.0, 0.0], -0.25, 12),
        (_saddle, [0.3, 1e-9], -0.25, 12),
        (_barrier, [0.01], 1.0, 20),
        (_barrier, [30.0], 1.0, 20),
        (_cosh, [5.0, -8.0], 0.0, 20),
        (_cosh, [0.0, 0.0], 0.0, 1),
    ],
)
def test_textbook_functions(function, start, minimum, evaluations):
    best, path = minimise(function, function(np.array(start)), tolerance=1e-10)
    assert path.converged
    assert best.criterion == pytest.approx(minimum, abs=1e-9)
    assert best.criterion == min(path.criteria)
    assert len(path.thetas) == len(path.criteria) <= evaluations


def test_approximate_second_derivatives():
    function = _rosenbrock(exact=False)
    best, path = minimise(function, function(np.array([-1.2, 1.0])), tolerance=1e-10, exact=False)
    assert path.converged
    assert best.theta == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_limit_of_evaluations_is_kept_and_told():
    function = _rosenbrock(exact=True)
    best, path = minimise(
        function, function(np.array([-1.2, 1.0])), tolerance=1e-10, max_evaluations=5
    )
    assert not path.converged
    assert len(path.criteria) == 5
    assert best.criterion == min(path.criteria)


def test_no_value_anywhere_else_ends_the_search():
    def nowhere(theta):
        raise np.linalg.LinAlgError("no value here")

    start = Point(np.zeros(2), 1.0, np.ones(2), np.eye(2))
    best, path = minimise(nowhere, start, tolerance=1e-10)
    assert best is start
    assert not path.converged
    assert all(value == np.inf for value in path.criteria[1:])


def test_rounding_of_the_criterion_does_not_stop_the_search():
    """A criterion of 1e6 carries 1e-10 of noise, more than the last steps promise."""
    rng = np.random.default_rng(8)

    def noisy(theta):
        value = 1e6 + float(theta @ theta) + 1e-10 * rng.normal()
        return Point(theta, value, 2.0 * theta + 1e-9 * rng.normal(size=2), 2.0 * np.eye(2))

    best, path = minimise(noisy, noisy(np.array([3.0, -2.0])), tolerance=1e-9)
    assert path.converged
    assert np.abs(best.theta).max() < 1e-8
