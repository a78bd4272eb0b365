"""The optimum: never above what many starts find, in few evaluations, whatever the units."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import MODELS, fit_model, matrices, ones, pose_model, solve_model, take, term
from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at
from strategies import data_sets, random_data

quick = settings(max_examples=12, deadline=None, derandomize=True)


def many_starts(posed, starts=3):
    """The lowest criterion that quasi-Newton searches find."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(91)
    size = len(posed.problem.parameters)

    def function(theta):
        point = evaluate(posed.problem, theta)
        return point.criterion, point.gradient

    thetas = [rng.normal(size=size) * scale for scale in np.geomspace(0.2, 2.0, starts)]
    return min(
        minimize(function, theta, jac=True, method="BFGS", options={"gtol": 1e-7}).fun
        for theta in thetas
    )


def test_often_singular_data():
    """Twenty-five data sets: no other start ends lower, and none takes long."""
    evaluations = {True: [], False: []}
    for seed in range(25):
        fit = fit_model(random_data(seed), reml=seed % 3 > 0)
        assert fit.status.startswith("optimum")
        assert fit.criterion < many_starts(fit.posed) + 1e-7
        evaluations["boundary" in fit.status].append(fit.evaluations)
    assert min(map(len, evaluations.values())) >= 5
    assert np.mean(evaluations[True]) <= 20
    assert np.mean(evaluations[False]) <= 9


def test_well_behaved_data_take_few_evaluations():
    counts = []
    for seed in range(20):
        rng = np.random.default_rng([92, seed])
        J, k = int(rng.integers(20, 60)), int(rng.integers(1, 4))
        g = rng.permutation(np.repeat(np.arange(J), 12))
        z = [ones(12 * J), *rng.normal(size=(k - 1, 12 * J))]
        y = rng.normal(size=12 * J) + sum(c * rng.normal(size=J)[g] for c in z)
        fit = fit_model(matrices(y, tuple(z), term("g", g, *z)))
        assert fit.status == "optimum"
        counts.append(fit.evaluations)
    assert np.mean(counts) <= 6


@pytest.mark.parametrize("name", ["slope", "crossed slopes", "nested three deep, slopes"])
def test_the_trace_is_what_happened(name):
    fit = fit_model(MODELS[name])
    trace = fit.solution.convergence.trace
    assert len(trace) == fit.evaluations
    for theta, criterion in trace:
        assert criterion_at(fit.posed.problem, theta) == pytest.approx(criterion, rel=1e-12)
    assert fit.criterion <= min(criterion for _, criterion in trace) * (1.0 + 1e-11)
    assert np.abs(fit.solution.convergence.gradient).max() < 1e-4


def test_an_optimum_is_a_start_that_needs_no_search():
    for given_ in MODELS.values():
        fit = fit_model(given_)
        again = solve_model(fit.posed, fit.solution.point.theta)
        assert again.evaluations <= 3
        assert again.criterion == pytest.approx(fit.criterion, rel=1e-13)


def same_fit(one, two, scale=1e-6):
    """Whether two fits agree on all that does not depend on coordinates."""
    assert two.criterion == pytest.approx(one.criterion, rel=1e-9, abs=1e-7)
    # a criterion flat to 1e-9 leaves the square root of that to variances near zero
    spread = one.estimates.sigma**2
    for first, second in zip(one.estimates.covariances, two.estimates.covariances, strict=True):
        assert np.allclose(first, second, rtol=10 * scale, atol=10 * scale * spread)
    assert two.estimates.beta == pytest.approx(one.estimates.beta, rel=scale, abs=scale)
    assert two.estimates.vcov == pytest.approx(one.estimates.vcov, rel=10 * scale, abs=scale)


@quick
@given(data_sets(), st.integers(0, 2**32))
def test_order_of_rows(data, seed):
    order = np.random.default_rng(seed).permutation(len(data.response))
    same_fit(fit_model(data), fit_model(take(data, order)))


