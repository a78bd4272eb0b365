import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nestling.simulate.draw import (
    add_effects,
    draw_effects,
    draw_residuals,
    effects_root,
    scale_residuals,
)


@given(
    st.integers(1, 4).flatmap(
        lambda k: arrays(float, (k, 3), elements=st.floats(-10, 10, width=16))
    )
)
def test_root(A):
    covariance = A @ A.T
    root = effects_root(covariance)
    # rounding of the eigenvalues, relative to the largest
    assert np.allclose(
        root @ root.T, covariance, rtol=0, atol=1e-12 * max(1.0, np.abs(covariance).max())
    )
    assert np.array_equal(root, np.tril(root))


@pytest.mark.parametrize(
    "covariance",
    [
        [[5.0]],
        [[5.0, 1.0], [1.0, 3.0]],
        [[4.0, 2.0], [2.0, 1.0]],
        [[0.0, 0.0], [0.0, 2.0]],
        np.eye(3),
    ],
)
def test_moments(covariance):
    J, covariance = 40_000, np.array(covariance)
    u = draw_effects(np.random.default_rng(1), J, covariance)
    assert u.shape == (len(covariance), J)
    assert u.flags.c_contiguous
    # var of a sample covariance: (s_ii s_jj + s_ij^2) / J; four standard errors
    d = np.diag(covariance)
    bound = 4 * np.sqrt((np.outer(d, d) + covariance**2) / J)
    assert (np.abs(u @ u.T / J - covariance) <= bound + 1e-12).all()
    assert (np.abs(u.mean(axis=1)) <= 4 * np.sqrt(d / J)).all()


def test_an_effect_added_leaves_the_first_alone():
    one = draw_effects(np.random.default_rng(7), 50, np.array([[5.0]]))
    two = draw_effects(np.random.default_rng(7), 50, np.array([[5.0, 1.0], [1.0, 3.0]]))
    # the same normals; the root's first entry is sqrt(5) up to rounding
    assert np.allclose(one[0], two[0], rtol=1e-14, atol=0)


def test_perfect_correlation_stays_perfect():
    u = draw_effects(np.random.default_rng(1), 100, np.array([[4.0, -2.0], [-2.0, 1.0]]))
    assert np.allclose(u[0], -2 * u[1], rtol=1e-7)


def test_residuals():
    n = 40_000
    w = np.resize([1.0, 4.0], n)
    plain = draw_residuals(np.random.default_rng(1), n, 3.0)
    weighted = draw_residuals(np.random.default_rng(1), n, 3.0, w)
    assert np.array_equal(weighted[::2], plain[::2])
    assert np.allclose(weighted[1::2], plain[1::2] / 2, rtol=1e-15)
    assert abs(plain.var() - 9) <= 4 * 9 * np.sqrt(2 / n)
    assert np.array_equal(scale_residuals(np.ones(2), 2.0, None), [2, 2])


def test_add_effects():
    u = np.array([[1.0, 2.0], [10.0, 20.0]])
    z = (np.broadcast_to(np.float64(1), 3), np.array([0.0, 1.0, 2.0]))
    assert add_effects(u, z, np.array([0, 0, 1])).tolist() == [1, 11, 42]
