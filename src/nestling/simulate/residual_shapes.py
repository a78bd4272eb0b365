"""Residuals that are not normal: heavy tails, skewness, classes; and outliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.simulate.amounts import choice, fraction, positive, shown
from nestling.simulate.departures import Known, ResidualDeparture, Rows
from nestling.simulate.shapes import HeavyTails, Shape
from nestling.simulate.skewed_shapes import Exponentiated, Mixture, Skew

KEEP = ("uncontaminated", "total")


@dataclass(frozen=True, slots=True)
class ShapedResiduals(ResidualDeparture):
    """Residuals in another shape; their variance stays as stated."""

    order: ClassVar[int] = 10
    shape: Shape

    @property
    def label(self) -> str:
        """Name of its stream: residuals have one shape."""
        return "shape of residuals"

    def check(self, known: Known) -> None:
        """There are no names to check."""

    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:  # noqa: ARG002  all rows alike
        """Return residuals of this shape."""
        return self.shape.reshaped(stream, residuals)

    def __str__(self) -> str:
        return f"nl.{self.shape.name}_residuals({self.shape.arguments})"

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class Outliers(ResidualDeparture):
    """A share of rows whose residuals are some times as large."""

    order: ClassVar[int] = 40
    share: float = 0.01
    sd_times: float = 5.0
    keep: Literal["uncontaminated", "total"] = "uncontaminated"

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", fraction(self.share, "nl.outliers(): share"))
        object.__setattr__(self, "sd_times", positive(self.sd_times, "nl.outliers(): sd_times"))
        choice(self.keep, KEEP, "nl.outliers(): keep")

    @property
    def label(self) -> str:
        """Name of its stream."""
        return "outliers among residuals"

    def check(self, known: Known) -> None:
        """There are no names to check."""

    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:  # noqa: ARG002  all rows alike
        """Multiply the residuals of some rows."""
        outlying = stream.random(residuals.size) < self.share
        if self.keep == "total":
            residuals = residuals / sqrt(1 + self.share * (self.sd_times**2 - 1))
        return np.where(outlying, self.sd_times * residuals, residuals)

    def __str__(self) -> str:
        keep = "" if self.keep == KEEP[0] else f", keep={self.keep!r}"
        return f"nl.outliers(share={shown(self.share)}, sd_times={shown(self.sd_times)}{keep})"

    __repr__ = __str__


def t_residuals(df: float = 4) -> ShapedResiduals:
    """Draw residuals from Student's t: heavy tails, the variance kept.

    Parameters
    ----------
    df : float
        Degrees of freedom, above 2. The kurtosis is 3 + 6 / (df - 4), infinite up to 4.

    Notes
    -----
    Together with `nl.ar1` or `nl.car1` the innovations have the shape.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.t_residuals(df=5)
    nl.t_residuals(df=5)
    """
    return ShapedResiduals(HeavyTails(df))


def skewed_residuals(skewness: float = 1) -> ShapedResiduals:
    """Draw skewed residuals, mean zero and variance kept.

    Parameters
    ----------
    skewness : float
        Third standardised moment, from -20 to 20; 0 is normal. A shifted gamma distribution as in
        `nl.skewed_effects`, with kurtosis 3 + 1.5 skewness².

    Examples
    --------
    >>> import nestling as nl
    >>> nl.skewed_residuals(skewness=2)
    nl.skewed_residuals(skewness=2)
    """
    return ShapedResiduals(Skew(skewness))


def mixture_residuals(
    shares: Sequence[float], means: Sequence[float], sds: Sequence[float] | None = None
) -> ShapedResiduals:
    """Draw residuals from classes of rows, standardised to mean zero, variance kept.

    Parameters
    ----------
    shares : sequence of float
        Share of each class; they add up to 1.
    means, sds : sequence of float
        Mean and SD of each class, on any scale: the whole is shifted and scaled. SDs are 1
        where none are given.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.mixture_residuals(shares=[0.5, 0.5], means=[-2, 2])
    nl.mixture_residuals(shares=[0.5, 0.5], means=[-2, 2])
    """
    return ShapedResiduals(Mixture(shares, means, sds))  # type: ignore[arg-type]  # reads them


def lognormal_residuals(sigma: float = 1) -> ShapedResiduals:
    """Draw log-normal residuals, shifted to mean zero, variance kept.

    Parameters
    ----------
    sigma : float
        SD of the logarithm, above 0 and at most 3; skewness as for `nl.lognormal_effects`.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.lognormal_residuals(sigma=0.5)
    nl.lognormal_residuals(sigma=0.5)
    """
    return ShapedResiduals(Exponentiated(sigma))


def outliers(
    share: float = 0.01,
    sd_times: float = 5,
    keep: Literal["uncontaminated", "total"] = "uncontaminated",
) -> Outliers:
    """Make some rows outlying: their residuals are multiplied.

    Parameters
    ----------
    share : float
        Chance of a row to be an outlier, between 0 and 1.
    sd_times : float
        SD of an outlier's residual as a multiple of the others'.
    keep : {"uncontaminated", "total"}
        Which variance is `residual=`: that of the rows that are no outliers, so that the variance
        of all is 1 + share (sd_times² - 1) times as large (1.24 times by default); or that of all.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.outliers(share=0.02)
    nl.outliers(share=0.02, sd_times=5)
    """
    return Outliers(share, sd_times, keep)