@quick
@given(data_sets(), st.integers(0, 2**32))
def test_names_of_levels(data, seed):
    rng = np.random.default_rng(seed)
    renamed = {}
    for each in data.random:
        if each.group not in renamed:
            renamed[each.group] = rng.permutation(len(each.levels))
    other = replace(
        data,
        random=tuple(replace(each, codes=renamed[each.group][each.codes]) for each in data.random),
    )
    same_fit(fit_model(data), fit_model(other))


@quick
@given(data_sets(), st.floats(-8.0, 8.0), st.floats(-1e4, 1e4))
def test_units_of_the_response(data, exponent, shift):
    """f moves by 2 nu log(scale); everything scales; a shift moves the intercept alone."""
    scale = 10.0**exponent
    fit = fit_model(data)
    other = fit_model(replace(data, response=scale * (data.response + shift)))
    moved = fit.criterion + 2.0 * fit.posed.problem.nu * np.log(scale)
    assert other.criterion == pytest.approx(moved, rel=1e-9, abs=1e-7)
    assert other.estimates.sigma == pytest.approx(scale * fit.estimates.sigma, rel=1e-6)
    expected = fit.estimates.beta + np.where(np.arange(len(fit.estimates.beta)) == 0, shift, 0.0)
    se = np.sqrt(np.diag(fit.estimates.vcov))
    assert np.abs(other.estimates.beta / scale - expected).max() < 1e-5 * se.max()


@quick
@given(data_sets(), st.floats(-6.0, 6.0), st.floats(-1e5, 1e5))
def test_units_and_origin_of_a_covariate(data, exponent, shift):
    """ML does not see a change of x in X and in terms with an intercept; REML sees its scale."""
    full = all(len(term_.columns) > 1 or term_.columns[0].strides == (0,) for term_ in data.random)
    scale, move = 10.0**exponent, (shift if full else 0.0)

    def changed(column):
        return column if column.strides == (0,) else scale * (column + move)

    other = replace(
        data,
        columns=tuple(map(changed, data.columns)),
        random=tuple(
            replace(term_, columns=tuple(map(changed, term_.columns))) for term_ in data.random
        ),
    )
    before, after = fit_model(data, reml=False), fit_model(other, reml=False)
    assert after.criterion == pytest.approx(before.criterion, rel=1e-9, abs=1e-7)
    slopes = [j for j, column in enumerate(data.columns) if column.strides != (0,)]
    se = np.sqrt(np.diag(before.estimates.vcov))
    for j in slopes:
        found = scale * after.estimates.beta[j]
        assert found == pytest.approx(before.estimates.beta[j], abs=1e-5 * se[j])
    reml = [fit_model(each).criterion for each in (data, other)]
    expected = reml[0] + 2.0 * len(slopes) * np.log(scale)
    assert reml[1] == pytest.approx(expected, rel=1e-9, abs=1e-7)


@quick
@given(data_sets())
def test_order_of_effects_and_terms(data):
    fit = fit_model(data)
    backwards = tuple(
        replace(each, columns=each.columns[::-1], names=each.names[::-1]) for each in data.random
    )
    other = fit_model(replace(data, random=backwards[::-1]))
    assert other.criterion == pytest.approx(fit.criterion, rel=1e-9, abs=1e-7)
    for one, two in zip(fit.estimates.covariances, other.estimates.covariances[::-1], strict=True):
        spread = fit.estimates.sigma**2
        assert np.allclose(one, two[::-1, ::-1], rtol=1e-5, atol=1e-5 * spread)


@quick
@given(data_sets(), st.integers(0, 2**32))
def test_units_of_the_weights(data, seed):
    """Weights a thousand times as large mean a residual variance a thousand times as large."""
    weights = np.random.default_rng(seed).uniform(0.5, 2.0, len(data.response))
    posed = pose_model(replace(data, weights=weights), reml=False)
    thousandfold = pose_model(replace(data, weights=1e3 * weights), reml=False)
    one, two = solve_model(posed), solve_model(thousandfold)
    assert two.criterion == pytest.approx(one.criterion, rel=1e-9, abs=1e-7)
    assert two.estimates.sigma == pytest.approx(one.estimates.sigma * 1e3**0.5, rel=1e-6)
    assert two.estimates.beta == pytest.approx(one.estimates.beta, rel=1e-5, abs=1e-6)
