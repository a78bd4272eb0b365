"""The smallest size that reaches a target, with replicates where they matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from nestling.arrays import FloatArray

STEPS = 10
"""Sizes that are tried at most."""

PILOT = 5
"""A first look takes this part of the replicates."""

NEAR = 0.25
"""Within this share of the last size tried, all replicates are spent."""


LEAST = 0.1
"""Strengths below are noise."""

FLAT, STEEP = 0.05, 2.0
"""Least and greatest slope, as shares of that of a variance which falls as one over the size."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One size that was tried.

    Attributes
    ----------
    size, n : int
        The size and the replicates that were spent.
    strength : float
        One over a standard error, up to a constant: a shift from the power, or one over a width.
    """

    size: int
    n: int
    strength: float


@dataclass(slots=True)
class Search:
    """Tries sizes until the smallest one that is strong enough has had all its replicates.

    Strength is one over a standard error, up to a constant, and the variance of an estimate is
    a + b / size: more clusters lower all of it, more rows in a cluster only the part of the rows.
    That curve is fitted to what was tried, with more weight where many replicates were spent and
    near the target; it smooths the Monte-Carlo error of single sizes.

    Attributes
    ----------
    measure : callable
        (size, replicates) -> strength.
    least, most : int
    target : float
        The strength that is wanted.
    n_sims : int
    tried : dict of int to Tried
    """

    measure: Callable[[int, int], float]
    least: int
    most: int
    target: float
    n_sims: int
    tried: dict[int, Tried] = field(default_factory=dict)

    def run(self) -> int | None:
        """Return the smallest size; None when the largest is not strong enough."""
        size = middle(self.least, self.most)
        n = min(max(50, self.n_sims // PILOT), self.n_sims)
        self._try(size, n)
        # one size says nothing about the curve
        strong = self.tried[size].strength >= self.target
        size = max(self.least, size // 2) if strong else min(self.most, 2 * size)
        if size not in self.tried:
            self._try(size, n)
        for _ in range(STEPS):
            wanted = self._wanted()
            old = self.tried.get(wanted)
            if old is not None and old.n >= self.n_sims:
                break
            near = abs(wanted - size) <= NEAR * size
            size = wanted
            self._try(size, self.n_sims if near else n)
        size = self._wanted()
        if self.tried.get(size, Tried(size, 0, 0.0)).n < self.n_sims:
            self._try(size, self.n_sims)
        if size == self.most and self.tried[size].strength < self.target:
            return None
        return size

    def curve(self) -> tuple[float, float]:
        """Return a and b of 1 / strength^2 = a + b / size."""
        tried = list(self.tried.values())
        x = np.array([1.0 / each.size for each in tried])
        strength = np.array([each.strength for each in tried])
        y = strength**-2.0
        near = np.exp(-4.0 * (strength / self.target - 1.0) ** 2)
        # by the delta method, the variance of y is that of the strength times 4 strength^-6
        weights = np.array([each.n for each in tried]) * strength**6.0 * np.maximum(near, 1e-6)
        mean_x, mean_y = np.average(x, weights=weights), np.average(y, weights=weights)
        alone = float(mean_y / mean_x)
        spread = float(np.average((x - mean_x) ** 2, weights=weights))
        if spread < 1e-8 * mean_x**2:
            return 0.0, alone
        slope = float(np.average((x - mean_x) * (y - mean_y), weights=weights)) / spread
        # sizes that are close say little about the slope
        slope = min(max(slope, FLAT * alone), STEEP * alone)
        return float(mean_y - slope * mean_x), slope

    def _wanted(self) -> int:
        a, b = self.curve()
        left = self.target**-2.0 - a
        if left <= 0.0:
            return self.most
        return int(max(self.least, min(self.most, np.ceil(b / left - 1e-9))))

    def _try(self, size: int, n: int) -> None:
        self.tried[size] = Tried(size, n, max(LEAST, self.measure(size, n)))


def middle(least: int, most: int) -> int:
    """Return the size that is tried first, as far from one as from the other by ratio.

    Examples
    --------
    >>> middle(5, 80)
    20
    """
    return max(least, min(most, round(float(np.sqrt(least * most)))))


def strength_of_power(power: float, n: int, alpha: float) -> float:
    """Return the shift of a normal test with this power: found in n replicates.

    Examples
    --------
    >>> round(strength_of_power(0.8, 10_000_000, 0.05), 2)
    2.8
    """
    from scipy.special import ndtri

    # a half added to hits and misses: a power of 0 or 1 has no quantile
    share = (power * n + 0.5) / (n + 1.0)
    return float(ndtri(share) + ndtri(1.0 - alpha / 2.0))


def strength_at(curves: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return the strength of curves (R, 2) at sizes (S,), shape (R, S)."""
    variance = curves[:, :1] + curves[:, 1:] / sizes
    return np.asarray(1.0 / np.sqrt(np.maximum(variance, 1e-12)))


def power_of_strength(strength: FloatArray, alpha: float) -> FloatArray:
    """Return the power of a normal test with this shift."""
    from scipy.special import ndtr, ndtri

    return np.asarray(ndtr(strength - ndtri(1.0 - alpha / 2.0)))
