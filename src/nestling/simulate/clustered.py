"""A predictor that varies between clusters and within them, with a stated share of each.

Its normal score is a weighted sum of one score per cluster and one of its own. A normal
predictor is then a sum of its parts; another one is the quantile of the score, and the weights
are solved so that its own intraclass correlation, not the score's, is the one stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias, TypeVar

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.given import Labels
from nestling.simulate.marginals import Bernoulli, Categorical, Normal, Uniform
from nestling.simulate.steps import thresholds

Numbers: TypeAlias = (
    Normal
    | Uniform
    | Bernoulli
    | Lognormal
    | Gamma
    | Beta
    | StudentT
    | Binomial
    | Poisson
    | Empirical
)
Marginal: TypeAlias = Numbers | Categorical
Kind = TypeVar("Kind", bound=Numbers)


# Means of more clusters than this are read off a smooth curve through as many.
TABLE = 400


@dataclass(frozen=True, slots=True)
class Clustered:
    """A predictor with its shares of variance between the units named.

    Attributes
    ----------
    base : predictor
        Distribution of its values over everything.
    icc : tuple of (str or None, float)
        Unit and share; None is the unit just outside the predictor's own level.
    parts : bool
        Whether the parts are columns of the data too.
    """

    base: Numbers
    icc: tuple[tuple[str | None, float], ...]
    parts: bool = False

    @property
    def level(self) -> str | None:
        """Level of its values."""
        return self.base.level

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.base.moments

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return self.base.distinct

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the variance of the normal score, one per unit."""
        stated = tuple(share for _, share in self.icc)
        if isinstance(self.base, Normal):
            return stated
        return (_score_share(self.base, stated[0]),)

    def part_names(self, name: str) -> tuple[str, ...]:
        """Names of the columns of its parts: within, then between each unit."""
        if len(self.icc) == 1:
            return f"{name}_within", f"{name}_between"
        return f"{name}_within", *(f"{name}_between_{unit}" for unit, _ in self.icc)

    def values(
        self, between: list[FloatArray], codes: list[AnyArray], own: FloatArray
    ) -> tuple[AnyArray | Labels, list[FloatArray]]:
        """Make the values of all rows, and each between part when asked for.

        Parameters
        ----------
        between : list of arrays (J,)
            Scores of the units.
        codes : list of arrays (n,)
            The unit of each row.
        own : array (n,)
            Scores of the rows.
        """
        mean, sd = self.base.moments
        shares = self.shares
        rest = sqrt(max(0.0, 1 - sum(shares)))
        if isinstance(self.base, Normal):
            effects = [sd * sqrt(s) * z for s, z in zip(shares, between, strict=True)]
            total = (sd * rest) * own
            for effect, code in zip(effects, codes, strict=True):
                total += effect[code]
            total += mean
            # the first between part carries the mean, so that the parts add up to the values
            parts = [
                (effect + (mean if i == 0 else 0.0))[code]
                for i, (effect, code) in enumerate(zip(effects, codes, strict=True))
            ]
            return total, parts if self.parts else []
        scores = rest * own + (sqrt(shares[0]) * between[0])[codes[0]]
        made = self.base.at_scores(scores)
        if not self.parts:
            return made, []
        return made, [cluster_mean(self.base, shares[0], between[0])[codes[0]]]

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""
        return self.base.prototype(n)

    def __str__(self) -> str:
        shown = (
            f"{self.icc[0][1]:g}"
            if self.icc[0][0] is None
            else "{" + ", ".join(f"{unit!r}: {share:g}" for unit, share in self.icc) + "}"
        )
        parts = ", parts=True" if self.parts else ""
        return f"{str(self.base)[:-1]}, icc={shown}{parts})"


def clustered(base: Kind, icc: object, parts: bool) -> "Kind | Clustered":
    """Give a predictor shares between clusters, if any are stated."""
    what = str(base).split("(")[0] + "()"
    if icc is None:
        if parts:
            raise PopulationError(
                f"{what}: parts=True needs icc=, the share of the variance between clusters."
            )
        return base
    if isinstance(base, Empirical) and base.values.labels is not None:
        raise PopulationError(f"{what}: icc= needs numbers; categories have no variance.")
    given = icc if isinstance(icc, Mapping) else {None: icc}
    shares = []
    for unit, share in given.items():
        if unit is not None and not isinstance(unit, str):
            raise ArgumentTypeError(
                f"{what}: icc= names {unit!r}; expected a unit of the design, {{'Cluster': 0.2}}."
            )
        found = number(share, f"{what}: the icc")
        if not 0 <= found <= 1:
            raise PopulationError(f"{what}: icc={found:g}; it is a share between 0 and 1.")
        shares.append((unit, found))
    total = sum(share for _, share in shares)
    if not shares or total > 1 + 1e-12:
        written = " + ".join(f"{share:g}" for _, share in shares) or "no share"
        raise PopulationError(
            f"{what}: the shares between units are {written} = {total:g}; together they are at "
            "most 1, the rest is within."
        )
    if len(shares) > 1 and not isinstance(base, Normal):
        raise PopulationError(
            f"{what}: icc= has {len(shares)} units; only nl.normal is a sum of parts of several "
            "units. State one unit."
        )
    return Clustered(base, tuple(shares), parts)


def cluster_mean(base: Numbers, share: float, score: FloatArray) -> FloatArray:
    """Return the expected value in a cluster with this score, which has this share.

    E[h(sqrt(r) b + sqrt(1 - r) w)] over w: Gauss-Hermite sums for smooth h, normal
    probabilities for the steps of discrete h.
    """
    from scipy.special import ndtr

    if share >= 1:
        return np.asarray(base.at_scores(score), dtype=np.float64)
    b, rest = sqrt(share) * score, sqrt(1 - share)
    if isinstance(base, Bernoulli | Binomial | Poisson | Empirical):
        values, _ = base.steps
        total = np.full(b.shape, values[0])
        for at, jump in zip(thresholds(base.steps), np.diff(values), strict=True):
            total += jump * ndtr((b - at) / rest)
        return total
    if score.size > TABLE:
        from scipy.interpolate import CubicSpline

        grid = np.linspace(score.min(), score.max(), TABLE)
        return np.asarray(CubicSpline(grid, cluster_mean(base, share, grid))(score))
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    total = np.zeros(b.shape)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * base.at_scores(b + rest * node)
    return total


def _score_share(base: Numbers, icc: float) -> float:
    """Share of the score's variance that gives the values this intraclass correlation."""
    if icc in {0.0, 1.0}:
        return icc
    from scipy.optimize import brentq

    # the trapezoidal rule is exact to rounding for smooth functions under a normal density
    grid = np.linspace(-9, 9, 361)
    weights = np.exp(-(grid**2) / 2)
    weights /= weights.sum()
    _, sd = base.moments

    def excess(share: float) -> float:
        means = cluster_mean(base, share, grid)
        return float(weights @ (means - weights @ means) ** 2) / sd**2 - icc

    if sd == 0:
        raise PopulationError(f"{base}: a predictor that does not vary has no icc.")
    return float(brentq(excess, icc * 1e-3, 1 - 1e-12, xtol=1e-12))
