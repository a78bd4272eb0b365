"""The studentized range: how far apart the furthest two of k equal means come to lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.arrays import FloatArray

NODES = 96
"""Of Gauss and Legendre, each way: errors are below 1e-12, and 1e-8 for less than 3 df."""
TAIL = 1e-17
"""Of the scale's distribution, left out on each side."""
REACH = 8.5
"""A normal deviate beyond which nothing is added."""


def range_survival(q: float, k: int, df: float) -> float:
    """Return P(Q > q) for k means and df degrees of freedom, which may be infinite.

    The range of k normal deviates is at most w with probability
    k int phi(z) (Phi(z) - Phi(z - w))^(k - 1) dz; w = q s with s^2 chi-squared over its df.

    Examples
    --------
    >>> round(range_survival(3.4421, 3, 40), 4)
    0.05
    """
    from scipy.special import ndtr

    if np.isnan(q) or np.isnan(df):
        return float("nan")
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    s, density = _scale(df, nodes, weights)
    z = REACH * nodes
    phi = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi) * REACH * weights
    width = np.maximum(ndtr(z) - ndtr(z - q * s[:, None]), 0.0)
    inside = k * (width ** (k - 1) @ phi)
    return float(min(1.0, max(0.0, 1.0 - density @ inside)))


def range_quantile(tail: float, k: int, df: float) -> float:
    """Return the q with P(Q > q) = tail."""
    from scipy.optimize import brentq

    if np.isnan(df):
        return float("nan")
    high = 4.0
    while range_survival(high, k, df) > tail:
        high *= 2.0
    return float(brentq(lambda q: range_survival(q, k, df) - tail, 0.0, high, xtol=1e-10))


def _scale(df: float, nodes: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nodes of s and their share of its distribution."""
    from scipy.special import gammainccinv, gammaincinv, gammaln

    if np.isinf(df):
        return np.ones(1), np.ones(1)
    half = df / 2.0
    low = float(np.sqrt(gammaincinv(half, TAIL) / half))
    high = float(np.sqrt(gammainccinv(half, TAIL) / half))
    s = low + (high - low) * (nodes + 1.0) / 2.0
    # of s = sqrt(x / half) with x of the gamma distribution
    log = np.log(2.0) + half * np.log(half) + (df - 1.0) * np.log(s) - half * s**2 - gammaln(half)
    share = np.exp(log) * weights
    return s, share / share.sum()
