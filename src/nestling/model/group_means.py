"""Means of groups, row by row."""

import numpy as np

from nestling.arrays import FloatArray, IntArray


def between_groups(x: FloatArray, codes: IntArray) -> FloatArray:
    """Return each row's mean of x over its group.

    Missing values (NaN) are left out of the means and stay missing, as do rows without a group
    (code -1): a row that is left out of a model has no share in it.

    Parameters
    ----------
    x : array (n,)
    codes : array (n,) of int
        Groups, from 0.

    Examples
    --------
    >>> between_groups(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1])).tolist()
    [2.0, 2.0, 5.0]
    """
    known = ~np.isnan(x) & (codes >= 0)
    whole = bool(known.all())
    values, groups = (x, codes) if whole else (x[known], codes[known])
    counts = np.maximum(np.bincount(groups, minlength=1), 1)
    # deviations from one mean keep the digits that large values would lose in sums
    centre = values.mean() if values.size else 0.0
    means = centre + np.bincount(groups, weights=values - centre, minlength=counts.size) / counts
    if whole:
        return np.asarray(means[codes])
    made = np.full(len(x), np.nan)
    made[known] = means[groups]
    return made
