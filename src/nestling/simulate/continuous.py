"""Predictors with skewed, bounded or heavy-tailed values: log-normal, gamma, beta, Student's t.

Each is described by the mean and SD of its values, or by its usual shape; it keeps the shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, expm1, sqrt

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.drawing import Stream, at_level, check_level


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Values whose logarithm is normal."""

    meanlog: float
    sdlog: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "meanlog", number(self.meanlog, "nl.lognormal(): meanlog"))
        object.__setattr__(self, "sdlog", _positive(self.sdlog, "nl.lognormal(): sdlog"))
        check_level(self.level, "nl.lognormal()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the values."""
        mean = exp(self.meanlog + self.sdlog**2 / 2)
        return mean, mean * sqrt(expm1(self.sdlog**2))

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.lognormal(self.meanlog, self.sdlog, n)
        return stream.rlnorm(n, self.meanlog, self.sdlog)

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        return np.exp(self.meanlog + self.sdlog * z)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.at_scores(np.linspace(-2, 2, n))

    def __str__(self) -> str:
        return f"nl.lognormal(meanlog={self.meanlog:g}, sdlog={self.sdlog:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Gamma:
    """Positive values with a gamma distribution: mean = shape * scale."""

    shape: float
    scale: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _positive(self.shape, "nl.gamma(): the shape"))
        object.__setattr__(self, "scale", _positive(self.scale, "nl.gamma(): the scale"))
        check_level(self.level, "nl.gamma()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.shape * self.scale, sqrt(self.shape) * self.scale

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.gamma(self.shape, self.scale, n)
        return stream.rgamma(n, self.shape, scale=self.scale)

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        from scipy.special import gammainccinv, gammaincinv, ndtr

        def quantile(z: FloatArray) -> FloatArray:
            # the smaller of the two tails keeps its digits
            tail = ndtr(-np.abs(z))
            low, high = gammaincinv(self.shape, tail), gammainccinv(self.shape, tail)
            return np.asarray(self.scale * np.where(z < 0, low, high))

        return _tabled(quantile, z)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.at_scores(np.linspace(-2, 2, n))

    def __str__(self) -> str:
        return f"nl.gamma(shape={self.shape:g}, scale={self.scale:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Beta:
    """Values between 0 and 1 with a beta distribution: mean = a / (a + b)."""

    a: float
    b: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", _positive(self.a, "nl.beta(): a"))
        object.__setattr__(self, "b", _positive(self.b, "nl.beta(): b"))
        check_level(self.level, "nl.beta()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        total = self.a + self.b
        return self.a / total, sqrt(self.a * self.b / (total + 1)) / total

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.beta(self.a, self.b, n)
        return stream.rbeta(n, self.a, self.b)

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        from scipy.special import betaincinv, ndtr

        def quantile(z: FloatArray) -> FloatArray:
            tail = ndtr(-np.abs(z))
            low, high = betaincinv(self.a, self.b, tail), 1 - betaincinv(self.b, self.a, tail)
            return np.asarray(np.where(z < 0, low, high))

        return _tabled(quantile, z)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.at_scores(np.linspace(-2, 2, n))

    def __str__(self) -> str:
        return f"nl.beta(a={self.a:g}, b={self.b:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student's t, shifted and scaled to a mean and an SD of the values."""

    df: float
    mean: float = 0.0
    sd: float = 1.0
    level: str | None = None

    def __post_init__(self) -> None:
        df = number(self.df, "nl.t(): the degrees of freedom")
        if df <= 2:
            raise PopulationError(
                f"nl.t(): with {df:g} degrees of freedom there is no variance, which is "
                "df / (df - 2); give more than 2."
            )
        object.__setattr__(self, "df", df)
        object.__setattr__(self, "mean", number(self.mean, "nl.t(): the mean"))
        object.__setattr__(self, "sd", _positive(self.sd, "nl.t(): the SD"))
        check_level(self.level, "nl.t()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.mean, self.sd

    @property
    def _scale(self) -> float:
        return self.sd * sqrt((self.df - 2) / self.df)

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return self.mean + self._scale * stream.standard_t(self.df, n)
        return self.mean + self._scale * stream.rt(n, self.df)

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        from scipy.special import ndtr, stdtrit

        def quantile(z: FloatArray) -> FloatArray:
            away = -np.asarray(stdtrit(self.df, ndtr(-np.abs(z))))
            return np.asarray(self.mean + self._scale * np.sign(z) * away)

        return _tabled(quantile, z)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.at_scores(np.linspace(-2, 2, n))

    def __str__(self) -> str:
        return f"nl.t({self.df:g}, {self.mean:g}, {self.sd:g}{at_level(self.level)})"


def _positive(value: object, what: str) -> float:
    found = number(value, what)
    if found <= 0:
        raise PopulationError(f"{what} is {found:g}; expected a number above 0.")
    return found


# More scores than this are read off a cubic through as many exact quantiles (error below 1e-6 SD).
TABLE = 4000


def _tabled(quantile: Callable[[FloatArray], FloatArray], z: FloatArray) -> FloatArray:
    """Compute quantiles; of many scores by interpolation, since each takes a root search."""
    if z.size <= TABLE:
        return quantile(z)
    from scipy.interpolate import CubicSpline

    grid = np.linspace(z.min(), z.max(), TABLE)
    exact = quantile(grid)
    return np.clip(CubicSpline(grid, exact)(z), exact[0], exact[-1])
