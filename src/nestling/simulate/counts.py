"""Predictors with separate values: binomial and Poisson counts, values resampled from data."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.drawing import Stream, at_level, check_level
from nestling.simulate.given import Labels, Values
from nestling.simulate.steps import Steps, at_steps, counted


@dataclass(frozen=True, slots=True)
class Binomial:
    """Successes in n trials, each with probability p."""

    n: int
    p: float
    level: str | None = None

    def __post_init__(self) -> None:
        n, p = (
            number(self.n, "nl.binomial(): the trials"),
            number(self.p, "nl.binomial(): the probability"),
        )
        if n != int(n) or n < 1:
            raise PopulationError(
                f"nl.binomial(): {n:g} trials; expected a whole number of 1 or more."
            )
        if not 0 <= p <= 1:
            raise PopulationError(
                f"nl.binomial(): the probability is {p:g}; it is between 0 and 1."
            )
        object.__setattr__(self, "n", int(n))
        object.__setattr__(self, "p", p)
        check_level(self.level, "nl.binomial()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.n * self.p, sqrt(self.n * self.p * (1 - self.p))

    @property
    def steps(self) -> Steps:
        """Values and probabilities."""
        from scipy.special import bdtr

        k = np.arange(self.n + 1.0)
        return k, np.diff(bdtr(k, self.n, self.p), prepend=0.0)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.binomial(self.n, self.p, n)
        return np.asarray(stream.rbinom(n, self.n, self.p), dtype=np.int64)

    def at_scores(self, z: FloatArray) -> AnyArray:
        """Return the values that standard normal scores stand for."""
        return at_steps(self.steps, z).astype(np.int64)

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return np.arange(n, dtype=np.int64) % (self.n + 1)

    def __str__(self) -> str:
        return f"nl.binomial({self.n}, {self.p:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Poisson:
    """Counts with a mean that is also their variance."""

    mean: float
    level: str | None = None

    def __post_init__(self) -> None:
        mean = number(self.mean, "nl.poisson(): the mean")
        if not 0 < mean <= 1e6:
            raise PopulationError(
                f"nl.poisson(): the mean is {mean:g}; expected a number above 0, at most a million."
            )
        object.__setattr__(self, "mean", mean)
        check_level(self.level, "nl.poisson()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.mean, sqrt(self.mean)

    @property
    def steps(self) -> Steps:
        """Values and probabilities, but for less than the rounding of numbers."""
        from scipy.special import pdtr

        reach = 12 * sqrt(self.mean) + 40
        k = np.arange(max(0.0, np.floor(self.mean - reach)), np.ceil(self.mean + reach))
        return k, np.diff(pdtr(k, self.mean), prepend=0.0)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.poisson(self.mean, n)
        return np.asarray(stream.rpois(n, self.mean), dtype=np.int64)

    def at_scores(self, z: FloatArray) -> AnyArray:
        """Return the values that standard normal scores stand for."""
        return at_steps(self.steps, z).astype(np.int64)

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        high = int(self.mean + 2 * sqrt(self.mean)) + 2
        return np.linspace(0, high, n).astype(np.int64)

    def __str__(self) -> str:
        return f"nl.poisson({self.mean:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Empirical:
    """Values drawn with replacement from values given."""

    values: Values
    level: str | None = None

    def __post_init__(self) -> None:
        check_level(self.level, "nl.empirical()")

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the values, which are the whole distribution."""
        return counted(*self.steps)

    @property
    def steps(self) -> Steps:
        """Distinct values and their shares."""
        distinct, counts = np.unique(self.values.array, return_counts=True)
        return distinct.astype(np.float64), counts / counts.sum()

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return self.values.distinct

    def draw(self, stream: Stream, n: int) -> AnyArray | Labels:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            rows = stream.integers(self.values.n, size=n)
        else:
            rows = np.asarray(stream.sample(self.values.n, n, replace=True)) - 1
        return self.values.taken(rows)

    def at_scores(self, z: FloatArray) -> AnyArray | Labels:
        """Return the values that standard normal scores stand for."""
        found = at_steps(self.steps, z)
        if self.values.labels is not None:
            return Labels(found.astype(np.intp), self.values.labels, self.values.ordered)
        return found.astype(self.values.array.dtype)

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that show every distinct value."""
        return self.values.cycled(n)

    def __str__(self) -> str:
        return f"nl.empirical({self.values}{at_level(self.level)})"
