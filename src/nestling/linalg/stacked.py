"""Many small matrices at once, stored with the stack as the last axes.

A stack of m x n matrices is an array of shape (m, n, ...): every scalar operation of the
textbook algorithm becomes one vectorised operation over the whole stack. For matrices of order
2 to 10 this is ten to thirty times faster than a batched LAPACK call per matrix.
"""

import numpy as np

from nestling.arrays import FloatArray


def multiply(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the products of two stacks of matrices, (m, n, ...) times (n, r, ...).

    Examples
    --------
    >>> import numpy as np
    >>> multiply(np.ones((2, 3, 5)), np.ones((3, 1, 5)))[:, :, 0].tolist()
    [[3.0], [3.0]]
    """
    return np.asarray(np.einsum("ij...,jl...->il...", left, right))


def crossproduct(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return left' right for two stacks, (n, m, ...) and (n, r, ...)."""
    return np.asarray(np.einsum("ji...,jl...->il...", left, right))


def congruence(root: FloatArray, stack: FloatArray) -> FloatArray:
    """Return root' A root for one (k, r) matrix and a stack A of shape (k, k, J)."""
    k, r = root.shape
    if k == 1 and r == 1:
        return np.asarray(stack * root[0, 0] ** 2)
    pairs = np.multiply.outer(root, root).transpose(1, 3, 0, 2).reshape(r * r, k * k)
    return (pairs @ stack.reshape(k * k, -1)).reshape(r, r, *stack.shape[2:])


def cholesky(stack: FloatArray) -> FloatArray:
    """Return the lower Cholesky factors of a stack of positive definite matrices (k, k, ...).

    A pivot that is not positive gives NaN in its matrix only; the caller sees it in the
    determinant and treats the point as infeasible.

    Examples
    --------
    >>> import numpy as np
    >>> cholesky(np.array([[[4.0], [2.0]], [[2.0], [5.0]]]))[:, :, 0].tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    k = stack.shape[0]
    lower = np.zeros_like(stack)
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(k):
            pivot = stack[j, j]
            for a in range(j):
                pivot = pivot - lower[j, a] * lower[j, a]
            diagonal = np.sqrt(pivot, out=lower[j, j, ...])
            for i in range(j + 1, k):
                inner = stack[i, j]
                for a in range(j):
                    inner = inner - lower[i, a] * lower[j, a]
                np.divide(inner, diagonal, out=lower[i, j, ...])
    return lower


def solve_lower(lower: FloatArray, right: FloatArray) -> FloatArray:
    """Solve L x = b by forward substitution for stacks (k, k, ...) and (k, r, ...)."""
    k = lower.shape[0]
    shape = np.broadcast_shapes(lower.shape[2:], right.shape[2:])
    solution = np.empty((k, right.shape[1], *shape), np.result_type(lower, right))
    for i in range(k):
        rest = right[i]
        for a in range(i):
            rest = rest - lower[i, a] * solution[a]
        np.divide(rest, lower[i, i], out=solution[i])
    return solution


def log_determinant(lower: FloatArray, counts: FloatArray | None = None) -> float:
    """Return the sum of log det(L L') over a stack of Cholesky factors, weighted by counts."""
    total = np.log(lower[0, 0])
    for i in range(1, lower.shape[0]):
        total += np.log(lower[i, i])
    return float(2.0 * (total.sum() if counts is None else (counts * total).sum()))
