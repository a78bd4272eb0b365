"""Draws without rows against the moments that rows have, and against rows themselves."""

import numpy as np
import pytest

from builders import matrices, ones, term
from nestling.errors import ArgumentError
from nestling.statistics import exact_draws
from nestling.statistics.accumulate import accumulate
from nestling.statistics.basis import choose_basis
from nestling.statistics.exact_draws import draw_responses, error_roots
from nestling.statistics.rows import Rows

R = 20_000


def designs():
    rng = np.random.default_rng(3)
    n = 60
    x = rng.normal(size=n)
    g = np.repeat(np.arange(12), 5)
    y = rng.normal(size=n)
    weights = rng.uniform(0.5, 2.0, n)
    two = (ones(n), x)
    crossed = np.tile(np.arange(5), 12)
    # levels 0 and 1 have one row each: Z_j'Z_j of (1, x) is singular there
    thin = np.r_[0, 1, np.repeat(np.arange(2, 10), 7), 9, 9]
    yield "intercept", matrices(y, two, term("g", g, ones(n)))
    yield "slope", matrices(y, two, term("g", g, ones(n), x), weights=weights)
    yield "thin levels", matrices(y, two, term("g", thin, ones(n), x))
    yield (
        "independent",
        matrices(y, (ones(n),), term("g", g, ones(n)), term("g", g, x)),
    )
    yield "crossed", matrices(y, two, term("g", g, ones(n), x), term("c", crossed, ones(n)))
    yield (
        "nested",
        matrices(y, two, term("g", g, ones(n)), term("h", g // 3, ones(n), x)),
    )
    yield (
        "three",
        matrices(
            y,
            two,
            term("g", g, ones(n)),
            term("h", g // 3, ones(n), x),
            term("c", crossed, ones(n)),
        ),
    )


@pytest.fixture(params=list(designs()), ids=lambda pair: pair[0])
def case(request):
    rows = Rows.of(request.param[1])
    basis = choose_basis(rows)
    design = accumulate(rows, basis)
    block = slice(0, rows.n)
    X = (basis.transform.T @ rows.fixed(block)[np.r_[basis.kept, len(rows.matrices.columns)]])[:-1]
    # columns of Z per factor, in the order of the blocks: effect by effect
    groups = dict.fromkeys(each.group for each in rows.matrices.random)
    Z = []
    for group in groups:
        columns = []
        for t, each in enumerate(rows.matrices.random):
            if each.group == group:
                for z in basis.rotations[t].T @ rows.random(t, block):
                    full = np.zeros((rows.n, len(each.levels)))
                    full[np.arange(rows.n), each.codes] = z
                    columns.append(full)
        Z.append(np.concatenate(columns, axis=1))
    rng = np.random.default_rng(7)
    roots = [np.tril(rng.uniform(0.3, 1.0, (f.width, f.width))) for f in design.factors]
    beta = rng.normal(size=design.n_fixed)
    return design, roots, beta, 1.3, X.T, Z


def streams(n):
    return [np.random.default_rng(child) for child in np.random.SeedSequence(11).spawn(n)]


def flat(Zy, Xy):
    return np.concatenate([each.reshape(-1, each.shape[2]) for each in Zy] + [Xy])


def test_moments(case):
    design, roots, beta, sigma, X, Z = case
    Zy, Xy, yy = draw_responses(design, roots, beta, sigma, streams(R))
    drawn = flat(Zy, Xy)
    A = np.concatenate([*Z, X], axis=1)
    V = np.eye(design.n) + sum(
        z @ np.kron(T @ T.T, np.eye(f.n_levels)) @ z.T
        for z, T, f in zip(Z, roots, design.factors, strict=True)
    )
    covariance = sigma**2 * A.T @ V @ A
    sd = np.sqrt(np.diag(covariance))
    # the largest of some hundred standard normals stays below 5
    assert np.abs((drawn.mean(axis=1) - A.T @ X @ beta) / sd).max() < 5.0 / np.sqrt(R)
    scaled = (np.cov(drawn) - covariance) / np.outer(sd, sd)
    assert np.abs(scaled).max() < 5.0 * np.sqrt(2.0 / R)
    mean = float(beta @ X.T @ X @ beta + sigma**2 * np.trace(V))
    assert abs(yy.mean() - mean) < 5.0 * yy.std() / np.sqrt(R)


def test_what_the_columns_leave_is_chi_square(case):
    """y'y less the square of y's projection on [Z X] is sigma^2 chi^2, independent of the rest."""
    design, roots, beta, sigma, X, Z = case
    Zy, Xy, yy = draw_responses(design, roots, beta, sigma, streams(R))
    drawn = flat(Zy, Xy)
    A = np.concatenate([*Z, X], axis=1)
    free = design.n - np.linalg.matrix_rank(A)
    assert error_roots(design).free == free
    projected = np.einsum("ar,ar->r", drawn, np.linalg.pinv(A.T @ A, rcond=1e-10) @ drawn)
    left = (yy - projected) / sigma**2
    assert abs(left.mean() - free) < 4.0 * np.sqrt(2.0 * free / R)
    assert abs(left.var() / (2.0 * free) - 1.0) < 4.0 * np.sqrt((2.0 + 12.0 / free) / R)
    assert abs(np.corrcoef(left, projected)[0, 1]) < 4.0 / np.sqrt(R)


def test_products_lie_in_the_columns(case):
    """[Z X]'y of a rank-deficient [Z X] obeys its dependencies."""
    design, roots, beta, sigma, X, Z = case
    drawn = flat(*draw_responses(design, roots, beta, sigma, streams(5))[:2])
    A = np.concatenate([*Z, X], axis=1)
    values, vectors = np.linalg.eigh(A.T @ A)
    null = vectors[:, values < 1e-10 * values[-1]]
    assert np.abs(null.T @ drawn).max(initial=0.0) < 1e-8 * np.abs(drawn).max()


def test_fixed_effects_are_held(case):
    design, roots, beta, _, X, Z = case
    effects = [np.ones((f.width, f.n_levels)) for f in design.factors]
    Zy, Xy, yy = draw_responses(design, roots, beta, 0.0, streams(2), effects=effects)
    y = X @ beta + sum(z.sum(axis=1) for z in Z)
    np.testing.assert_allclose(Xy, np.repeat((X.T @ y)[:, None], 2, axis=1), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(yy, y @ y, rtol=1e-10)
    for z, product in zip(Z, Zy, strict=True):
        np.testing.assert_allclose(product[..., 0].ravel(), z.T @ y, rtol=1e-9, atol=1e-9)


def test_a_replicate_belongs_to_its_stream(case):
    design, roots, beta, sigma, *_ = case
    whole = draw_responses(design, roots, beta, sigma, streams(6))
    part = draw_responses(design, roots, beta, sigma, streams(6)[4:])
    np.testing.assert_allclose(whole[2][4:], part[2], rtol=1e-13)
    np.testing.assert_allclose(whole[1][:, 4:], part[1], rtol=1e-12, atol=1e-13)


def test_rows_that_the_columns_fill_leave_nothing():
    codes = np.arange(4)
    rows = Rows.of(matrices(np.array([1.0, 3.0, 2.0, 5.0]), (ones(4),), term("g", codes, ones(4))))
    design = accumulate(rows, choose_basis(rows))
    assert error_roots(design).free == 0
    Zy, _, yy = draw_responses(design, (np.eye(1),), np.zeros(1), 1.0, streams(3))
    np.testing.assert_allclose((Zy[0][0] ** 2).sum(axis=0), yy, rtol=1e-12)


def test_too_large_a_design_is_refused(case, monkeypatch):
    monkeypatch.setattr(exact_draws, "LARGEST", 1)
    with pytest.raises(ArgumentError, match="Draw rows instead"):
        error_roots(case[0])
