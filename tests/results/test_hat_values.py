from dataclasses import replace

import numpy as np
import pytest

import nestling as nl
from nestling.fit.criterion import evaluate
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.nested import Nested
from nestling.statistics.rows import Rows
from reference_cases import case, fitted, names

ENTRIES = {
    "hatvalues": lambda fit: fit.hatvalues(),
    "rstudent": lambda fit: fit.residuals("studentised"),
    "cooks_distance": lambda fit: fit.cooks_distance(),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("name", names("lmer", "hatvalues"))
def test_values_of_lme4(name, entry):
    """README: hat values and Cook's distances to 1e-6 of the spread of the quantity."""
    values = ENTRIES[entry](fitted(name))
    expected = case(name)[entry]
    # balanced designs have leverages that are all but equal: their size is the scale then
    scale = max(values.std(), 1e-3 * np.abs(values).max())
    if isinstance(expected, list):
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-6 * scale)
        return
    assert len(values) == expected["n"]
    first, last = np.array(expected["first"]), np.array(expected["last"])
    np.testing.assert_allclose(values[: len(first)], first, rtol=0, atol=1e-6 * scale)
    np.testing.assert_allclose(values[-len(last) :], last, rtol=0, atol=1e-6 * scale)
    np.testing.assert_allclose((values**2).sum(), expected["sumsq"], rtol=1e-6)
    for quantity in ("min", "max"):
        found = getattr(values, quantity)()
        np.testing.assert_allclose(found, expected[quantity], rtol=0, atol=1e-6 * scale)


def _dense(fit):
    """V and X over the rows, weighted, as full matrices."""
    rows, estimates = Rows.of(fit.matrices), fit.estimates
    everything = slice(0, rows.n)
    V = np.eye(rows.n)
    for term, (random, T) in enumerate(zip(fit.matrices.random, estimates.roots, strict=True)):
        Z = rows.random(term, everything)
        V += (random.codes[:, None] == random.codes) * (Z.T @ T @ T.T @ Z)
    return V, rows.fixed(everything)[fit.basis.kept].T


def _nested_frame(rng):
    top = np.repeat(np.arange(40), 12)
    middle = np.arange(480) // 3
    x = rng.normal(size=480)
    y = x + rng.normal(size=40)[top] + x * rng.normal(size=160)[middle]
    y += rng.normal(size=160)[middle]
    order = rng.permutation(480)
    frame = {"y": y + rng.normal(size=480), "x": x, "a": top, "b": middle}
    frame["w"] = rng.uniform(0.5, 2.0, size=480)
    return {name: column[order] for name, column in frame.items()}


def _crossed_frame(rng):
    n = 800
    a, b, c = rng.integers(0, 160, n), rng.integers(0, 40, n), rng.integers(0, 7, n)
    x = rng.normal(size=n)
    y = 1 + x + (1 + 0.5 * x) * rng.normal(size=160)[a] + rng.normal(size=40)[b]
    y += 0.5 * rng.normal(size=7)[c] + rng.normal(size=n)
    return {"y": y, "x": x, "a": a, "b": b, "c": c, "w": rng.uniform(0.5, 2.0, size=n)}


def _arranged(fit, structure):
    """Evaluate a fit at its optimum in a structure of choice."""
    solution = fit.solution
    problem = replace(solution.problem, structure=structure.of(fit.statistics))
    point = evaluate(problem, solution.point.theta)
    return replace(fit, solution=replace(solution, problem=problem, point=point))


@pytest.fixture(scope="module")
def large():
    rng = np.random.default_rng(5)
    nested = nl.lmer("y ~ x + (x | a) + (x | b)", _nested_frame(rng), weights="w")
    three = nl.lmer("y ~ x + (1 + x | a) + (1 | b) + (x | c)", _crossed_frame(rng), weights="w")
    return {
        "nested": _arranged(nested, Nested),
        "crossed": _arranged(three, Crossed),
        "dense": _arranged(three, Dense),
    }


@pytest.mark.parametrize("which", ["nested", "crossed", "dense"])
def test_structures_of_many_effects_agree_with_full_matrices(large, which):
    fit = large[which]
    V, X = _dense(fit)
    inverse = np.linalg.inv(V)
    P = inverse - inverse @ X @ np.linalg.solve(X.T @ inverse @ X, X.T @ inverse)
    np.testing.assert_allclose(fit.hatvalues(), 1.0 - np.diag(P), rtol=0, atol=1e-10)


def test_hat_values_are_the_slopes_of_fitted_values():
    """H is linear in y at fixed variances; without random effects it is that of least squares."""
    fit = fitted("Dyestuff2_reml")
    np.testing.assert_allclose(fit.hatvalues(), 1.0 / fit.nobs, rtol=1e-9)


@pytest.mark.parametrize("which", ["nested", "crossed"])
def test_normalised_residuals_have_an_inverse_root_of_the_covariance(large, which):
    fit = large[which]
    V, _ = _dense(fit)
    marginal = fit.residuals("marginal")
    expected = fit.matrices.response - fit.predict(random=False)
    np.testing.assert_allclose(marginal, expected, rtol=0, atol=1e-10)
    weighted = marginal * np.sqrt(fit.matrices.weights) / fit.sigma
    if which == "nested":
        a, b = (fit.matrices.random[i].codes for i in (1, 0))
        order = np.lexsort((b, a))
        lower = np.linalg.cholesky(V[np.ix_(order, order)])
        root = np.empty(fit.nobs)
        root[order] = np.linalg.solve(lower, weighted[order])
    else:
        values, vectors = np.linalg.eigh(V)
        root = vectors @ ((vectors.T @ weighted) / np.sqrt(values))
    np.testing.assert_allclose(fit.residuals("normalised"), root, rtol=0, atol=1e-9)


def test_normalised_residuals_of_one_factor():
    fit = fitted("sleepstudy_slope")
    V, _ = _dense(fit)
    expected = np.linalg.solve(np.linalg.cholesky(V), fit.residuals("marginal") / fit.sigma)
    np.testing.assert_allclose(fit.residuals("normalised"), expected, rtol=0, atol=1e-9)


def test_a_row_that_determines_its_own_fit_has_no_studentised_residual():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(6), 5)
    alone = (np.arange(30) == 4).astype(float)
    fit = nl.lmer("y ~ alone + (1 | g)", {"y": rng.normal(size=30), "alone": alone, "g": g})
    assert fit.hatvalues()[4] == pytest.approx(1.0, abs=1e-12)
    assert np.isnan(fit.residuals("studentised")[4])
    assert np.isnan(fit.cooks_distance()[4])
    assert np.isfinite(np.delete(fit.cooks_distance(), 4)).all()


def test_without_fixed_effects_nothing_can_be_moved():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(12), 6)
    fit = nl.lmer("y ~ 0 + (1 | g)", {"y": rng.normal(size=12)[g] + rng.normal(size=72), "g": g})
    assert np.isnan(fit.cooks_distance()).all()
    T = fit.theta[0]
    np.testing.assert_allclose(fit.hatvalues(), T**2 / (1 + 6 * T**2), rtol=1e-9)
    row = fit.check().table.loc["Influence by g"]
    assert row["says"] == "Nothing can be left out: the model has no fixed effects."
