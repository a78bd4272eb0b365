"""Triangular roots of matrices of any rank."""

import numpy as np
import pytest

from nestling.linalg.factor import lower_root, symmetric_root


def roots(k, rank, seed=0):
    return np.random.default_rng(seed).normal(size=(k, rank))


@pytest.mark.parametrize(
    "root",
    [
        np.array([[-2.0]]),
        np.array([[0.0]]),
        np.zeros((3, 3)),
        np.tril(roots(4, 4)),
        roots(3, 3),
        roots(3, 1),
        roots(3, 2),
        roots(2, 5),
        1e-170 * roots(2, 2),
        1e150 * roots(2, 2),
        np.array([[0.0, 0.0], [0.0, 2.0]]),
        np.diag([1e8, 1e-8]) @ roots(2, 2),
    ],
)
def test_lower_root(root):
    L = lower_root(root)
    k = len(root)
    assert L.shape == (k, k)
    assert np.array_equal(L, np.tril(L))
    assert (np.diag(L) >= 0.0).all()
    assert not np.signbit(L[L == 0.0]).any()
    size = np.abs(root).max(axis=1) + 1e-300
    # by rows: QR is accurate row by row
    scaled, expected = L / size[:, None], root / size[:, None]
    assert np.allclose(scaled @ scaled.T, expected @ expected.T, rtol=1e-13, atol=1e-13)


def test_lower_root_of_a_lower_root_is_itself():
    L = lower_root(roots(4, 4))
    assert np.allclose(lower_root(L), L, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("floor", [0.0, 0.5])
def test_symmetric_root(floor):
    vectors = np.linalg.qr(roots(3, 3))[0]
    values = np.array([-1.0, 0.2, 2.0])
    R = symmetric_root(vectors @ np.diag(values) @ vectors.T, floor)
    lifted = vectors @ np.diag(np.maximum(values, floor)) @ vectors.T
    assert np.allclose(R @ R.T, lifted, atol=1e-13)
