"""Whether residuals spread alike, and whether they and the random effects are normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray

SHAPIRO = 5000
"""Values up to which Shapiro and Wilk's p value holds."""


@dataclass(frozen=True, slots=True)
class SpreadTest:
    """A test's statistic and p value, NaN where there is nothing to test.

    Attributes
    ----------
    name : str
    statistic, p_value : float
    smallest, largest : float
        SDs of the groups with the smallest and largest spread; NaN without groups.
    """

    name: str
    statistic: float
    p_value: float
    smallest: float = float("nan")
    largest: float = float("nan")


def spread_by_group(values: FloatArray, codes: IntArray) -> SpreadTest:
    """Return Levene's test about medians (Brown and Forsythe 1974): equal spread in all groups.

    One-way analysis of variance of |value - median of its group|. Groups of fewer than three
    values say nothing about spread and are left out. In groups of ten or fewer the test rejects
    somewhat less often than its level.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([-1.0, 0.0, 1.0, 0.5, -3.0, 0.0, 3.0, 1.0])
    >>> test = spread_by_group(values, np.repeat([0, 1], 4))
    >>> round(test.statistic, 4)
    2.042
    """
    from scipy.special import fdtrc

    name = "Brown-Forsythe"
    usable = np.isfinite(values)
    values, codes = values[usable], codes[usable]
    enough = np.bincount(codes)[codes] >= 3
    values, codes = values[enough], np.unique(codes[enough], return_inverse=True)[1]
    if not len(codes) or codes.max() < 1:
        return SpreadTest(name, float("nan"), float("nan"))
    counts = np.bincount(codes)
    order = np.lexsort((values, codes))
    ordered, starts = values[order], np.cumsum(counts) - counts
    medians = 0.5 * (ordered[starts + (counts - 1) // 2] + ordered[starts + counts // 2])
    distance = np.abs(values - medians[codes])
    means = np.bincount(codes, distance) / counts
    between = float((counts * (means - distance.mean()) ** 2).sum()) / (len(counts) - 1)
    df = len(values) - len(counts)
    within = float(((distance - means[codes]) ** 2).sum()) / df
    centred = values - (np.bincount(codes, values) / counts)[codes]
    sds = np.sqrt(np.bincount(codes, centred**2) / (counts - 1))
    F = between / within if within > 0 else float("nan")
    p = float(fdtrc(len(counts) - 1, df, F)) if np.isfinite(F) else float("nan")
    return SpreadTest(name, F, p, float(sds.min()), float(sds.max()))


def spread_by_value(values: FloatArray, at: FloatArray) -> SpreadTest:
    """Return Breusch and Pagan's test in Koenker's form (1981): spread that grows with `at`.

    n R^2 of the regression of squared values on `at`, chi-squared with one degree of freedom
    whatever the kurtosis.
    """
    from scipy.special import chdtrc

    name = "Breusch-Pagan (Koenker)"
    usable = np.isfinite(values)
    square, x = values[usable] ** 2, at[usable]
    square, x = square - square.mean(), x - x.mean()
    product = float(square @ square) * float(x @ x)
    # fitted values that differ by rounding alone have no order
    if product <= 0 or x.std() <= 1e-10 * max(float(np.abs(at).max()), 1e-300):
        return SpreadTest(name, float("nan"), float("nan"))
    statistic = len(x) * float(square @ x) ** 2 / product
    return SpreadTest(name, statistic, float(chdtrc(1, statistic)))


def normality(values: FloatArray) -> SpreadTest:
    """Return Shapiro and Wilk's test (Royston 1995), all but the squared QQ correlation.

    Beyond 5000 values D'Agostino and Pearson's K^2, from skewness and kurtosis.
    """
    from scipy.stats import normaltest, shapiro

    values = values[np.isfinite(values)]
    if len(values) < 3 or np.ptp(values) <= 0:
        return SpreadTest("Shapiro-Wilk", float("nan"), float("nan"))
    if len(values) <= SHAPIRO:
        found = shapiro(values)
        return SpreadTest("Shapiro-Wilk", float(found.statistic), float(found.pvalue))
    skewed = normaltest(values)
    return SpreadTest("D'Agostino-Pearson", float(skewed.statistic), float(skewed.pvalue))
