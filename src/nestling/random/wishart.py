"""Wishart matrices by Bartlett's decomposition (1933)."""

from math import sqrt

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.random.arguments import require_symmetric
from nestling.random.chi_square import chi_square
from nestling.random.normal import standard_normal
from nestling.random.stream import Stream


def wishart(stream: Stream, df: float, root: FloatArray) -> FloatArray:
    """Draw one Wishart matrix with scale root' root, `root` (p, p) upper triangular.

    Examples
    --------
    >>> wishart(Stream(707), 5.0, np.eye(2)).round(4).tolist()
    [[1.1959, 0.5705], [0.5705, 3.4722]]
    """
    p = len(root)
    factor = np.zeros((p, p))
    for j in range(p):
        factor[j, j] = sqrt(chi_square(stream, df - j))
        for i in range(j):
            factor[i, j] = standard_normal(stream)
    product = factor @ root
    return np.asarray(product.T @ product)


def upper_root(Sigma: FloatArray) -> FloatArray:
    """Return the upper triangular R with Sigma = R' R.

    Raises
    ------
    ArgumentError
        When Sigma is not symmetric or not positive definite.

    Examples
    --------
    >>> upper_root(np.diag([4.0, 9.0])).tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    require_symmetric("rWishart", Sigma)
    try:
        return np.asarray(np.linalg.cholesky(Sigma).T)
    except np.linalg.LinAlgError as error:
        raise ArgumentError(
            "rWishart: Sigma is not positive definite. Check the covariances against the variances."
        ) from error
