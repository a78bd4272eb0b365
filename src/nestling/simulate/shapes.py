"""Shapes of random effects and residuals other than normal, all with mean 0 and variance 1."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.amounts import fraction, positive, shown


class Shape(ABC):
    """A distribution of mean 0 and variance 1. Its arguments print as they are written."""

    __slots__ = ()
    name: ClassVar[str]
    """First part of the calls that make it: nl.<name>_effects, nl.<name>_residuals."""

    @property
    @abstractmethod
    def arguments(self) -> str:
        """The arguments, as in the call."""

    @abstractmethod
    def reshaped(self, stream: np.random.Generator, normals: FloatArray) -> FloatArray:
        """Return independent scores (n,) made from as many standard normal numbers."""

    def scores(self, stream: np.random.Generator, k: int, n: int) -> FloatArray:
        """Draw uncorrelated scores (k, n), one row after another."""
        return np.array([self.reshaped(stream, stream.standard_normal(n)) for _ in range(k)])


class ScaleMixture(Shape):
    """Normal numbers times a random scale, which the k scores of one unit share."""

    __slots__ = ()

    @abstractmethod
    def scales(self, stream: np.random.Generator, n: int) -> FloatArray:
        """Draw scales (n,) with mean square 1."""

    def reshaped(self, stream: np.random.Generator, normals: FloatArray) -> FloatArray:
        """Return normals times scales."""
        return normals * self.scales(stream, normals.size)

    def scores(self, stream: np.random.Generator, k: int, n: int) -> FloatArray:
        """Draw scores (k, n); scales first, so that one more effect leaves the others alone."""
        scales = self.scales(stream, n)
        return scales * stream.standard_normal((k, n))


@dataclass(frozen=True, slots=True)
class HeavyTails(ScaleMixture):
    """Student's t, divided by its standard deviation."""

    name = "t"
    df: float

    def __post_init__(self) -> None:
        df = number(self.df, "df, the degrees of freedom of t,")
        if df <= 2:
            raise PopulationError(
                f"df, the degrees of freedom of t, is {df:g}; with 2 or fewer there is no variance "
                "that could be kept. Give more than 2."
            )
        object.__setattr__(self, "df", df)

    @property
    def arguments(self) -> str:
        """The arguments, as in the call."""
        return f"df={shown(self.df)}"

    def scales(self, stream: np.random.Generator, n: int) -> FloatArray:
        """Draw sqrt((df - 2) / chi-square)."""
        return np.sqrt((self.df - 2) / stream.chisquare(self.df, n))


@dataclass(frozen=True, slots=True)
class Contamination(ScaleMixture):
    """A share of units whose scores have a standard deviation some times that of the others."""

    name = "contaminated"
    share: float
    times: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", fraction(self.share, "share, of outlying units,"))
        object.__setattr__(self, "times", positive(self.times, "times, the ratio of SDs,"))

    @property
    def arguments(self) -> str:
        """The arguments, as in the call."""
        return f"share={shown(self.share)}, times={shown(self.times)}"

    def scales(self, stream: np.random.Generator, n: int) -> FloatArray:
        """Draw which units are outlying."""
        others = 1 / sqrt(1 + self.share * (self.times**2 - 1))
        return np.where(stream.random(n) < self.share, self.times * others, others)
