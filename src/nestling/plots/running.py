"""Mean and spread along an axis."""

import numpy as np

from nestling.arrays import FloatArray


def running_mean(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return centres, means and SDs in overlapping windows of a fifth of the points.

    None with fewer than 30 points, or all at one place.

    Examples
    --------
    >>> running_mean(np.arange(3.0), np.arange(3.0)) is None
    True
    """
    if len(x) < 30 or np.ptp(x) <= 1e-10 * np.abs(x).max():
        return None
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    width = max(15, len(x) // 5)
    starts = np.unique(np.linspace(0, len(x) - width, 25).astype(int))
    windows = [slice(start, start + width) for start in starts]
    return (
        np.array([x[w].mean() for w in windows]),
        np.array([y[w].mean() for w in windows]),
        np.array([y[w].std() for w in windows]),
    )
