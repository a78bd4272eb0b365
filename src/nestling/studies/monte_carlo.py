"""Summaries over replicates with their Monte-Carlo standard errors.

Formulas: Morris, White and Crowther (2019), Using simulation studies to evaluate statistical
methods, Statistics in Medicine 38, table 6. Intervals of shares: Clopper and Pearson (1934).
"""

import numpy as np

from nestling.arrays import BoolArray, FloatArray


def share_limits(hits: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return exact confidence limits of shares hits / n.

    Examples
    --------
    >>> low, high = share_limits(np.array([0.0, 8.0]), np.array([10.0, 10.0]), 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.4439], [0.3085, 0.9748])
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    hits, n = np.asarray(hits, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore"):
        low = betaincinv(np.maximum(hits, 0.5), n - hits + 1.0, tail)
        high = betaincinv(hits + 1.0, np.maximum(n - hits, 0.5), 1.0 - tail)
    low = np.where(hits == 0.0, 0.0, low)
    high = np.where(hits == n, 1.0, high)
    nothing = n == 0.0
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def two_sided(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return two-sided p values of t statistics; normal where df is infinite."""
    from scipy.special import ndtr, stdtr

    size = np.abs(statistic)
    with np.errstate(invalid="ignore"):
        t = stdtr(np.where(np.isfinite(df), df, 1.0), -size)
    return np.where(np.isinf(df), 2.0 * ndtr(-size), 2.0 * t)


def critical(level: float, df: FloatArray) -> FloatArray:
    """Return the t quantile that cuts (1 - level) / 2 off each tail."""
    from scipy.special import ndtri, stdtrit

    upper = (1.0 + level) / 2.0
    with np.errstate(invalid="ignore"):
        t = stdtrit(np.where(np.isfinite(df), df, 1.0), upper)
    return np.where(np.isinf(df), ndtri(upper), np.where(np.isnan(df), np.nan, t))


def columns_mean(values: FloatArray) -> FloatArray:
    """Return means over replicates without the NaN; NaN for a column of nothing else."""
    counts = np.isfinite(values).sum(axis=0)
    sums = np.where(np.isfinite(values), values, 0.0).sum(axis=0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def columns_sd(values: FloatArray) -> FloatArray:
    """Return standard deviations over replicates (n - 1) without the NaN."""
    counts = np.isfinite(values).sum(axis=0)
    centred = np.where(np.isfinite(values), values - columns_mean(values), 0.0)
    squares = (centred**2).sum(axis=0)
    return np.asarray(np.where(counts > 1, np.sqrt(squares / np.maximum(counts - 1, 1)), np.nan))


def shares(hits: BoolArray, valid: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return hits, number of valid replicates and share, per column."""
    n = valid.sum(axis=0).astype(float)
    k = (hits & valid).sum(axis=0).astype(float)
    return k, n, np.where(n > 0, k / np.maximum(n, 1.0), np.nan)


def worst_share_error(hits: FloatArray, n: FloatArray) -> float:
    """Return the largest Monte-Carlo standard error of shares hits / n; inf for none.

    Two hits and two misses are added (Agresti and Coull 1998): after ten replicates that all
    hit, the share is not known without error.

    Examples
    --------
    >>> round(worst_share_error(np.array([830.0]), np.array([1000.0])), 4)
    0.0119
    >>> worst_share_error(np.array([10.0]), np.array([10.0])) > 0.09
    True
    """
    hits, n = hits[n > 0], n[n > 0]
    if not len(n):
        return float("inf")
    share = (hits + 2.0) / (n + 4.0)
    return float(np.sqrt(share * (1.0 - share) / (n + 4.0)).max())
