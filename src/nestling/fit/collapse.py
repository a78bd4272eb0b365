"""Levels with equal Z'Z share every matrix of an evaluation but their own Z'[X y]."""

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.one_factor import OneFactor
from nestling.statistics.sufficient import SufficientStatistics

FEW = 64
"""Below this many levels there is nothing to win."""


def one_factor(statistics: SufficientStatistics) -> OneFactor:
    """Return the structure of one grouping factor, collapsed where that saves work.

    A class of m levels with the same Z'Z enters the criterion through the second moments of
    their Z'[X y] alone; at most k (p + 1) pseudo-levels carry those, found by QR so that no
    digits are lost.
    """
    (factor,) = statistics.factors
    k, c, J = factor.ZW.shape
    classes = _classes(factor.ZZ)
    if classes is None or classes.max() + 1 > J // 2:
        return OneFactor.of(statistics)
    counts = np.bincount(classes)
    first = np.zeros(len(counts), dtype=np.intp)
    first[classes[::-1]] = np.arange(J)[::-1]
    order = np.argsort(classes, kind="stable")
    flat = factor.ZW.reshape(k * c, J).T[order]
    depth = min(k * c, int(counts.max()))
    pseudo = np.zeros((depth, len(counts), k * c))
    for u, (start, stop) in enumerate(
        zip(np.cumsum(counts) - counts, np.cumsum(counts), strict=True)
    ):
        rows = flat[start:stop]
        if len(rows) > depth:
            rows = _moment_root(rows)
        pseudo[: len(rows), u] = rows
    B = np.ascontiguousarray(pseudo.transpose(2, 0, 1)).reshape(k, c, depth, len(counts))
    return OneFactor(factor.ZZ[:, :, first], B, statistics.WW, counts.astype(float))


def _moment_root(rows: FloatArray) -> FloatArray:
    """Return at most as many rows as columns with the same cross-products."""
    return np.asarray(np.linalg.qr(rows, mode="r"))


def _classes(ZZ: FloatArray) -> IntArray | None:
    """Give each distinct Z'Z a number; None when a sample says they are mostly different."""
    k, J = ZZ.shape[0], ZZ.shape[2]
    if J < FEW:
        return None
    lower = np.ascontiguousarray(ZZ[np.tril_indices(k)].T)
    sample = lower[:: max(1, J // 256)]
    if len(np.unique(sample, axis=0)) > 0.6 * len(sample):
        return None
    if k == 1:
        return np.unique(lower[:, 0], return_inverse=True)[1]
    keys = lower.view(np.dtype((np.void, lower.dtype.itemsize * lower.shape[1]))).ravel()
    return np.unique(keys, return_inverse=True)[1]
