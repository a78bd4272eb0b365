"""Multivariate normal numbers as MASS::mvrnorm draws them."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError


def spectral_root(Sigma: FloatArray, tol: float = 1e-6) -> FloatArray:
    """Return the matrix V sqrt(D) of Sigma = V D V', eigenvalues in decreasing order.

    The eigenvectors come from LAPACK's dsyevr, as R's, so that their signs agree.

    Raises
    ------
    ArgumentError
        When Sigma is not square, not symmetric or not positive semi-definite.
    """
    if Sigma.ndim != 2 or Sigma.shape[0] != Sigma.shape[1]:
        raise ArgumentError(f"Sigma has shape {Sigma.shape}; a covariance matrix is square.")
    if not np.isfinite(Sigma).all() or not np.allclose(Sigma, Sigma.T, rtol=1e-10, atol=0.0):
        raise ArgumentError("Sigma is not symmetric. A covariance matrix equals its transpose.")
    from scipy.linalg import eigh

    values, vectors = eigh(Sigma, driver="evr")
    values, vectors = values[::-1], vectors[:, ::-1]
    if values[-1] < -tol * abs(values[0]):
        raise ArgumentError(
            f"Sigma is not positive semi-definite: its smallest eigenvalue is {values[-1]:g}. "
            "Check the covariances against the variances."
        )
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
