"""Families with a shape of their own: negative binomial, gamma, beta."""

from dataclasses import dataclass
from math import log1p
from typing import ClassVar

from nestling.arrays import BoolArray, FloatArray
from nestling.model.families_base import Family
from nestling.model.families_means import DELTA


@dataclass(frozen=True, slots=True)
class NegativeBinomial(Family):
    """Counts with the variance mu + mu^2 / size.

    Attributes
    ----------
    size : float
        The theta of R's MASS and lme4: the larger, the closer to a Poisson distribution.
    """

    name: ClassVar[str] = "negative binomial"
    links: ClassVar[tuple[str, ...]] = ("log", "identity", "sqrt")
    size: float
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()
        self._check_positive("size")

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return "ln(1 + 1 / mean + 1 / size)" if self.link == "log" else DELTA

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return mu + mu^2 / size."""
        return mu + mu**2 / self.size

    def latent(self, mu: float) -> float:
        """Return the variance on the scale of the link; with the log its lognormal form."""
        if self.link == "log":
            return log1p(1 / mu + 1 / self.size)
        return Family.latent(self, mu)

    def _possible(self, mu: FloatArray) -> BoolArray:
        return mu >= 0 if self.link == "log" else mu > 0


@dataclass(frozen=True, slots=True)
class Gamma(Family):
    """Positive values whose SD is a share of their mean, 1 / sqrt(shape).

    Attributes
    ----------
    shape : float
    """

    name: ClassVar[str] = "gamma"
    links: ClassVar[tuple[str, ...]] = ("inverse", "log", "identity")
    takes_weights: ClassVar[bool] = True
    shape: float
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()
        self._check_positive("shape")

    @property
    def dispersion(self) -> float:
        """1 / shape."""
        return 1 / self.shape

    @property
    def needs_mean(self) -> bool:
        """Whether the latent variance depends on the mean; with the log it does not."""
        return self.link != "log"

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        return "trigamma(shape), the variance of ln y" if self.link == "log" else DELTA

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return mu^2."""
        return mu**2

    def latent(self, mu: float) -> float:
        """Return the variance on the scale of the link; with the log that of ln y."""
        return _trigamma(self.shape) if self.link == "log" else Family.latent(self, mu)


@dataclass(frozen=True, slots=True)
class Beta(Family):
    """Values between 0 and 1 with the variance mu (1 - mu) / (1 + precision).

    Attributes
    ----------
    precision : float
        The phi of R's betareg and glmmTMB.
    """

    name: ClassVar[str] = "beta"
    links: ClassVar[tuple[str, ...]] = ("logit", "probit", "cloglog")
    support: ClassVar[str] = "between 0 and 1"
    precision: float
    link: str = ""

    def __post_init__(self) -> None:
        self._check_link()
        self._check_positive("precision")

    @property
    def latent_words(self) -> str:
        """How the latent variance is computed."""
        if self.link == "logit":
            return (
                "trigamma(mean * precision) + trigamma((1 - mean) * precision), "
                "the variance of logit y"
            )
        return DELTA

    def variance(self, mu: FloatArray) -> FloatArray:
        """Return mu (1 - mu) / (1 + precision)."""
        return mu * (1 - mu) / (1 + self.precision)

    def latent(self, mu: float) -> float:
        """Return the variance on the scale of the link; with the logit that of logit y."""
        if self.link == "logit":
            return _trigamma(mu * self.precision) + _trigamma((1 - mu) * self.precision)
        return Family.latent(self, mu)

    def _possible(self, mu: FloatArray) -> BoolArray:
        return (mu > 0) & (mu < 1)


def _trigamma(x: float) -> float:
    from scipy.special import polygamma

    return float(polygamma(1, x))
