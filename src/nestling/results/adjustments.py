"""P values and limits of several tests at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.results.contrast_tests import two_sided

if TYPE_CHECKING:
    from nestling.arrays import FloatArray

ADJUSTMENTS = ("none", "tukey", "bonferroni", "holm", "sidak", "fdr", "mvt")
ALIASES = {"bh": "fdr", "dunnett": "mvt", "dunnettx": "mvt", "šidák": "sidak"}


def adjustment_of(name: str) -> str:
    """Read the name of an adjustment.

    Examples
    --------
    >>> adjustment_of("BH")
    'fdr'
    """
    lower = str(name).lower()
    found = ALIASES.get(lower, lower)
    if found not in ADJUSTMENTS:
        raise ArgumentError(f"adjust={name!r}. {did_you_mean(lower, (*ADJUSTMENTS, *ALIASES))}")
    return found


def adjusted_p(
    adjust: str, statistic: FloatArray, df: FloatArray, k: int, correlation: FloatArray
) -> FloatArray:
    """Adjust the two-sided p values of a family of tests.

    Parameters
    ----------
    adjust : str
        One of `ADJUSTMENTS`.
    statistic, df : (m,) arrays
        NaN where there is no test.
    k : int
        Means that are compared, for "tukey".
    correlation : (m, m) array
        Of the estimates, for "mvt".
    """
    p = two_sided(statistic, df)
    known = np.flatnonzero(~np.isnan(p))
    m = len(known)
    if adjust == "none" or m == 0:
        return p
    result = p.copy()
    if adjust == "bonferroni":
        result = np.minimum(1.0, p * m)
    elif adjust == "sidak":
        result = -np.expm1(m * np.log1p(-np.minimum(p, 1.0 - 1e-16)))
    elif adjust == "holm":
        order = known[np.argsort(p[known], kind="stable")]
        steps = np.maximum.accumulate(p[order] * (m - np.arange(m)))
        result[order] = np.minimum(1.0, steps)
    elif adjust == "fdr":
        order = known[np.argsort(p[known], kind="stable")]
        steps = p[order] * m / np.arange(1, m + 1)
        result[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    elif adjust == "tukey":
        from nestling.results.studentized_range import range_survival

        for i in known:
            result[i] = range_survival(float(np.sqrt(2.0) * abs(statistic[i])), k, float(df[i]))
    else:
        inside = correlation[np.ix_(known, known)]
        from nestling.results.multivariate_t import inside_probability

        for i in known:
            joint = inside_probability(abs(float(statistic[i])), inside, float(df[i]))
            result[i] = max(p[i], 1.0 - joint)
    return result


def critical_values(
    adjust: str, df: FloatArray, level: float, k: int, correlation: FloatArray
) -> FloatArray:
    """Return the half width of each interval in standard errors.

    "holm" and "fdr" have no intervals of their own; Bonferroni's hold for both.
    """
    from scipy.special import ndtri, stdtrit

    known = np.flatnonzero(~np.isnan(df))
    m, tail = max(1, len(known)), 1.0 - level
    if adjust in {"bonferroni", "holm", "fdr"}:
        tail /= m
    elif adjust == "sidak":
        tail = -float(np.expm1(np.log1p(-tail) / m))
    result = np.full(len(df), np.nan)
    inside = correlation[np.ix_(known, known)]
    for value in np.unique(df[known]):
        if adjust == "tukey":
            from nestling.results.studentized_range import range_quantile

            half = range_quantile(tail, k, float(value)) / np.sqrt(2.0)
        elif adjust == "mvt" and m > 1:
            from nestling.results.multivariate_t import equicoordinate

            half = equicoordinate(level, inside, float(value))
        elif np.isinf(value):
            half = float(ndtri(1.0 - tail / 2.0))
        else:
            half = float(stdtrit(value, 1.0 - tail / 2.0))
        result[df == value] = half
    return result
