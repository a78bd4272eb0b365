"""Factors of one small symmetric matrix: lower triangular roots that also exist when singular."""

import numpy as np

from nestling.arrays import FloatArray


def lower_root(root: FloatArray) -> FloatArray:
    """Return the lower triangular L with L L' = root root' and a non-negative diagonal.

    Works for any rank: the QR factorisation of root' always exists, where a Cholesky
    factorisation of the product would fail or lose half the digits.

    Examples
    --------
    >>> import numpy as np
    >>> lower_root(np.array([[0.0, 2.0], [1.0, 0.0]])).tolist()
    [[2.0, 0.0], [0.0, 1.0]]
    """
    if root.shape == (1, 1):
        return np.abs(root)
    triangle = np.asarray(np.linalg.qr(root.T, mode="r")).T
    lower = np.zeros((len(root), len(root)))
    lower[:, : triangle.shape[1]] = np.tril(triangle)
    signs = np.where(np.diag(lower) < 0, -1.0, 1.0)
    return np.asarray(lower * signs + 0.0)


def lower_roots(roots: FloatArray) -> FloatArray:
    """Return `lower_root` of each of R square matrices (R, k, k).

    Examples
    --------
    >>> import numpy as np
    >>> lower_roots(np.array([[[0.0, 2.0], [1.0, 0.0]]])).tolist()
    [[[2.0, 0.0], [0.0, 1.0]]]
    """
    lower = np.tril(np.asarray(np.linalg.qr(roots.transpose(0, 2, 1), mode="r")).transpose(0, 2, 1))
    signs = np.where(np.einsum("rkk->rk", lower) < 0, -1.0, 1.0)
    return np.asarray(lower * signs[:, None, :] + 0.0)


def symmetric_root(matrix: FloatArray, floor: float = 0.0) -> FloatArray:
    """Return R with R R' = matrix after lifting its eigenvalues to at least `floor`."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, floor)))
