"""Eigenvectors of symmetric matrices with the signs that R's LAPACK gives them.

The sign of an eigenvector is a matter of rounding: LAPACK's dstemr starts it from the element
where a residual at the level of rounding is smallest. It is the same everywhere for the same
tridiagonal matrix; but a BLAS that adds in another order makes a tridiagonal matrix that differs
in its last bits. So the matrix is made tridiagonal here, operation by operation as the reference
LAPACK does, and handed to dstemr.
"""

from math import copysign, sqrt
from typing import Final

import numpy as np

from nestling.arrays import FloatArray

UNBLOCKED: Final = 32
"""Up to this many rows LAPACK goes column by column, beyond in blocks."""


def eigen(S: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return eigenvalues in decreasing order, and eigenvectors by columns, as R's eigen().

    Parameters
    ----------
    S : array (p, p)
        Symmetric; the lower triangle is read.

    Returns
    -------
    values : array (p,)
    vectors : array (p, p)
        Signs are R's up to 32 rows; beyond that those of the LAPACK at hand.

    Examples
    --------
    >>> values, vectors = eigen(np.diag([4.0, 9.0]))
    >>> values.tolist(), vectors.tolist()
    ([9.0, 4.0], [[0.0, -1.0], [1.0, 0.0]])
    """
    from scipy.linalg import eigh
    from scipy.linalg.lapack import dstemr

    p = len(S)
    if p == 1:
        return S[0].copy(), np.ones((1, 1))
    if p > UNBLOCKED:
        values, vectors = eigh(S, driver="evr")
        return values[::-1], vectors[:, ::-1]
    diagonal, below, reflectors = tridiagonal(S)
    # every eigenvalue: the bounds are not read
    _, values, vectors, _ = dstemr(diagonal, np.append(below, 0.0), 0, 0.0, 0.0, 1, p)
    for start, (v, tau) in reversed(list(enumerate(reflectors, 1))):
        _reflect(vectors[start:], v, tau)
    return values[::-1], vectors[:, ::-1]


def tridiagonal(S: FloatArray) -> tuple[FloatArray, FloatArray, list[tuple[FloatArray, float]]]:
    """Reduce a symmetric matrix by Householder reflections, in the order of LAPACK's dsytd2.

    Plain loops over floats: neither the order of a sum nor a fused multiplication is left to a
    library.

    Returns
    -------
    diagonal : array (p,)
    below : array (p - 1,)
        The diagonal below.
    reflectors : list of (vector, factor)
        The j-th is I - factor * vector vector' on the rows from j + 1 on.

    Examples
    --------
    >>> tridiagonal(np.array([[2.0, 3.0, 4.0], [3.0, 1.0, 0.0], [4.0, 0.0, 1.0]]))[1].tolist()
    [-5.0, 0.0]
    """
    left: list[list[float]] = S.tolist()
    diagonal, below, reflectors = [], [], []
    while len(left) > 1:
        diagonal.append(left[0][0])
        e, v, tau = _reflector([row[0] for row in left[1:]])
        left = [row[1:] for row in left[1:]]
        if tau != 0.0:
            _reflect_both_sides(left, v, tau)
        below.append(e)
        reflectors.append((np.array(v), tau))
    diagonal.append(left[0][0])
    return np.array(diagonal), np.array(below), reflectors


def _reflector(x: list[float]) -> tuple[float, list[float], float]:
    """Find the reflection that leaves only the first element: that, its vector, its factor."""
    squares = 0.0
    for value in x[1:]:
        squares += value * value
    if squares == 0.0:
        return x[0], [1.0, *x[1:]], 0.0
    low, high = sorted((abs(x[0]), sqrt(squares)))
    share = low / high
    norm = high * sqrt(1.0 + share * share)
    first = -copysign(norm, x[0])
    scale = 1.0 / (x[0] - first)
    return first, [1.0, *(value * scale for value in x[1:])], (first - x[0]) / first


def _reflect(C: FloatArray, v: FloatArray, tau: float) -> None:
    """Replace C by H C, with H = I - tau v v'."""
    product = np.zeros(C.shape[1])
    for value, row in zip(v, C, strict=True):
        product += value * row
    C += np.outer(v, -tau * product)


def _reflect_both_sides(A: list[list[float]], v: list[float], tau: float) -> None:
    """Replace the lower triangle of A by that of H A H, with H = I - tau v v'."""
    n = len(v)
    w = [0.0] * n
    for j in range(n):
        scaled, total = tau * v[j], 0.0
        w[j] += scaled * A[j][j]
        for i in range(j + 1, n):
            w[i] += scaled * A[i][j]
            total += A[i][j] * v[i]
        w[j] += tau * total
    product = 0.0
    for i in range(n):
        product += w[i] * v[i]
    half = -0.5 * tau * product
    for i in range(n):
        w[i] += half * v[i]
    for j in range(n):
        from_w, from_v = -w[j], -v[j]
        for i in range(j, n):
            A[i][j] = A[i][j] + v[i] * from_w + w[i] * from_v
