"""Starts: MIVQUE by its definition, and where it is the optimum itself."""

import numpy as np
import pytest

from brute_force import marginal
from builders import MODELS, fit_model, matrices, ones, pose_model, term
from hard_data import HARD
from nestling.fit.start import first_guess, second_guess


def mivque(posed, theta):
    """Solve tr(P V_i P V_l) phi_l = y'P V_i P y at a theta, by n x n matrices."""
    truth = marginal(posed, theta)
    units = posed.problem.parameters.units()
    V = [truth.direction(units, a) for a in range(len(theta))] + [np.eye(truth.n)]
    P, y = truth.P, truth.W[:, -1]
    PV = np.array([P @ each for each in V]).reshape(len(V), -1)
    VP = np.array([each @ P for each in V]).reshape(len(V), -1)
    moments = PV @ VP.T
    forms = np.array([y @ P @ a @ P @ y for a in V])
    solution = np.linalg.solve(moments, forms)
    return solution[:-1] / solution[-1]


def relative_variances(posed, theta):
    """Return the elements of Sigma in the order of theta."""
    return posed.problem.parameters.theta(
        tuple(T @ T.T for T in posed.problem.parameters.roots(theta))
    )


@pytest.mark.parametrize("name", list(MODELS))
def test_first_guess_is_mivque_at_no_variance(name):
    posed = pose_model(MODELS[name])
    parameters = posed.problem.parameters
    guess = first_guess(posed.statistics, parameters, posed.layout)
    expected = mivque(posed, np.zeros(len(parameters)))
    if guess.interior:
        assert relative_variances(posed, guess.theta) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", [*MODELS, "theta near 1800, all of it"])
def test_second_guess_is_mivque_where_it_is_told(name):
    posed = pose_model({**MODELS, **HARD}[name])
    parameters = posed.problem.parameters
    one = parameters.theta(tuple(np.eye(k) for k in parameters.widths))
    if not posed.problem.structure.exact:
        return
    for theta in (None, 2.0 * one):
        guess = second_guess(posed.problem, posed.layout, theta)
        expected = mivque(posed, one if theta is None else theta)
        if guess.interior:
            assert relative_variances(posed, guess.theta) == pytest.approx(expected, rel=1e-7)


def test_balanced_data_start_at_the_optimum():
    rng = np.random.default_rng(51)
    g = np.repeat(np.arange(12), 6)
    t = np.tile(np.arange(6.0), 12)
    y = rng.normal(size=12)[g] * 2.0 + t * (1.0 + rng.normal(size=12)[g]) + rng.normal(size=72)
    fit = fit_model(matrices(y, (ones(72), t), term("g", g, ones(72), t)))
    assert fit.evaluations == 1
    assert fit.status == "optimum"


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [("theta near 1800, all of it", 8), ("theta near 1800, year", 8), ("theta near 1800", 30)],
)
def test_a_drowned_residual_variance_is_found_again(name, evaluations):
    posed = pose_model(HARD[name])
    guess = first_guess(posed.statistics, posed.problem.parameters, posed.layout)
    assert guess.drowned
    assert fit_model(HARD[name]).evaluations <= evaluations


@pytest.mark.parametrize("name", ["zero variance", "correlation one", "zero variance of the slope"])
def test_a_guess_keeps_off_the_boundary(name):
    posed = pose_model(HARD[name])
    guess = first_guess(posed.statistics, posed.problem.parameters, posed.layout)
    (T,) = posed.problem.parameters.roots(guess.theta)
    assert np.linalg.eigvalsh(T @ T.T)[0] >= 0.99e-2
