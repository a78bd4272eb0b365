"""Many responses together against one at a time, in the interior and on the boundary."""

import numpy as np
import pytest
from tests.fit.batch_cases import alone, simulated

from nestling.fit.batch_solve import solve_batch
from nestling.fit.solve import solve

CASES = [
    "seed_m2",
    "sleepstudy_uncorr",
    "sleepstudy_slope",
    "Dyestuff2_reml",
    "Machines_full",
    "Pastes_nested",
    "Penicillin",
]


@pytest.mark.parametrize("name", CASES)
def test_no_response_ends_above_its_own_optimum(name):
    fit, responses = simulated(name, 30, seed=7)
    solution = fit.solution
    found = solve_batch(
        solution.problem, fit.statistics, solution.layout, responses, solution.point.theta
    )
    for r in range(30):
        own = solve(*alone(fit, responses, r), solution.layout)
        assert found.criterion[r] <= own.point.criterion + 1e-8
        # a better optimum than the search from elsewhere found is no error
        if found.criterion[r] > own.point.criterion - 1e-6:
            assert found.status[r] == own.convergence.status


def test_the_start_does_not_decide_where_a_response_ends():
    fit, responses = simulated("seed_m2", 20, seed=3)
    solution = fit.solution
    given = (solution.problem, fit.statistics, solution.layout, responses)
    near = solve_batch(*given, solution.point.theta)
    for theta in ([0.0, 0.0, 0.0], [3.0, -2.0, 0.1]):
        far = solve_batch(*given, np.array(theta))
        assert far.criterion == pytest.approx(near.criterion, abs=1e-8)
        assert far.status == near.status
