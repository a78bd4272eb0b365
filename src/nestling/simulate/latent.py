"""Spreads of populations whose response is not normal, on the scale of the link.

The distribution of the response has a variance of its own on that scale (Nakagawa, Johnson and
Schielzeth 2017); with it an ICC is a share of a total, as the residual variance makes it
otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, nan, sqrt

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import PopulationError
from nestling.model.families_base import Family
from nestling.model.formula import Formula
from nestling.model.parameters import TermParameters
from nestling.model.scales import covariances
from nestling.model.spreads import Icc
from nestling.simulate.column_moments import Moments, moments_of
from nestling.simulate.effect_scales import Scaled
from nestling.simulate.needs import Needs
from nestling.simulate.predictors import Predictor

NODES = 101
HALVINGS = 80
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Average:
    """The linear predictor of an average row.

    Attributes
    ----------
    centre : float
        Its fixed part, with every column of X at its mean.
    variance : float
        Of the random effects, on average over the rows.
    """

    centre: float
    variance: float

    def mean(self, family: Family) -> float:
        """Return the mean of the response (of one trial) there, over the random effects.

        With the inverse link there is no such mean, since the linear predictor comes as close to
        zero as can be: it is that of random effects of zero.

        Raises
        ------
        PopulationError
            When the family has no such mean.

        Examples
        --------
        >>> from nestling.model.families import family
        >>> Average(0.0, 2.0).mean(family("poisson"))
        2.718281828459045
        """
        centre = np.array([self.centre])
        if not family.valid(centre, family.mean(centre))[0]:
            raise PopulationError(
                f"At the average the linear predictor is {self.centre:.6g}, which {family} turns "
                f"into the mean {family.mean(centre)[0]:.6g}; means are {family.support}."
            )
        if family.link == "log":
            return exp(self.centre + self.variance / 2)
        if family.link == "inverse":
            return 1 / self.centre
        z, w = _nodes()
        means = family.mean(self.centre + sqrt(self.variance) * z)
        return float(w @ means)


def average_row(moments: Moments, beta: FloatArray, terms: Sequence[TermParameters]) -> Average:
    """Return the linear predictor of an average row."""
    means = np.array([float(column @ moments.weights) for column in moments.columns])
    spread = sum(
        float((term.covariance * square).sum())
        for term, square in zip(terms, moments.squares, strict=True)
    )
    return Average(float(beta @ means) if means.size else 0.0, spread)


def latent_variance(
    family: Family,
    effects: Mapping[str, float | Scaled],
    spreads: Mapping[str, object],
    formula: Formula,
    needs: Needs,
    predictors: Mapping[str, Predictor],
) -> float:
    """Return the response's own variance on the scale of the link, as far as it is needed.

    An ICC depends on it, and it on the mean, which depends on the random effects' variance when
    the family's variance does: the two are solved together. The larger the one, the smaller the
    other, so that there is one solution.

    Raises
    ------
    PopulationError
        When effects are stated in SDs of y on a scale that depends on them.
    """
    if not family.needs_mean:
        return family.latent(nan)
    scaled = [name for name, value in effects.items() if isinstance(value, Scaled)]
    if scaled:
        raise PopulationError(
            f"fixed= states {scaled[0]!r} as {effects[scaled[0]]}, but with {family} the SD of y "
            "depends on its mean and so on the effects themselves. State a number on the scale "
            f"of the {family.link} link."
        )
    if not any(map(_has_icc, spreads.values())):
        return 0.0
    try:
        moments = moments_of(formula, needs, predictors)
    except PopulationError as error:
        raise PopulationError(
            f"random= states an ICC, which with {family} depends on the mean of y. "
            f"{str(error).partition(' State')[0]} State the variance or nl.sd(...) instead."
        ) from None
    beta = np.array([effects[name] for name in needs.coefficients], dtype=np.float64)

    def implied(variance: float) -> float:
        terms = covariances(spreads, needs.terms, variance)
        return family.latent(average_row(moments, beta, terms).mean(family))

    return _crossing(implied)


@cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of means over a standard normal variable."""
    z, w = np.polynomial.hermite_e.hermegauss(NODES)
    return z, w / w.sum()


def _crossing(implied: Callable[[float], float]) -> float:
    """Find the variance that implies itself."""
    low, high = 0.0, implied(TINY)
    while implied(high) > high:
        if high > 1 / TINY:
            raise PopulationError(
                "random= states an ICC that no variance has: with this family and link the "
                "response's own variance grows as fast as the random effects'. State a variance."
            )
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if implied(middle) > middle else (low, middle)
    return (low + high) / 2


def _has_icc(stated: object) -> bool:
    if isinstance(stated, Mapping):
        return any(map(_has_icc, stated.values()))
    if isinstance(stated, list | tuple):
        return any(map(_has_icc, stated))
    return isinstance(stated, Icc)
