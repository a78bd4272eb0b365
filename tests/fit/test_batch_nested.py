"""The nested batched kernel against the nested structure, one response at a time."""

from dataclasses import replace

import numpy as np
import pytest
from tests.fit.batch_cases import alone, simulated

from nestling.fit.batch_nested import NestedBatch
from nestling.fit.batch_satterthwaite import _alone
from nestling.fit.criterion import evaluate
from nestling.fit.nested import Nested


@pytest.mark.parametrize("name", ["Pastes_nested", "threelevel_full", "Machines_nested"])
def test_value_and_derivatives_are_those_of_each_response(name):
    fit, responses = simulated(name, 2)
    problem, index = fit.solution.problem, np.arange(2)
    kernel = NestedBatch.of(problem, fit.statistics, responses)
    rng = np.random.default_rng(2)
    theta = fit.solution.point.theta[:, None] + 0.3 * rng.normal(size=(len(fit.theta), 2))
    point, value = kernel.point(index, theta), kernel.value(index, theta)
    for r in index:
        posed, statistics = alone(fit, responses, r)
        own = evaluate(replace(posed, structure=Nested.of(statistics)), theta[:, r])
        size = np.abs(own.hessian).max()
        assert point.criterion[r] == pytest.approx(own.criterion, rel=1e-12, abs=1e-11)
        assert value.criterion[r] == pytest.approx(own.criterion, rel=1e-12, abs=1e-11)
        assert point.gradient[:, r] == pytest.approx(own.gradient, abs=1e-11 * size)
        assert point.hessian[:, :, r] == pytest.approx(own.hessian, abs=1e-11 * size)
        assert value.beta[:, r] == pytest.approx(own.beta, rel=1e-9, abs=1e-12)
        size = np.abs(own.unscaled).max()
        assert value.unscaled[:, :, r] == pytest.approx(own.unscaled, abs=1e-10 * size)


@pytest.mark.parametrize("name", ["Pastes_nested", "threelevel_full"])
def test_complex_steps_give_the_exact_second_derivatives(name):
    fit, responses = simulated(name, 1)
    problem, theta = fit.solution.problem, fit.solution.point.theta[:, None]
    kernel = NestedBatch.of(problem, fit.statistics, responses)
    found = kernel.sensitivity(np.arange(1), theta)
    # the dense structure, whose Hessian is written out
    own = _alone(problem, fit.statistics, responses, theta[:, 0], 0)
    size = np.abs(own.hessian).max()
    assert found.hessian[:, :, 0] == pytest.approx(own.hessian, abs=1e-11 * size)
    size = np.abs(own.grams).max()
    assert found.grams[:, :, 0] == pytest.approx(own.grams, abs=1e-11 * size)


def test_three_levels_deep():
    import nestling as nl

    truth = nl.Population(
        "y ~ 1 + (1 | town) + (1 | school) + (1 | pupil)",
        fixed={"(Intercept)": 1.0},
        random={name: nl.cov([[1.0]]) for name in ("town", "school", "pupil")},
        residual=1.0,
    )
    data = truth.simulate(nl.nested(town=6, school=4, pupil=5, row=3), seed=2)
    fit = nl.lmer(truth.formula, data)
    Y = fit.simulate(8, seed=3)
    many = fit.refit(Y)
    for r in range(8):
        own = fit.refit(Y[:, r])
        assert many.criterion[r] <= own.criterion + 1e-8
        assert many.beta[r] == pytest.approx(own.fixef.to_numpy(), rel=1e-5)
