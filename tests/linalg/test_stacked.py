"""Stacks of small matrices against the same operation matrix by matrix."""

import numpy as np
import pytest

from nestling.linalg.stacked import (
    cholesky,
    congruence,
    crossproduct,
    log_determinant,
    multiply,
    solve_lower,
)

SIZES = [(1, 1), (1, 7), (2, 5), (3, 1), (5, 11)]


def stack(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def positive(k, J):
    root = stack(k, k + 2, J, seed=1)
    return np.einsum("aij,bij->abj", root, root) + 0.1 * np.eye(k)[:, :, None]


@pytest.mark.parametrize(("k", "J"), SIZES)
@pytest.mark.parametrize("r", [1, 4])
def test_products(k, J, r):
    left, right, tall = stack(k, k, J), stack(k, r, J, seed=2), stack(k, r + 1, J, seed=3)
    for found, expected in [
        (multiply(left, right), [left[..., j] @ right[..., j] for j in range(J)]),
        (crossproduct(right, tall), [right[..., j].T @ tall[..., j] for j in range(J)]),
    ]:
        assert np.allclose(np.moveaxis(found, -1, 0), expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("k", "J"), SIZES)
@pytest.mark.parametrize("r", [1, 2])
def test_congruence(k, J, r):
    root, A = stack(k, r, seed=4), positive(k, J)
    expected = [root.T @ A[..., j] @ root for j in range(J)]
    assert np.allclose(np.moveaxis(congruence(root, A), -1, 0), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("k", "J"), SIZES)
def test_cholesky_and_what_it_solves(k, J):
    A, b = positive(k, J), stack(k, 3, J, seed=5)
    lower = cholesky(A)
    x = solve_lower(lower, b)
    for j in range(J):
        assert np.allclose(lower[..., j], np.linalg.cholesky(A[..., j]), rtol=1e-12)
        assert np.allclose(lower[..., j] @ x[..., j], b[..., j], rtol=1e-12, atol=1e-12)
    single = solve_lower(lower, b[..., :1])
    assert np.allclose(single[..., 0], x[..., 0])


def test_several_axes_of_stacks():
    A = positive(2, 6).reshape(2, 2, 3, 2)
    assert np.allclose(cholesky(A).reshape(2, 2, 6), cholesky(A.reshape(2, 2, 6)))


@pytest.mark.parametrize(("k", "J"), SIZES)
def test_log_determinant(k, J):
    A = positive(k, J)
    each = np.array([np.linalg.slogdet(A[..., j])[1] for j in range(J)])
    counts = np.arange(1.0, J + 1.0)
    lower = cholesky(A)
    assert log_determinant(lower) == pytest.approx(each.sum(), rel=1e-12, abs=1e-12)
    assert log_determinant(lower, counts) == pytest.approx(counts @ each, rel=1e-12, abs=1e-12)


def test_one_matrix_that_is_not_positive_leaves_the_others_alone():
    A = positive(2, 3)
    A[..., 1] = [[1.0, 2.0], [2.0, 1.0]]
    lower = cholesky(A)
    assert np.isnan(lower[1, 1, 1])
    assert np.isfinite(lower[..., [0, 2]]).all()
    assert not np.isfinite(log_determinant(lower))
