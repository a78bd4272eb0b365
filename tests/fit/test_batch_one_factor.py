"""The batched kernel against the criterion of one response at a time."""

import numpy as np
import pytest
from tests.fit.batch_cases import alone, simulated

from nestling.fit.batch import in_pieces
from nestling.fit.batch_levels import ByClass, ByLevel
from nestling.fit.batch_one_factor import OneFactorBatch
from nestling.fit.criterion import evaluate

CASES = [
    ("seed_m2", ByLevel),
    ("seed_m2_ml", ByLevel),
    ("seed_m2_intercept", ByClass),
    ("sleepstudy_slope", ByClass),
    ("sleepstudy_uncorr", ByClass),
    ("Dyestuff2_reml", ByClass),
    ("Oxboys_quad", ByLevel),
    ("manylevels_slope", ByLevel),
]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_value_and_derivatives_are_those_of_each_response(name, form):
    fit, responses = simulated(name, 4)
    kernel = OneFactorBatch.of(fit.solution.problem, fit.statistics, responses)
    assert isinstance(kernel.sums, form)
    rng = np.random.default_rng(2)
    theta = fit.solution.point.theta[:, None] + 0.3 * rng.normal(size=(len(fit.theta), 4))
    point, value = kernel.point(np.arange(4), theta), kernel.value(np.arange(4), theta)
    for r in range(4):
        own = evaluate(alone(fit, responses, r)[0], theta[:, r])
        # sums of a thousand logarithms: 1e-12 of the largest
        assert point.criterion[r] == pytest.approx(own.criterion, rel=1e-12, abs=1e-11)
        assert value.criterion[r] == pytest.approx(own.criterion, rel=1e-12, abs=1e-11)
        size = np.abs(own.hessian).max()
        assert point.gradient[:, r] == pytest.approx(own.gradient, abs=1e-11 * size)
        assert point.hessian[:, :, r] == pytest.approx(own.hessian, abs=1e-11 * size)
        assert value.square[r] == pytest.approx(own.square, rel=1e-11)
        assert value.beta[:, r] == pytest.approx(own.beta, rel=1e-9, abs=1e-12)
        size = np.abs(own.unscaled).max()
        assert value.unscaled[:, :, r] == pytest.approx(own.unscaled, abs=1e-10 * size)


def test_forms_at_one_theta_are_the_gradients_data_part():
    fit, responses = simulated("seed_m2", 3)
    problem = fit.solution.problem
    kernel = OneFactorBatch.of(problem, fit.statistics, responses)
    theta = fit.solution.point.theta[:, None]
    forms, square = kernel.forms(np.arange(3), theta)
    for r in range(3):
        own, _ = alone(fit, responses, r)
        point = evaluate(own, theta[:, 0])
        e = np.einsum("kcj,c->kj", point.factorisation.ZVW[0], np.append(-point.beta, 1.0))
        E = e @ e.T
        assert forms[:, r] == pytest.approx([E[0, 0], 2.0 * E[1, 0], E[1, 1]], rel=1e-9)
        assert square[r] == pytest.approx(point.square, rel=1e-12)


def test_a_theta_without_a_criterion_is_infinite_and_leaves_the_others_alone():
    fit, responses = simulated("seed_m2", 2)
    kernel = OneFactorBatch.of(fit.solution.problem, fit.statistics, responses)
    good = fit.solution.point.theta
    value = in_pieces(kernel.value, np.arange(2), np.column_stack([good, good * 1e200]), 16)
    assert np.isfinite(value.criterion[0])
    assert value.criterion[1] == np.inf
