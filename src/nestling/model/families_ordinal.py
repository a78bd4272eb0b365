"""Ordered categories: cumulative probabilities cut a latent variable at thresholds."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import ClassVar

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.errors import ArgumentTypeError, ModelError, PopulationError
from nestling.model.families_base import Family
from nestling.model.families_means import LATENT
from nestling.model.spreads import number


@dataclass(frozen=True, slots=True)
class Ordinal(Family):
    """Categories 1 .. K: the chance of k or less is the inverse link of threshold k - eta.

    Attributes
    ----------
    thresholds : tuple of float
        K - 1 of them, rising; they take the place of the intercept.
    """

    name: ClassVar[str] = "ordinal"
    links: ClassVar[tuple[str, ...]] = ("logit", "probit")
    support: ClassVar[str] = "between the first and the last category"
    thresholds: tuple[float, ...]
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()
        what = "nl.family('ordinal'): thresholds"
        given: object = self.thresholds
        if isinstance(given, str) or not isinstance(given, Iterable):
            given = ()
        found = tuple(number(each, f"{what}[{k}]") for k, each in enumerate(given))
        if not found:
            raise ArgumentTypeError(
                f"{what} is {self.thresholds!r}; expected a list of rising numbers, one fewer "
                "than there are categories."
            )
        if any(b <= a for a, b in pairwise(found)):
            raise PopulationError(f"{what} is {list(found)}; expected rising numbers.")
        object.__setattr__(self, "thresholds", found)

    @property
    def needs_mean(self) -> bool:
        """Whether the latent variance depends on the mean: it does not."""
        return False

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return LATENT[self.link][1]

    def cumulative(self, eta: FloatArray) -> FloatArray:
        """Return the chances of category k or less, k = 1 .. K - 1, as rows (K - 1, n)."""
        return self.functions.inverse(np.array(self.thresholds)[:, None] - eta)

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the mean of the category numbers."""
        above = self.functions.inverse(eta - self.thresholds[0])
        for threshold in self.thresholds[1:]:
            above = above + self.functions.inverse(eta - threshold)
        return 1.0 + above

    def variance(self, mu: FloatArray) -> FloatArray:
        """Refuse: a variance of category numbers does not follow from their mean."""
        raise ModelError(
            f"{self}: the variance of categories is no function of their mean; it follows from "
            f"the probabilities, cumulative(eta). Means asked for: {mu.size}."
        )

    def latent(self, mu: float = nan) -> float:  # noqa: ARG002  the same at every mean
        """Return the variance of the latent distribution behind the link."""
        return LATENT[self.link][0]

    def _possible(self, mu: FloatArray) -> BoolArray:
        return (mu >= 1) & (mu <= len(self.thresholds) + 1)
