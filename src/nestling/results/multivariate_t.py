"""Probabilities of several t statistics at once, by quasi-Monte Carlo.

Each component is conditioned on those before it (Genz and Bretz 2009, Computation of
Multivariate Normal and t Probabilities, section 4.2), over a fixed lattice: the same question
has the same answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.arrays import FloatArray

POINTS = 20_011
"""Of the lattice; probabilities of up to ten statistics are then good to about 1e-5."""
LEAST = 1e-300
"""Keeps quantiles finite."""


def inside_probability(bound: float, correlation: FloatArray, df: float) -> float:
    """Return P(all |t_i| <= bound) with this correlation and df, which may be infinite.

    Examples
    --------
    >>> import numpy as np
    >>> round(inside_probability(2.0, np.eye(1), np.inf), 4)
    0.9545
    """
    from scipy.special import gammaincinv, ndtr, ndtri

    m = len(correlation)
    # differences of means depend on one another: lift zero eigenvalues
    lower = np.linalg.cholesky(correlation + 1e-9 * np.eye(m))
    u = _lattice(m)
    scale = np.ones(POINTS) if np.isinf(df) else np.sqrt(2.0 * gammaincinv(df / 2.0, u[0]) / df)
    limit = bound * scale
    y = np.zeros((m, POINTS))
    total = np.ones(POINTS)
    for j in range(m):
        centre = lower[j, :j] @ y[:j]
        low = ndtr((-limit - centre) / lower[j, j])
        high = ndtr((limit - centre) / lower[j, j])
        total *= high - low
        if j + 1 < m:
            y[j] = ndtri(np.clip(low + u[j + 1] * (high - low), LEAST, 1.0 - 1e-16))
    return float(total.mean())


def equicoordinate(level: float, correlation: FloatArray, df: float) -> float:
    """Return the bound within which all statistics are with probability `level`."""
    from scipy.optimize import brentq

    high = 2.0
    while inside_probability(high, correlation, df) < level:
        high *= 1.5
    return float(
        brentq(lambda t: inside_probability(t, correlation, df) - level, 0.0, high, xtol=1e-8)
    )


def _lattice(m: int) -> FloatArray:
    """Points of a Richtmyer lattice, (m, points), folded so that they have no edges."""
    primes = [n for n in range(2, 40 + 12 * m) if all(n % d for d in range(2, int(n**0.5) + 1))]
    steps = np.sqrt(np.array(primes[:m], dtype=float))[:, None]
    points = (steps * (np.arange(POINTS) + 1.0) + 0.5) % 1.0
    return np.asarray(np.abs(2.0 * points - 1.0))
