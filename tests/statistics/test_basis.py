"""Coordinates in which cross-products lose nothing, and the way back."""

from dataclasses import replace

import numpy as np
import pytest

from builders import MODELS, fit_model, matrices, ones, pose_model, term
from hard_data import HARD
from nestling.statistics.basis import choose_basis
from nestling.statistics.rows import Rows

# a criterion that cannot be rotated: each term of || has a Z of its own
ALONE = {name for name in HARD if name.endswith("||")}


@pytest.mark.parametrize("name", list(HARD))
def test_columns_are_orthonormal(name):
    posed = pose_model(HARD[name])
    W = posed.statistics.WW
    assert np.allclose(W[:-1, :-1], np.eye(len(W) - 1), atol=1e-8)
    assert np.allclose(W[-1, :-1] / np.sqrt(W[-1, -1]), 0.0, atol=1e-8)
    assert 0.5 <= np.sqrt(W[-1, -1]) <= 2.0
    for index, G in enumerate(posed.basis.rotations):
        Z = posed.rows.random_gram(index, G) / posed.rows.n
        assert np.diag(Z) == pytest.approx(np.ones(len(Z)), rel=1e-8)
        if name not in ALONE:
            assert np.allclose(Z, np.eye(len(Z)), atol=1e-7)


@pytest.mark.parametrize("name", list(MODELS))
def test_the_way_back(name):
    given = MODELS[name]
    basis = pose_model(given).basis
    p = len(given.columns)
    X = np.array(given.columns).reshape(p, -1).T if p else np.empty((len(given.response), 0))
    Q = X @ basis.transform[:p, :p]
    r = (given.response + X @ (basis.transform[:p, p] / basis.transform[p, p])) * (
        basis.transform[p, p]
    )
    gamma = np.linspace(-1.0, 1.0, p)
    # y - X beta and r - Q gamma are the same residuals
    assert np.allclose(
        given.response - X @ basis.fixed(gamma), (r - Q @ gamma) * basis.response_scale
    )
    several = np.column_stack([gamma, 2.0 * gamma])
    assert np.allclose(basis.fixed(several)[:, 0], basis.fixed(gamma))
    unscaled = basis.covariance(np.linalg.inv(Q.T @ Q))
    assert np.allclose(unscaled, np.linalg.inv(X.T @ X))
    expected = 0.5 * np.linalg.slogdet(X.T @ X)[1] - 0.5 * np.linalg.slogdet(Q.T @ Q)[1]
    assert basis.log_scale == pytest.approx(expected, abs=1e-10)


def _columns(kind):
    rng = np.random.default_rng(121)
    n = 60
    x, z = rng.normal(size=(2, n))
    f = (np.arange(n) % 3 == np.arange(3)[:, None]).astype(float)
    return {
        "independent": ((ones(n), x, z), []),
        "the same twice": ((ones(n), x, x.copy(), z), [2]),
        "a multiple": ((ones(n), x, -7.0 * x), [2]),
        "a constant": ((ones(n), x, np.full(n, 3.0)), [2]),
        "a sum": ((ones(n), x, z, 2.0 * x - z + 5.0), [3]),
        "all indicators": ((ones(n), f[0], f[1], f[2]), [3]),
        "indicators without intercept": ((f[0], f[1], f[2], x), []),
        "constant after indicators": ((f[0], f[1], f[2], np.full(n, 2.0)), [3]),
        "zeros": ((ones(n), np.zeros(n), x), [1]),
        "two of four": ((ones(n), x, x + 1.0, z, z - x), [2, 4]),
        "small but its own": ((ones(n), x, 1e-9 * z), []),
        "1e-6 apart": ((ones(n), x, x + 1e-6 * z), []),
        "1e-8 apart": ((ones(n), x, x + 1e-8 * z), [2]),
        "1e-6 about 1": ((ones(n), 1.0 + 1e-6 * x), []),
        "1e-8 about 1": ((ones(n), 1.0 + 1e-8 * x), [1]),
        "shifted by 1e6": ((ones(n), 1e6 + x, z), []),
    }[kind]


KINDS = [
    "independent", "the same twice", "a multiple", "a constant", "a sum", "all indicators",
    "indicators without intercept", "constant after indicators", "zeros", "two of four",
    "small but its own", "1e-6 apart", "1e-8 apart", "1e-6 about 1", "1e-8 about 1",
    "shifted by 1e6",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_columns_that_repeat_others_are_dropped_as_in_R(kind, weighted):
    columns, dropped = _columns(kind)
    rng = np.random.default_rng(122)
    n = len(columns[0])
    y = rng.normal(size=n) + sum(np.arange(len(columns))[:, None] * np.array(columns))
    given = matrices(
        y, columns, term("g", np.arange(n) % 7, ones(n)),
        weights=rng.uniform(0.9, 1.1, n) if weighted else None,
    )  # fmt: skip
    basis = choose_basis(Rows.of(given))
    assert basis.dropped.tolist() == dropped
    assert basis.kept.tolist() == [j for j in range(len(columns)) if j not in dropped]


@pytest.mark.parametrize("kind", ["the same twice", "two of four", "all indicators"])
def test_dropped_columns_leave_the_fit_of_the_others(kind):
    columns, dropped = _columns(kind)
    n = len(columns[0])
    rng = np.random.default_rng(123)
    g = np.arange(n) % 7
    y = rng.normal(size=n) + rng.normal(size=7)[g]
    kept = tuple(column for j, column in enumerate(columns) if j not in dropped)
    one, two = (fit_model(matrices(y, each, term("g", g, ones(n)))) for each in (columns, kept))
    assert one.criterion == pytest.approx(two.criterion, rel=1e-12)
    assert one.estimates.beta == pytest.approx(two.estimates.beta, rel=1e-9)


def test_equal_columns_of_a_random_term_are_told_apart_from_none():
    """Z of deficient rank: the model is still defined, though not its parameters."""
    given = MODELS["slope"]
    (term_,) = given.random
    x = term_.columns[1]
    doubled = replace(term_, columns=(*term_.columns, x.copy()), names=("a", "b", "c"))
    one = fit_model(given)
    two = fit_model(replace(given, random=(doubled,)))
    # a richer model in name alone
    assert two.criterion == pytest.approx(one.criterion, abs=1e-7)
