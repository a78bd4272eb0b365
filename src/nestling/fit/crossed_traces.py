"""tr(K E K F), K = Z'V^-1 Z, without K: the largest factor eliminated, the rest dense.

With D the blocks Z_1'V_1^-1 Z_1 of the largest factor alone, G = Z_1'V_1^-1 Z_2, S the relative
conditional covariance of the other factors' effects, Q their Schur complement Z_2'V_1^-1 Z_2 and
C = I - S Q = (I + Lambda Lambda'Q)^-1, the blocks of K are D - G S G', G C and Q C. Time grows
with the cube of the number of effects of all factors but the largest, and with the levels of that
one only linearly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.largest import Largest, combine, subtract_square
from nestling.fit.structure import Roots
from nestling.linalg.stacked import cholesky, congruence, crossproduct, multiply, solve_lower
from nestling.linalg.threads import one_blas_thread

CHUNK = 4_000_000
"""Numbers held at once in products with the levels of the largest factor: 32 MB."""


def crossed_traces(
    structure: Largest, roots: Roots, directions: tuple[FloatArray, ...]
) -> FloatArray:
    """Return tr(K E K F) for all pairs of directions."""
    with one_blas_thread(len(structure.rest)):
        return _traces(structure, roots, directions)


def _traces(structure: Largest, roots: Roots, directions: tuple[FloatArray, ...]) -> FloatArray:
    T, A, E = roots[0], structure.ZZ, directions[0]
    k, m = len(T), len(E)
    inner = congruence(T, A)
    inner[np.arange(k), np.arange(k)] += 1.0
    V = solve_lower(cholesky(inner), T.T[:, :, None])
    W = crossproduct(V, V)
    AW = multiply(A, W)
    D = A - multiply(AW, A)
    residual = -AW
    residual[np.arange(k), np.arange(k)] += 1.0
    G = [combine(row, structure.join).tocsr() for row in residual]
    Q = structure.rest.copy()
    for row in V:
        subtract_square(Q, combine(row, structure.join))
    S = _covariance(structure, roots, Q)
    C = _remainder(structure, roots, Q)

    flat = D.reshape(k * k, -1)
    total = _paired(flat @ flat.T, E, k)
    Y = _quadratic(G, S).reshape(k * k, -1)
    # tr(D_j E Y_j F) twice, for D E G S G'F and its transpose
    mixed = _paired(flat @ Y.T, E, k)
    total -= mixed + mixed.T
    rest = _paired_rest(structure, Q @ C, directions)
    moving = [n for n in range(m) if E[n].any()]
    half = []
    for n in moving:
        M = np.zeros_like(Q)
        for a, b in np.argwhere(E[n]):
            _add(M, E[n, a, b] * (G[a].T @ G[b]))
        MC = M @ C
        for part, (J, r), F in zip(
            structure.slices(), structure.shapes, directions[1:], strict=True
        ):
            left = C[:, part].reshape(-1, J, r)
            right = MC[:, part].reshape(-1, J, r)
            block = np.einsum("xja,xjb->ab", left, right, optimize=True)
            cross = np.einsum("mab,ab->m", F, block)
            rest[n] += cross
            rest[:, n] += cross
        half.append(S @ M)
    for i, n in enumerate(moving):
        for j, o in enumerate(moving[: i + 1]):
            value = float(np.einsum("xy,yx->", half[i], half[j]))
            total[n, o] += value
            if n != o:
                total[o, n] += value
    return np.asarray(total + rest)


def _covariance(structure: Largest, roots: Roots, Q: FloatArray) -> FloatArray:
    """Lambda (I + Lambda'Q Lambda)^-1 Lambda'."""
    inner = structure.scaled(roots, structure.scaled(roots, Q).T)
    inner[np.diag_indices_from(inner)] += 1.0
    transposed = tuple(T.T for T in roots)
    half = structure.scaled(transposed, np.asarray(np.linalg.inv(inner), dtype=float))
    return structure.scaled(transposed, half.T)


def _remainder(structure: Largest, roots: Roots, Q: FloatArray) -> FloatArray:
    """(I + Lambda Lambda'Q)^-1: solved for, because I - S Q cancels where variances are large."""
    transposed = tuple(T.T for T in roots)
    # the transpose I + Q Lambda Lambda' has its scaling on the side where `scaled` works
    inner = structure.scaled(transposed, structure.scaled(roots, Q))
    inner[np.diag_indices_from(inner)] += 1.0
    return np.asarray(np.linalg.inv(inner), dtype=float).T


def _paired(moments: FloatArray, E: FloatArray, k: int) -> FloatArray:
    """Sum of tr(A_j E B_j F) from the moments sum A_j[a, b] B_j[c, d]."""
    return np.asarray(
        np.einsum("abcd,mbc,nda->mn", moments.reshape(k, k, k, k), E, E, optimize=True)
    )


def _quadratic(G: list[Any], S: FloatArray) -> FloatArray:
    """G_j S G_j' of each level, (k, k, J)."""
    k, J = len(G), G[0].shape[0]
    result = np.empty((k, k, J))
    step = max(1, CHUNK // len(S))
    for start in range(0, J, step):
        part = slice(start, start + step)
        for a in range(k):
            image = G[a][part] @ S
            for b in range(k):
                result[a, b, part] = G[b][part].multiply(image).sum(axis=1)
    return result


def _paired_rest(
    structure: Largest, K: FloatArray, directions: tuple[FloatArray, ...]
) -> FloatArray:
    """tr(K E K F) over the other factors' blocks of K."""
    m = len(directions[0])
    total = np.zeros((m, m))
    slices, shapes = structure.slices(), structure.shapes
    for f, (J, r) in enumerate(shapes):
        for g, (L, s) in enumerate(shapes):
            block = K[slices[f], slices[g]].reshape(J, r, L, s).transpose(1, 3, 0, 2)
            flat = block.reshape(r * s, -1)
            # K_(ja)(lb) F_bd K_(jc)(ld) E_ca
            moments = (flat @ flat.T).reshape(r, s, r, s)
            total += np.einsum(
                "abcd,mca,nbd->mn", moments, directions[f + 1], directions[g + 1], optimize=True
            )
    return total


def _add(target: FloatArray, sparse: Any) -> None:
    entries = sparse.tocoo()
    np.add.at(target, (entries.row, entries.col), entries.data)
