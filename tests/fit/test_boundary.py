"""Saddles are left, true optima on the boundary are certified."""

import numpy as np
import pytest

from builders import MODELS, fit_model, matrices, ones, pose_model, solve_model, term, theta_at
from hard_data import HARD
from nestling.fit.boundary import certify, snapped
from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at
from nestling.linalg.factor import lower_root

BOUNDARY = [
    "zero variance",
    "zero variance of the slope",
    "correlation one, year",
    "calendar year and its square in Z",
    "timestamps, ||",
]


@pytest.mark.parametrize("point", ["zero", "zero variance", "rank one"])
@pytest.mark.parametrize("name", list(MODELS))
def test_a_singular_start_that_is_no_optimum_is_left(name, point):
    fit = fit_model(MODELS[name])
    other = solve_model(fit.posed, theta_at(fit.posed, point))
    assert other.criterion == pytest.approx(fit.criterion, rel=1e-11)
    assert other.status == fit.status


@pytest.mark.parametrize("point", ["zero", "zero variance"])
@pytest.mark.parametrize("name", list(MODELS))
def test_the_escape_leads_down(name, point):
    posed = pose_model(MODELS[name])
    here = evaluate(posed.problem, theta_at(posed, point))
    certificate = certify(posed.problem, posed.layout, here)
    assert any(certificate.singular)
    if certificate.escape is not None:
        ahead = certificate.escape
        assert criterion_at(posed.problem, ahead) < here.criterion


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", BOUNDARY)
def test_boundary_optima_are_certified(name, reml):
    fit = fit_model(HARD[name], reml=reml)
    assert fit.status == "optimum on the boundary"
    # no step to the inside goes down, in any direction of the relative covariances
    problem, theta = fit.posed.problem, fit.solution.point.theta
    roots = problem.parameters.roots(theta)
    rng = np.random.default_rng(41)
    for size in (1e-3, 1e-2, 0.1):
        for _ in range(5):
            grown = tuple(
                lower_root(np.column_stack([T, size * rng.normal(size=T.shape)])) for T in roots
            )
            ahead = problem.parameters.theta(grown)
            assert criterion_at(problem, ahead) > fit.criterion - 1e-9


def _almost_no_variance(share):
    """One-way data whose optimum moves from zero outwards as `share` grows from 0 to 1."""
    rng = np.random.default_rng(42)
    g = np.repeat(np.arange(8), 5)
    noise = rng.normal(size=40)
    noise -= np.bincount(g, noise)[g] / 5.0
    effect = rng.normal(size=8)[g]
    given = term("g", g, ones(40))
    return matrices(noise + share * (effect - effect.mean()), (ones(40),), given)


def test_an_optimum_a_hair_off_the_boundary():
    """Where zero and the optimum differ by rounding alone, either will do, but it is settled."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        theta = fit_model(_almost_no_variance(middle)).solution.point.theta[0]
        low, high = (middle, high) if abs(theta) < 5e-4 else (low, middle)
    for share in (low, high, low * (1.0 + 1e-7), low * (1.0 + 1e-6), low * (1.0 + 1e-5)):
        fit = fit_model(_almost_no_variance(share))
        assert fit.status.startswith("optimum")
        assert fit.evaluations < 60


@pytest.mark.parametrize(
    ("theta", "expected"),
    [
        ([0.5, 0.2, 0.3], None),
        ([0.5, 0.2, 0.0], None),
        ([0.5, 0.2, 1e-4], [0.5, 0.2, 0.0]),
        ([-0.5, 0.2, 1e-4], [0.5, -0.2, 0.0]),
        ([1e-4, 0.0, 1e-5], [0.0, 0.0, 0.0]),
        ([1e-5, 0.4, 0.0], None),  # of rank one already
    ],
)
def test_snapping(theta, expected):
    posed = pose_model(MODELS["slope"])
    found = snapped(posed.problem, posed.layout, np.array(theta))
    if expected is None:
        assert found is None
    else:
        # what is set to zero takes its share of the other elements with it
        assert found == pytest.approx(expected, abs=2e-4)
        assert found[-1] == pytest.approx(0.0, abs=1e-15)
