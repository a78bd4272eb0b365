"""Rows that have given sufficient statistics, drawn from their law given these.

Given the products A'y and the square y'y, a normal y is its projection on the columns of A, which
the products determine, plus a vector orthogonal to them whose length the square determines and
whose direction is uniform.
"""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray

PRECISE = 1e-15
"""Tolerances of the iteration: to rounding."""


def rows_given(A: Any, products: FloatArray, square: float, normals: FloatArray) -> FloatArray:
    """Return y (n,) with A'y = products and y'y = square.

    Parameters
    ----------
    A : (n, m) sparse array
        May be rank deficient; the products are then of some y.
    products : (m,) array
    square : float
    normals : (n,) array
        Standard normal numbers, which choose the direction.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> y = rows_given(csr_array(np.ones((4, 1))), np.array([2.0]), 5.0, np.arange(4.0))
    >>> float(y.sum().round(12)), float((y @ y).round(12))
    (2.0, 5.0)
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import lsmr

    norms = np.sqrt(np.asarray(A.multiply(A).sum(axis=0)).ravel())
    scale = 1.0 / np.where(norms > 0.0, norms, 1.0)
    scaled = (A @ diags_array(scale)).tocsr()
    limits = {"atol": PRECISE, "btol": PRECISE, "conlim": 0.0, "maxiter": 20 * (10 + sum(A.shape))}
    projection = lsmr(scaled.T.tocsr(), products * scale, **limits)[0]
    free = normals - scaled @ lsmr(scaled, normals, **limits)[0]
    left = max(square - float(projection @ projection), 0.0)
    length = float(np.sqrt(free @ free))
    if length > 0.0 and left > 0.0:
        projection = projection + free * (np.sqrt(left) / length)
    return np.asarray(projection)
