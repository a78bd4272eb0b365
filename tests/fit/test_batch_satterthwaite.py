"""Degrees of freedom of many responses against lmerTest's, against each alone, and differences."""

import numpy as np
import pytest
from tests.fit.batch_cases import alone, simulated
from tests.reference_cases import case, fitted

from nestling.fit.batch import BatchSensitivity, ResponseBlocks
from nestling.fit.batch_one_factor import OneFactorBatch
from nestling.fit.batch_satterthwaite import batch_satterthwaite, degrees_of_freedom
from nestling.fit.batch_solve import solve_batch
from nestling.fit.criterion import profile
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows


def answers(fit, responses):
    """Degrees of freedom of the user's coefficients, (p, R)."""
    solution = fit.solution
    given = (solution.problem, fit.statistics)
    found = solve_batch(*given, solution.layout, responses, solution.point.theta)
    return batch_satterthwaite(*given, responses, found, fit.basis.transform[:-1, :-1])


# lmerTest differentiates numerically: 1e-4 is what its numbers are good for; a variance near
# zero makes them worse
@pytest.mark.parametrize(
    "name",
    ["seed_m2", "sleepstudy_intercept", "Oxboys_slope", "seed_m2_uncorr", "unbal_weights",
     "Machines_nested", "Penicillin", "seed_m1"],
)  # fmt: skip
def test_the_response_of_a_reference_case(name):
    fit = fitted(name)
    expected = np.array(case(name)["satterthwaite"]["coef"]["data"])[:, 2]
    y = fit.matrices.response[:, None]
    Zy, Xy, yy, _ = response_products(Rows.of(fit.matrices), fit.basis, y)
    assert answers(fit, ResponseBlocks(Zy, Xy, yy))[:, 0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["seed_m2_ml", "sleepstudy_slope", "Dyestuff2_reml", "seed_m2"])
def test_each_response_gets_what_it_gets_alone(name):
    from nestling.results.satterthwaite import sensitivity

    fit, responses = simulated(name, 5)
    Y, df = fit.simulate(5, 1), answers(fit, responses)
    for r in range(5):
        own = sensitivity(fit.refit(Y[:, r])).df(np.eye(len(df)))
        # both optima are within the tolerance of the search: 1e-9 in the criterion
        assert df[:, r] == pytest.approx(own, rel=1e-5)


@pytest.mark.parametrize("name", ["seed_m2", "seed_m2_ml", "sleepstudy_uncorr"])
def test_derivatives_by_differences(name):
    fit, responses = simulated(name, 1)
    problem = fit.solution.problem
    own, _ = alone(fit, responses, 0)
    theta = np.append(fit.solution.point.theta, 0.1)
    kernel = OneFactorBatch.of(problem, fit.statistics, responses)

    def criterion(parameters):
        """-2 log likelihood less its constants, sigma free."""
        roots = own.parameters.roots(parameters[:-1])
        _, square, _, profiled = profile(own, own.structure.factorise(roots))
        nu, variance = own.nu, np.exp(2.0 * parameters[-1])
        return profiled - nu * np.log(square) + nu * np.log(variance) + square / variance

    def unscaled(parameters):
        return kernel.value(np.arange(1), parameters[:, None]).unscaled[:, :, 0]

    # sigma where its slope is zero, as the formulas take it
    square = kernel.value(np.arange(1), theta[:-1, None]).square[0]
    theta[-1] = 0.5 * np.log(square / own.nu)
    found = kernel.sensitivity(np.arange(1), theta[:-1, None])
    steps = 1e-4 * np.eye(len(theta))
    numeric = [
        [
            criterion(theta + a + b) - criterion(theta + a - b)
            - criterion(theta - a + b) + criterion(theta - a - b)
            for a in steps
        ]
        for b in steps
    ]  # fmt: skip
    size = np.abs(found.hessian).max()
    # rounding of a criterion near 1e3 over 4e-8
    assert found.hessian[:, :, 0] == pytest.approx(np.array(numeric) / 4e-8, abs=1e-4 * size)
    N = found.unscaled[:, :, 0]
    for i, step in enumerate(steps[:-1, :-1]):
        slope = (unscaled(theta[:-1] + step) - unscaled(theta[:-1] - step)) / 2e-4
        G = np.empty_like(N)
        G[np.triu_indices(len(N))] = found.grams[i, :, 0]
        G = np.triu(G) + np.triu(G, 1).T
        moved = N @ G @ N
        assert moved == pytest.approx(slope, abs=1e-6 * np.abs(slope).max() + 1e-12)


def test_a_direction_without_information_is_held():
    hessian = np.diag([2.0, -1e-3, 4.0])[:, :, None] * np.ones(2)
    hessian[1, 1, 1] = 5.0
    grams = np.array([[[1.0, 1.0]], [[0.0, 0.0]]])
    df = degrees_of_freedom(BatchSensitivity(hessian, np.ones((1, 1, 2)), grams), np.array([[1.0]]))
    # v = 1, g = (1, 0, 2): g'H^-1 g = 1/2 + 1 in both
    assert df[0] == pytest.approx([2 / 3, 2 / 3], rel=1e-14)
