import numpy as np
import pytest

from nestling.random.symmetric import eigen, tridiagonal


def covariance(kind, p):
    rng = np.random.default_rng(p)
    A = rng.normal(size=(p, p))
    return {
        "any": A @ A.T,
        "rank one": np.outer(A[0], A[0]),
        "equal correlations": 0.3 + 0.7 * np.eye(p),
        "diagonal": np.diag(rng.integers(1, 4, p).astype(float)),
    }[kind]


KINDS = ["any", "rank one", "equal correlations", "diagonal"]


@pytest.mark.parametrize("p", [1, 2, 3, 7, 32, 33])
@pytest.mark.parametrize("kind", KINDS)
def test_eigenvectors_make_the_matrix(kind, p):
    S = covariance(kind, p)
    values, vectors = eigen(S)
    assert (np.diff(values) <= 0.0).all()
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, S, atol=1e-13 * S.max() * p)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(p), atol=1e-14 * p)


@pytest.mark.parametrize("p", [2, 3, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_tridiagonal_is_similar(kind, p):
    S = covariance(kind, p)
    diagonal, below, _ = tridiagonal(S)
    T = np.diag(diagonal) + np.diag(below, 1) + np.diag(below, -1)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(T), np.linalg.eigvalsh(S), atol=1e-13 * S.max() * p
    )


def test_the_sign_of_a_zero_counts():
    S = np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 3.0]])
    T = S.copy()
    T[1, 0] = -0.0
    assert tridiagonal(S)[1][0] == -tridiagonal(T)[1][0] == -1.0


def test_the_matrix_is_left_as_it_is():
    S = covariance("any", 4)
    before = S.copy()
    eigen(S)
    np.testing.assert_array_equal(S, before)
