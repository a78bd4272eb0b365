"""Families without a shape of their own: normal, binomial, Poisson."""

from dataclasses import dataclass
from math import log1p, nan, pi
from typing import ClassVar

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.families_base import Family

LOGISTIC = pi**2 / 3
"""Variance of the standard logistic distribution."""

GUMBEL = pi**2 / 6
"""Variance of the standard Gumbel distribution."""

LATENT = {
    "logit": (LOGISTIC, "pi^2 / 3, of the logistic distribution"),
    "probit": (1.0, "1, of the standard normal distribution"),
    "cloglog": (GUMBEL, "pi^2 / 6, of the Gumbel distribution"),
}
"""Variances of the latent distributions behind the links of binary and ordered responses."""

DELTA = "variance of y / (d mean / d linear predictor)^2 at the mean"


@dataclass(frozen=True, slots=True)
class Gaussian(Family):
    """Normal around the linear predictor, with the residual variance."""

    name: ClassVar[str] = "gaussian"
    links: ClassVar[tuple[str, ...]] = ("identity",)
    has_residual: ClassVar[bool] = True
    takes_weights: ClassVar[bool] = True
    support: ClassVar[str] = "anywhere"
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()

    @property
    def dispersion(self) -> float:
        """The residual variance, which the family does not know."""
        return nan

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return "the residual variance"

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(mu)

    def _possible(self, mu: FloatArray) -> BoolArray:
        return np.ones(mu.shape, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Binomial(Family):
    """Successes in a number of trials; the mean is the probability of one.

    Attributes
    ----------
    trials : int or str
        Trials of every row, or the predictor that holds them.
    """

    name: ClassVar[str] = "binomial"
    links: ClassVar[tuple[str, ...]] = ("logit", "probit", "cloglog")
    support: ClassVar[str] = "between 0 and 1"
    trials: int | str = 1
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()
        if isinstance(self.trials, str):
            return
        if isinstance(self.trials, bool) or not isinstance(
            self.trials, int | float | np.integer | np.floating
        ):
            raise ArgumentTypeError(
                f"nl.family('binomial', trials={self.trials!r}): expected a whole number, or the "
                "name of the predictor that holds the trials of each row."
            )
        if not self.trials >= 1 or self.trials != np.floor(self.trials) or self.trials >= 2**31:
            raise PopulationError(
                f"nl.family('binomial', trials={self.trials!r}): expected a whole number from 1 on."
            )
        object.__setattr__(self, "trials", int(self.trials))

    @property
    def needs_mean(self) -> bool:
        """Whether the latent variance depends on the mean: it does not."""
        return False

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return LATENT[self.link][1]

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return the variance of one trial, mu (1 - mu)."""
        return mu * (1 - mu)

    def latent(self, mu: float = nan) -> float:  # noqa: ARG002  the same at every mean
        """Return the variance of the latent distribution behind the link."""
        return LATENT[self.link][0]

    def _possible(self, mu: FloatArray) -> BoolArray:
        # a probability that rounds to 0 or 1 can still be drawn from
        return (mu >= 0) & (mu <= 1)


@dataclass(frozen=True, slots=True)
class Poisson(Family):
    """Counts whose variance is their mean."""

    name: ClassVar[str] = "poisson"
    links: ClassVar[tuple[str, ...]] = ("log", "identity", "sqrt")
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()

    @property
    def needs_mean(self) -> bool:
        """Whether the latent variance depends on the mean; with the square root it is 1/4."""
        return self.link != "sqrt"

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return {"log": "ln(1 + 1 / mean)", "sqrt": "1 / 4"}.get(self.link, DELTA)

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return mu."""
        return mu

    def latent(self, mu: float) -> float:
        """Return the variance on the scale of the link; with the log its lognormal form."""
        if self.link == "sqrt":
            return 0.25
        return log1p(1 / mu) if self.link == "log" else Family.latent(self, mu)

    def _possible(self, mu: FloatArray) -> BoolArray:
        # exp() of a very negative number is 0, whose count is 0
        return mu >= 0 if self.link == "log" else mu > 0
