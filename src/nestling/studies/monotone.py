"""Curves that can only rise, estimated with error: smoothing, and where they reach a target."""

import numpy as np

from nestling.arrays import FloatArray


def rising(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted least-squares fit that never falls (pool adjacent violators).

    Parameters
    ----------
    values, weights : (n,) arrays
        NaN and zero weights are carried through.

    Examples
    --------
    >>> rising(np.array([0.2, 0.5, 0.4, 0.9]), np.ones(4)).tolist()
    [0.2, 0.45, 0.45, 0.9]
    """
    known = np.isfinite(values) & (weights > 0)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, points
    for value, weight in zip(values[known], weights[known], strict=True):
        mean, total, points = float(value), float(weight), 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, points = total + heavy, points + many
        blocks.append((mean, total, points))
    fitted = np.full(len(values), np.nan)
    fitted[known] = np.repeat([mean for mean, _, _ in blocks], [points for *_, points in blocks])
    return fitted


def reached(at: FloatArray, fitted: FloatArray, target: float) -> float:
    """Return where a rising curve first reaches a target: straight between its points.

    NaN where it never does; the first point where it is there from the start, because nothing is
    known before it.

    Examples
    --------
    >>> reached(np.array([10.0, 20.0, 40.0]), np.array([0.25, 0.5, 1.0]), 0.75)
    30.0
    """
    known = np.isfinite(fitted)
    at, fitted = at[known], fitted[known]
    there = np.flatnonzero(fitted >= target)
    if not len(there):
        return float("nan")
    k = int(there[0])
    if k == 0:
        return float(at[0])
    share = (target - fitted[k - 1]) / (fitted[k] - fitted[k - 1])
    return float(at[k - 1] + share * (at[k] - at[k - 1]))
