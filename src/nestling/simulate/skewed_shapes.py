"""Shapes with skewness or several peaks: gamma, log-normal, mixtures of normals."""

from dataclasses import dataclass
from math import expm1, sqrt

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.amounts import listed, numbers, positive, shown
from nestling.simulate.shapes import Shape

# Shares given as 0.33, 0.33, 0.34 or as thirds add up to one but for rounding.
ROUNDING = 1e-9
# Beyond these nearly all values are the same and the rest so far out that samples have no variance.
MOST_SKEWED = 20.0
MOST_SPREAD = 3.0


@dataclass(frozen=True, slots=True)
class Skew(Shape):
    """A gamma distribution, shifted and scaled: every skewness, with kurtosis 3 + 1.5 skewness²."""

    name = "skewed"
    skewness: float

    def __post_init__(self) -> None:
        found = number(self.skewness, "skewness")
        if abs(found) > MOST_SKEWED:
            raise PopulationError(
                f"skewness is {found:g}; expected one between -{MOST_SKEWED:g} and "
                f"{MOST_SKEWED:g} (an exponential distribution has 2)."
            )
        object.__setattr__(self, "skewness", found)

    @property
    def arguments(self) -> str:
        """The arguments, as in the call."""
        return f"skewness={shown(self.skewness)}"

    def reshaped(self, stream: np.random.Generator, normals: FloatArray) -> FloatArray:
        """Draw gamma numbers anew: their quantiles at given normals would cost a search each."""
        if abs(self.skewness) < 1e-6:  # not to be told from normal, and the shape overflows
            return normals
        shape = 4 / self.skewness**2
        scores = (stream.standard_gamma(shape, normals.size) - shape) / sqrt(shape)
        return scores if self.skewness > 0 else -scores


@dataclass(frozen=True, slots=True)
class Exponentiated(Shape):
    """A log-normal distribution, shifted and scaled; sigma is the SD of its logarithm."""

    name = "lognormal"
    sigma: float

    def __post_init__(self) -> None:
        found = positive(self.sigma, "sigma, the SD of the logarithm,")
        if found > MOST_SPREAD:
            raise PopulationError(
                f"sigma, the SD of the logarithm, is {found:g}; expected at most {MOST_SPREAD:g}. "
                "(With 1 the skewness is 6.2.)"
            )
        object.__setattr__(self, "sigma", found)

    @property
    def arguments(self) -> str:
        """The arguments, as in the call."""
        return f"sigma={shown(self.sigma)}"

    def reshaped(self, stream: np.random.Generator, normals: FloatArray) -> FloatArray:  # noqa: ARG002  the normals are all it takes
        """Return exp(sigma z), standardised."""
        variance = expm1(self.sigma**2)
        return np.expm1(self.sigma * normals - self.sigma**2 / 2) / sqrt(variance)


@dataclass(frozen=True, slots=True)
class Mixture(Shape):
    """Classes of units, each with a share, a mean and an SD; the whole is standardised."""

    name = "mixture"
    shares: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        shares, means = numbers(self.shares, "shares"), numbers(self.means, "means")
        sds = None if self.sds is None else numbers(self.sds, "sds")
        object.__setattr__(self, "shares", shares)
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "sds", sds)
        for what, values in (("means", means), ("sds", sds)):
            if values is not None and len(values) != len(shares):
                raise PopulationError(
                    f"shares gives {len(shares)} classes and {what} {len(values)}; expected one "
                    "number for each class."
                )
        if len(shares) < 2:
            raise PopulationError(f"shares={listed(shares)}; a mixture has two classes or more.")
        if min(shares) <= 0 or abs(sum(shares) - 1) > ROUNDING:
            raise PopulationError(
                f"shares={listed(shares)} add up to {' + '.join(map(shown, shares))} = "
                f"{sum(shares):g}; expected shares above 0 that add up to 1."
            )
        if sds is not None and min(sds) < 0:
            raise PopulationError(f"sds={listed(sds)}; a standard deviation is never negative.")
        if self.moments[1] <= 0:
            raise PopulationError(
                f"means={listed(means)} with sds of 0 leave no variance; give classes that differ."
            )

    @property
    def within(self) -> tuple[float, ...]:
        """SD of each class before the whole is standardised."""
        return (1.0,) * len(self.shares) if self.sds is None else self.sds

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and SD of the whole before it is standardised."""
        classes = list(zip(self.shares, self.means, self.within, strict=True))
        mean = sum(share * mean for share, mean, _ in classes)
        square = sum(share * ((each - mean) ** 2 + sd**2) for share, each, sd in classes)
        return mean, sqrt(square)

    @property
    def arguments(self) -> str:
        """The arguments, as in the call."""
        sds = "" if self.sds is None else f", sds={listed(self.sds)}"
        return f"shares={listed(self.shares)}, means={listed(self.means)}{sds}"

    def reshaped(self, stream: np.random.Generator, normals: FloatArray) -> FloatArray:
        """Give each number a class."""
        bounds = np.cumsum(self.shares)[:-1]
        classes = np.searchsorted(bounds, stream.random(normals.size), side="right")
        mean, sd = self.moments
        means, sds = np.array(self.means), np.array(self.within)
        return np.asarray(((means - mean) / sd)[classes] + (sds / sd)[classes] * normals)
