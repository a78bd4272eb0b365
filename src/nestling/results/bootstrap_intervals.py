"""Bootstrap intervals from replicates of one parameter (Davison and Hinkley 1997, chapter 5)."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from nestling.arrays import FloatArray

IntervalKind = Literal["percentile", "basic", "normal", "bca", "studentised"]
KINDS: tuple[IntervalKind, ...] = ("percentile", "basic", "normal", "bca", "studentised")

Limits = tuple[float, float]


def percentile(values: FloatArray, level: float) -> Limits:
    """Return quantiles of the replicates, interpolated linearly as numpy does.

    Examples
    --------
    >>> percentile(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    if not len(values):
        return (np.nan, np.nan)
    lower, upper = np.quantile(values, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
    return float(lower), float(upper)


def basic(estimate: float, values: FloatArray, level: float) -> Limits:
    """Return the percentiles reflected in the estimate.

    Examples
    --------
    >>> basic(40.0, np.arange(101.0), 0.5)
    (5.0, 55.0)
    """
    lower, upper = percentile(values, level)
    return 2.0 * estimate - upper, 2.0 * estimate - lower


def normal(estimate: float, values: FloatArray, level: float) -> Limits:
    """Return the estimate less its bias, plus and minus z bootstrap standard errors."""
    if len(values) < 2:
        return (np.nan, np.nan)
    centre = 2.0 * estimate - float(values.mean())
    width = NormalDist().inv_cdf(0.5 + 0.5 * level) * float(values.std(ddof=1))
    return centre - width, centre + width


def bca(estimate: float, values: FloatArray, left_out: FloatArray, level: float) -> Limits:
    """Return Efron's bias-corrected and accelerated percentiles.

    Replicates equal to the estimate, which a variance of zero brings, count half on each side.
    `left_out` are the estimates without one cluster each; from their skewness comes the
    acceleration.
    """
    if not len(values):
        return (np.nan, np.nan)
    standard = NormalDist()
    share = float((values < estimate).mean() + 0.5 * (values == estimate).mean())
    if not 0.0 < share < 1.0:
        return (np.nan, np.nan)
    bias = standard.inv_cdf(share)
    spread = left_out.mean() - left_out
    square = float((spread**2).sum())
    acceleration = float((spread**3).sum()) / (6.0 * square**1.5) if square > 0.0 else 0.0
    limits = []
    for side in (0.5 - 0.5 * level, 0.5 + 0.5 * level):
        z = bias + standard.inv_cdf(side)
        turned = standard.cdf(bias + z / (1.0 - acceleration * z))
        limits.append(float(np.quantile(values, turned)))
    return limits[0], limits[1]


def studentised(
    estimate: float, error: float, values: FloatArray, errors: FloatArray, level: float
) -> Limits:
    """Return estimate - t* error, with t* the quantiles of (value - estimate) / its own error."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (values - estimate) / errors
    lower, upper = percentile(t[np.isfinite(t)], level)
    return estimate - upper * error, estimate - lower * error


def to_line(kind: str, values: FloatArray) -> FloatArray:
    """Map SDs to logs and correlations to Fisher's z; coefficients stay."""
    with np.errstate(divide="ignore"):
        if kind == "correlation":
            return np.arctanh(values)
        return np.log(values) if kind in {"sd", "sigma"} else values


def from_line(kind: str, values: FloatArray) -> FloatArray:
    """Undo `to_line`."""
    if kind == "correlation":
        return np.tanh(values)
    return np.exp(values) if kind in {"sd", "sigma"} else values
