"""Scales on which a fixed effect may be stated: standardised slope, Cohen's d, R-squared."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign, sqrt
from typing import Literal, TypeAlias

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import PopulationError, did_you_mean
from nestling.model.spreads import number
from nestling.simulate.column_moments import Moments


@dataclass(frozen=True, slots=True)
class Standardised:
    """A slope in SDs of y per SD of the column; `share` is how it was stated as R-squared.

    Both SDs are `of` y and the column in total, within clusters, or between them.
    """

    value: float
    share: float | None = None
    of: Literal["total", "within", "between"] = "total"

    def __str__(self) -> str:
        if self.share is None:
            return f"nl.standardised({self.value:g})"
        sign = ", sign=-1" if self.value < 0 else ""
        of = "" if self.of == "total" else f", of={self.of!r}"
        return f"nl.r2({self.share:g}{sign}{of})"


@dataclass(frozen=True, slots=True)
class CohensD:
    """A difference in SDs of y within the groups compared."""

    value: float

    def __str__(self) -> str:
        return f"nl.d({self.value:g})"


Scaled: TypeAlias = Standardised | CohensD


def standardised(value: float) -> Standardised:
    """State a fixed effect as a standardised slope: SDs of y per SD of its column.

    The SD of y is the marginal one: fixed effects, random effects and residual together.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.standardised(0.2))
    nl.standardised(0.2)
    """
    return Standardised(number(value, "nl.standardised()"))


def d(value: float) -> CohensD:
    """State the effect of a 0/1 column as Cohen's d.

    The difference is divided by the total SD within the groups compared, the root of the
    random effects' and the residual variance together (Hedges 2007).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.d(0.3))
    nl.d(0.3)
    """
    return CohensD(number(value, "nl.d()"))


def r2(
    total: float, sign: int = 1, *, of: Literal["total", "within", "between"] = "total"
) -> Standardised:
    """State a fixed effect by the share of the variance of y that its column makes alone.

    `of="within"` is a share of the variance of y within clusters, made by what varies within them
    of the column; `of="between"` the same between clusters (Rights and Sterba 2019). Both need
    one grouping factor.

    The share is (effect² * variance of the column) / variance of y; the shares of uncorrelated
    columns add up to the R-squared of the fixed effects.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.r2(0.1))
    nl.r2(0.1)
    """
    share = number(total, "nl.r2()")
    if not 0 <= share < 1:
        raise PopulationError(f"nl.r2({share:g}): a share of variance is at least 0 and below 1.")
    if of not in {"total", "within", "between"}:
        raise PopulationError(
            f"nl.r2(): of={of!r}. {did_you_mean(str(of), ['total', 'within', 'between'])}"
        )
    return Standardised(copysign(sqrt(share), sign), share, of)


def solve_effects(
    names: tuple[str, ...], stated: Mapping[str, float | Scaled], moments: Moments, rest: float
) -> FloatArray:
    """Convert effects on all scales to coefficients.

    With the stated numbers u and slopes w per SD of y, the variance s² of y solves
    s² = (u + s w)' S (u + s w) + rest, where S is the covariance of the columns.

    Raises
    ------
    PopulationError
        When the effects explain everything, or d is stated of a column that is not 0/1.
    """
    u, w = np.zeros(len(names)), np.zeros(len(names))
    for j, name in enumerate(names):
        value = stated[name]
        variance = moments.covariance[j, j]
        if isinstance(value, CohensD):
            values = np.unique(np.round(moments.columns[j], 12))
            if len(values) != 2 or abs(values[1] - values[0] - 1) > 1e-9:
                raise PopulationError(
                    f"fixed= states {name!r} as {value}, but its column is not 0/1: Cohen's d "
                    "compares two groups. State a slope as nl.standardised(...)."
                )
            u[j] = value.value * sqrt(rest)
        elif isinstance(value, Standardised) and value.of == "total":
            # the intercept's variance is rounding
            if variance <= 1e-20 * float(moments.weights @ moments.columns[j] ** 2):
                raise PopulationError(
                    f"fixed= states {name!r} as {value}, but its column has the variance 0; "
                    "only what varies has a standardised slope."
                )
            w[j] = value.value / sqrt(variance)
        elif isinstance(value, Standardised):
            continue  # solved with the levels
        else:
            u[j] = value
    if any(isinstance(value, Standardised) and value.of != "total" for value in stated.values()):
        raise PopulationError(
            "nl.r2(of='within') and nl.r2(of='between') need one grouping factor, whose clusters "
            "are meant."
        )
    share = float(w @ moments.covariance @ w)
    if share >= 1:
        shown = ", ".join(
            f"{name}: {value}" for name, value in stated.items() if isinstance(value, Standardised)
        )
        raise PopulationError(
            f"fixed= states {shown}: together they explain {share:g} of the variance of y, which "
            "leaves nothing for the rest. The shares stay below 1."
        )
    half = float(u @ moments.covariance @ w)
    known = float(u @ moments.covariance @ u) + rest
    if share > 0 and known == 0:
        raise PopulationError(
            "fixed= states effects as shares of the variance of y, whose other parts are all 0. "
            "Give the residual a variance above 0."
        )
    s = (half + sqrt(half**2 + (1 - share) * known)) / (1 - share)
    return np.asarray(u + s * w)
