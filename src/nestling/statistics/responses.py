"""Cross-products of many responses with one design, in the design's basis."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.statistics.basis import Basis
from nestling.statistics.layout import layout_of
from nestling.statistics.rows import BLOCK, Rows

CELLS = 1 << 16
"""Rows times responses that are carried together."""


def response_products(
    rows: Rows, basis: Basis, Y: FloatArray
) -> tuple[tuple[FloatArray, ...], FloatArray, FloatArray, FloatArray]:
    """Return Z'r per factor (k, J, R), X'r (p, R), r'r (R,) and b (p, R).

    The responses (n, R), less the offset, are replaced by their residuals r = (y - Q b) / s with
    b = Q'y and the basis' scale s, as the basis does with its own response: the small
    differences that remain lose no digits in the products.
    """
    from scipy.sparse import csr_array

    layout = layout_of(rows.matrices.random)
    offset = rows.matrices.offset
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    G = basis.transform[:-1, :-1]
    p, R = len(basis.kept), Y.shape[1]
    blocks = [slice(a, min(a + BLOCK, rows.n)) for a in range(0, rows.n, BLOCK)]
    # so many responses at a time that a block of them stays in the processor's cache
    width = max(16, CELLS // min(BLOCK, rows.n))
    parts = [slice(a, min(a + width, R)) for a in range(0, R, width)]

    def fixed(block: slice) -> FloatArray:
        return np.asarray(G.T @ rows.fixed(block)[columns[:-1]])

    def response(block: slice, part: slice) -> FloatArray:
        values = Y[block, part]
        if offset is not None:
            values = values - offset[block, None]
        return values if rows.root_weights is None else values * rows.root_weights[block, None]

    def incidence(members: tuple[int, ...], block: slice) -> csr_array:
        Z = np.concatenate([basis.rotations[t].T @ rows.random(t, block) for t in members])
        codes = rows.matrices.random[members[0]].codes[block]
        J = len(rows.matrices.random[members[0]].levels)
        position = (np.arange(len(Z))[:, None] * J + codes).ravel()
        row = np.tile(np.arange(Z.shape[1]), len(Z))
        return csr_array((Z.ravel(), (position, row)), (len(Z) * J, Z.shape[1]))

    b = np.zeros((p, R))
    for block in blocks:
        Q = fixed(block)
        for part in parts:
            b[:, part] += Q @ response(block, part)
    Xy, yy = np.zeros((p, R)), np.zeros(R)
    sums = [
        np.zeros((k * len(rows.matrices.random[members[0]].levels), R))
        for k, members in zip(layout.widths, layout.members, strict=True)
    ]
    for block in blocks:
        Q = fixed(block)
        incidences = [incidence(members, block) for members in layout.members]
        for part in parts:
            residual = response(block, part) - Q.T @ b[:, part]
            residual /= basis.response_scale
            Xy[:, part] += Q @ residual
            yy[part] += np.einsum("ij,ij->j", residual, residual)
            for total, matrix in zip(sums, incidences, strict=True):
                total[:, part] += matrix @ residual
    Zy = tuple(total.reshape(k, -1, R) for k, total in zip(layout.widths, sums, strict=True))
    return Zy, Xy, yy, b
