"""Predictors of the plainest kinds: what a covariate looks like, and its level.

Each record checks itself at birth, prints itself as it was written and draws itself.
`level` names the unit of the design that has one value each; without it every row has its own.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import DesignError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.drawing import Stream, at_level, check_level
from nestling.simulate.given import Labels, Values
from nestling.simulate.steps import at_steps

# Probabilities of categories may miss 1 by their own rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal values: mean and standard deviation."""

    mean: float
    sd: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", number(self.mean, "nl.normal(): the mean"))
        object.__setattr__(self, "sd", number(self.sd, "nl.normal(): the SD"))
        if self.sd < 0:
            raise PopulationError(
                f"nl.normal(): the SD is {self.sd:g}; a standard deviation is never negative."
            )
        check_level(self.level, "nl.normal()")

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return self.mean + self.sd * stream.standard_normal(n)
        return stream.rnorm(n, self.mean, self.sd)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.mean, self.sd

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        return self.mean + self.sd * z

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.mean + (self.sd or 1.0) * np.linspace(-2, 2, n)

    def __str__(self) -> str:
        return f"nl.normal({self.mean:g}, {self.sd:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform values between two limits."""

    low: float
    high: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", number(self.low, "nl.uniform(): the lower limit"))
        object.__setattr__(self, "high", number(self.high, "nl.uniform(): the upper limit"))
        if not self.low < self.high:
            raise PopulationError(
                f"nl.uniform({self.low:g}, {self.high:g}): the lower limit comes first and is "
                "below the upper one."
            )
        check_level(self.level, "nl.uniform()")

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return stream.uniform(self.low, self.high, n)
        return stream.runif(n, self.low, self.high)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return (self.low + self.high) / 2, (self.high - self.low) / sqrt(12)

    def at_scores(self, z: FloatArray) -> FloatArray:
        """Return the values that standard normal scores stand for."""
        from scipy.special import ndtr

        return np.asarray(self.low + (self.high - self.low) * ndtr(z))

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return self.low + (self.high - self.low) * (np.arange(n) + 0.5) / n

    def __str__(self) -> str:
        return f"nl.uniform({self.low:g}, {self.high:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """Numbers 0 and 1, 1 with probability p."""

    p: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", number(self.p, "nl.bernoulli(): the probability"))
        if not 0 <= self.p <= 1:
            raise PopulationError(f"nl.bernoulli({self.p:g}): a probability is between 0 and 1.")
        check_level(self.level, "nl.bernoulli()")

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    def draw(self, stream: Stream, n: int) -> AnyArray:
        """Draw n values."""
        if isinstance(stream, np.random.Generator):
            return (stream.random(n) < self.p).astype(np.int64)
        return np.asarray(stream.rbinom(n, 1, self.p), dtype=np.int64)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.p, sqrt(self.p * (1 - self.p))

    @property
    def steps(self) -> tuple[FloatArray, FloatArray]:
        """Return the values in order, with their probabilities."""
        return np.array([0.0, 1.0]), np.array([1 - self.p, self.p])

    def at_scores(self, z: FloatArray) -> AnyArray:
        """Return the values that standard normal scores stand for."""
        return at_steps(self.steps, z).astype(np.int64)

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return np.arange(n, dtype=np.int64) % 2

    def __str__(self) -> str:
        return f"nl.bernoulli({self.p:g}{at_level(self.level)})"


@dataclass(frozen=True, slots=True)
class Categorical:
    """Categories with their probabilities, in the order written."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    level: str | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise PopulationError(
                f"nl.categorical(): {len(self.labels)} category given; at least 2 are needed."
            )
        repeated = [label for label in self.labels if self.labels.count(label) > 1]
        if repeated:
            raise PopulationError(f"nl.categorical(): the category {repeated[0]!r} appears twice.")
        for label, p in zip(self.labels, self.probabilities, strict=True):
            if number(p, f"nl.categorical(): the probability of {label!r}") < 0:
                raise PopulationError(
                    f"nl.categorical(): the probability of {label!r} is {p:g}; "
                    "a probability is never negative."
                )
        total = sum(self.probabilities)
        if abs(total - 1) > ROUNDING:
            terms = " + ".join(f"{p:g}" for p in self.probabilities)
            raise PopulationError(
                f"nl.categorical(): the probabilities sum to {terms} = {total:g}, not to 1."
            )
        check_level(self.level, "nl.categorical()")

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return len(self.labels)

    def draw(self, stream: Stream, n: int) -> Labels:
        """Draw n categories."""
        if isinstance(stream, np.random.Generator):
            limits = np.cumsum(self.probabilities)[:-1]
            codes = np.searchsorted(limits, stream.random(n), side="right")
        else:
            k = len(self.labels)
            codes = np.asarray(stream.sample(k, n, replace=True, prob=self.probabilities)) - 1
        return self._labels(codes)

    def at_scores(self, z: FloatArray) -> Labels:
        """Return the categories that standard normal scores stand for, the first lowest."""
        positions = np.arange(len(self.labels), dtype=np.float64)
        return self._labels(at_steps((positions, np.array(self.probabilities)), z).astype(np.intp))

    def prototype(self, n: int) -> Labels:
        """Make n categories that stand for all, without chance."""
        return self._labels(np.arange(n) % len(self.labels))

    def _labels(self, codes: IntArray) -> Labels:
        return Labels(codes.astype(np.intp, copy=False), self.labels, self.ordered)

    def __str__(self) -> str:
        pairs = zip(self.labels, self.probabilities, strict=True)
        shown = ", ".join(f"{label!r}: {p:g}" for label, p in pairs)
        ordered = ", ordered=True" if self.ordered else ""
        return f"nl.categorical({{{shown}}}{at_level(self.level)}{ordered})"


@dataclass(frozen=True, slots=True)
class Constant:
    """The same number in every row."""

    value: float
    level: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", number(self.value, "nl.constant(): the value"))

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 1

    def column(self, n: int) -> AnyArray:
        """Repeat the value n times."""
        return np.full(n, self.value)

    def prototype(self, n: int) -> AnyArray:
        """Repeat the value n times."""
        return np.full(n, self.value)

    def __str__(self) -> str:
        return f"nl.constant({self.value:g})"


@dataclass(frozen=True, slots=True)
class Given:
    """Values given, in the order of the units of their level."""

    values: Values
    level: str | None = None

    def __post_init__(self) -> None:
        check_level(self.level, "nl.values()")

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return self.values.distinct

    def column(self, n: int) -> AnyArray | Labels:
        """Return the values, which must be n."""
        if self.values.n != n:
            where = f"units of {self.level!r}" if self.level else "rows"
            raise DesignError(
                f"nl.values() holds {self.values.n} values, but the design has {n} {where}."
            )
        return self.values.column()

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that show every distinct value."""
        return self.values.cycled(n)

    def __str__(self) -> str:
        return f"nl.values({self.values}{at_level(self.level)})"
