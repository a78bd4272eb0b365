"""Random effects and residuals from covariance matrices: functions of arrays and a generator."""

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.linalg.factor import lower_root, symmetric_root


def effects_root(covariance: FloatArray) -> FloatArray:
    """Lower triangular L with L L' = covariance, for positive semi-definite matrices too.

    Triangular, so that the first effect depends on the first standard normal alone: an effect
    added to a term does not change the draws of those before it.

    Examples
    --------
    >>> effects_root(np.array([[4.0, 2.0], [2.0, 1.0]])).round(12).tolist()
    [[2.0, 0.0], [1.0, 0.0]]
    """
    if covariance.shape == (1, 1):
        return np.sqrt(covariance)
    return lower_root(symmetric_root(covariance))


def draw_effects(rng: np.random.Generator, n_levels: int, covariance: FloatArray) -> FloatArray:
    """Draw the random effects of one term.

    Parameters
    ----------
    rng : numpy Generator
        The term's own stream.
    n_levels : int
        Levels of the grouping factor, J.
    covariance : array (k, k)
        Positive semi-definite.

    Returns
    -------
    array (k, J)
        Effects by rows, so that each effect is contiguous.

    Examples
    --------
    >>> draw_effects(np.random.default_rng(1), 3, np.array([[4.0]])).shape
    (1, 3)
    """
    root = effects_root(covariance)
    standard = rng.standard_normal((root.shape[0], n_levels))
    return combine(root, standard)


def combine(root: FloatArray, standard: FloatArray) -> FloatArray:
    """Multiply root (k, k) by standard normals (k, J), one column of the root after another.

    A matrix product of the linear algebra library may add in another order on another machine;
    this sum does not, so that one seed is one result everywhere.

    Examples
    --------
    >>> combine(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[1.0], [3.0]])).tolist()
    [[2.0], [4.0]]
    """
    total = root[:, :1] * standard[:1]
    for j in range(1, root.shape[1]):
        total += root[:, j : j + 1] * standard[j]
    return total


def draw_residuals(
    rng: np.random.Generator, n: int, sigma: float, weights: FloatArray | None = None
) -> FloatArray:
    """Draw residuals with variance sigma² / weight.

    Parameters
    ----------
    rng : numpy Generator
        The residuals' own stream.
    n : int
        Rows.
    sigma : float
        Residual standard deviation.
    weights : array (n,), optional
        Prior weights; all one when absent.

    Returns
    -------
    array (n,)

    Examples
    --------
    >>> draw_residuals(np.random.default_rng(1), 3, 0.0)
    array([0., 0., 0.])
    """
    return scale_residuals(rng.standard_normal(n), sigma, weights)


def scale_residuals(standard: FloatArray, sigma: float, weights: FloatArray | None) -> FloatArray:
    """Give standard normals the standard deviation sigma / sqrt(weight)."""
    if weights is None:
        return sigma * standard
    return (sigma / np.sqrt(weights)) * standard


def add_effects(
    effects: FloatArray, columns: tuple[FloatArray, ...], codes: IntArray
) -> FloatArray:
    """Return Z u of one term: its effects (k, J) taken row by row, times its columns.

    Examples
    --------
    >>> u = np.array([[1.0, -1.0]])
    >>> add_effects(u, (np.ones(3),), np.array([0, 1, 1]))
    array([ 1., -1., -1.])
    """
    total = np.zeros(codes.size)
    for effect, column in zip(effects, columns, strict=True):
        total += effect[codes] * column
    return total
