"""Multivariate normal numbers as MASS::mvrnorm draws them."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.random.arguments import require_symmetric
from nestling.random.normal import standard_normals
from nestling.random.stream import Stream
from nestling.random.symmetric import eigen


def mvrnorm(
    stream: Stream, n: int, mu: FloatArray, Sigma: FloatArray, *, tol: float, empirical: bool
) -> FloatArray:
    """Draw rows with mean mu (p,) and covariance Sigma (p, p); a vector when n is 1.

    See `RRandom.mvrnorm`.

    Examples
    --------
    >>> options = {"tol": 1e-6, "empirical": False}
    >>> mvrnorm(Stream(707), 1, np.array([3.0, 4.0]), np.eye(2), **options).round(4).tolist()
    [3.6176, 2.7181]
    """
    p = len(mu)
    if empirical and n <= p:
        raise ArgumentError(
            f"mvrnorm: empirical=True with n={n} rows of {p} numbers, whose sample covariance "
            f"cannot be Sigma. Draw at least {p + 1}."
        )
    root = spectral_root(Sigma, tol)
    # the matrix of standard normals is filled column by column
    standard = standard_normals(stream, n * p).reshape(p, n).T
    if empirical:
        standard = _whitened(standard)
    rows = np.zeros((n, p))
    # summed term by term: a BLAS may round otherwise
    for column, z in zip(root.T, standard.T, strict=True):
        rows += z[:, None] * column
    rows += mu
    return rows[0] if n == 1 else rows


def spectral_root(Sigma: FloatArray, tol: float = 1e-6) -> FloatArray:
    """Return V sqrt(D) of Sigma = V D V', eigenvalues in decreasing order.

    The signs of the eigenvectors are R's.

    Parameters
    ----------
    Sigma : array (p, p)
        Symmetric; the lower triangle is read.
    tol : float
        Eigenvalues down to -tol times the largest count as zero.

    Raises
    ------
    ArgumentError
        When Sigma is not symmetric or not positive semi-definite.

    Examples
    --------
    >>> spectral_root(np.diag([4.0, 9.0])).tolist()
    [[0.0, -2.0], [3.0, 0.0]]
    """
    require_symmetric("mvrnorm", Sigma)
    values, vectors = eigen(Sigma)
    if values[-1] < -tol * abs(values[0]):
        raise ArgumentError(
            f"mvrnorm: Sigma is not positive semi-definite: its smallest eigenvalue is "
            f"{values[-1]:g}. Check the covariances against the variances."
        )
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _whitened(standard: FloatArray) -> FloatArray:
    """Give the columns mean zero and the identity as their sample covariance, exactly."""
    from scipy.linalg import svd

    centred = standard - standard.mean(axis=0)
    rotated = centred @ svd(centred, full_matrices=False)[2].T
    return np.asarray(rotated / np.sqrt((rotated**2).sum(axis=0) / (len(standard) - 1)))
