"""Mixtures of chi-square distributions: likelihood ratios of variances, which cannot be negative.

Under the smaller model a variance that the larger one adds is zero, on the boundary of what it
can be, and half of the time the best estimate of it is zero as well. The likelihood ratio then
follows not chi-square but a mixture of chi-squares with neighbouring degrees of freedom (Self and
Liang 1987; Stram and Lee 1994, Variance components testing in the longitudinal mixed effects
model). Taking it for chi-square with all degrees of freedom is conservative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Blocks = Sequence[tuple[str, tuple[str, ...]]]
"""Random-effects terms: grouping factor and effects, which are correlated with one another."""

Kind = Literal["regular", "exact", "approximate", "bound", "conservative"]

SAYS: dict[Kind, str] = {
    "regular": "no variance at its boundary",
    "exact": "exact in large samples",
    "approximate": "approximate: several boundaries at once, or a singular smaller model",
    "bound": "an upper bound: several correlated effects are added at once",
    "conservative": "conservative: the random effects are not recognised as nested",
}


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of chi-square distributions.

    Attributes
    ----------
    weights : dict of int to float
        By degrees of freedom; zero of them is the point zero.
    kind : {"regular", "exact", "approximate", "bound", "conservative"}
        In large samples: chi-square itself; the exact mixture; an approximation; p values no
        smaller than the exact ones; the same, further from them.
    """

    weights: dict[int, float]
    kind: Kind

    def tail(self, statistic: float) -> float:
        """Return the probability of a statistic as large; NaN without degrees of freedom.

        Examples
        --------
        >>> round(Mixture({0: 0.5, 1: 0.5}, "exact").tail(2.705543), 6)
        0.05
        """
        from scipy.special import chdtrc

        if max(self.weights) == 0 or np.isnan(statistic):
            return np.nan
        return float(sum(
            weight * (chdtrc(df, statistic) if df else float(statistic <= 0.0))
            for df, weight in self.weights.items()
        ))  # fmt: skip

    def __str__(self) -> str:
        """Return the mixture in words."""
        parts = [
            f"{weight:.4g} chi2({df})" if weight != 1.0 else f"chi2({df})"
            for df, weight in sorted(self.weights.items())
        ]
        return f"{' + '.join(parts)}, {SAYS[self.kind]}"


def mixture_of(small: Blocks, large: Blocks, df: int, *, singular: bool = False) -> Mixture:
    """Return the distribution of a likelihood ratio under the smaller of two models.

    One further random effect with q covariances gives halves of chi2(q) and chi2(q + 1); a
    covariance alone, or fixed effects, give chi-square. Several further variances, each its own
    term, give binomial weights, as if their estimates were uncorrelated. Where correlated effects
    are added together the weights have no closed form; but those of even and of odd degrees of
    freedom each sum to a half (Silvapulle and Sen 2005, Constrained Statistical Inference,
    proposition 3.6.1), so halves of chi2(d - 1) and chi2(d) bound the tail from above.

    Parameters
    ----------
    small, large : sequence of (group, effects)
        The random-effects terms of both models.
    df : int
        Difference of the numbers of parameters, fixed effects included.
    singular : bool
        Whether the smaller model itself is on the boundary.

    Examples
    --------
    >>> print(mixture_of([("g", ("1",))], [("g", ("1", "x"))], df=2))
    0.5 chi2(1) + 0.5 chi2(2), exact in large samples
    """
    cones = _cones(small, large)
    if cones is None or df <= 0:
        return Mixture({max(df, 0): 1.0}, "conservative")
    if not cones:
        return Mixture({df: 1.0}, "regular")
    if max(cones) > 1:
        return Mixture({df - 1: 0.5, df: 0.5}, "bound")
    m = len(cones)
    binomial = np.array([1.0])
    for _ in cones:
        binomial = np.convolve(binomial, [0.5, 0.5])
    weights = {df - m + j: float(weight) for j, weight in enumerate(binomial)}
    return Mixture(weights, "exact" if m == 1 and not singular else "approximate")


def _cones(small: Blocks, large: Blocks) -> list[int] | None:
    """Return how many variances each block of `large` adds; None where it does not hold `small`."""
    before, after = _counted(small), _counted(large)
    common = before & after
    left, added = list((before - common).elements()), list((after - common).elements())
    cones = []
    for group, effects in added:
        inside = [each for each in left if each[0] == group and each[1] < effects]
        known: frozenset[str] = frozenset().union(*(names for _, names in inside))
        if len(known) < sum(len(names) for _, names in inside):
            return None
        for each in inside:
            left.remove(each)
        if len(known) < len(effects):
            cones.append(len(effects) - len(known))
    return None if left else cones


def _counted(blocks: Blocks) -> Counter[tuple[str, frozenset[str]]]:
    return Counter((_factors(group), frozenset(names)) for group, names in blocks)


def _factors(group: str) -> str:
    """Name a:b and b:a alike."""
    return ":".join(sorted(group.replace("(", "").replace(")", "").split(":")))
