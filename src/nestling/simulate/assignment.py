"""Treatments assigned by chance: what every kind of assignment shares."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import DesignError, PopulationError, did_you_mean
from nestling.simulate.drawing import Stream
from nestling.simulate.given import Labels


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where treatments are assigned: the design, and what is drawn already.

    Attributes
    ----------
    name : str
        The predictor.
    design : Design
    codes : mapping of str to array (n,)
        The unit of each row, from 0.
    unit : str or None
        The unit that is treated; None is the row.
    columns : mapping
        Ids and the predictors before this one.
    """

    name: str
    design: Design
    codes: Mapping[str, IntArray]
    unit: str | None
    columns: Mapping[str, AnyArray | Labels]

    @property
    def n(self) -> int:
        """How many are treated or not."""
        return self.design.n if self.unit is None else self.design.sizes[self.unit]

    def rows(self, unit: str) -> IntArray:
        """Return the unit of each row."""
        if unit not in self.codes:
            raise DesignError(
                f"The predictor {self.name!r} names the unit {unit!r}, which the design does not "
                f"have. {did_you_mean(unit, self.codes)}"
            )
        return self.codes[unit]

    def occasions(self, cluster: str, period: str) -> IntArray:
        """Return the occasion of each row from 0: the period, or its place within its cluster."""
        if period not in self.codes and period in self.columns:
            values = np.asarray(self.columns[period])
            return np.unique(values, return_inverse=True)[1].astype(np.intp)
        periods = self.rows(period)
        if cluster not in self.design.inside[period]:
            return periods
        first = np.full(int(self.rows(cluster).max()) + 1, np.iinfo(np.intp).max, dtype=np.intp)
        np.minimum.at(first, self.rows(cluster), periods)
        return np.asarray(periods - first[self.rows(cluster)])

    def block(self, name: str) -> IntArray:
        """Return the block of each treated unit: a unit around it, or the value of a predictor."""
        if name in self.codes:
            values: AnyArray = self.codes[name]
        elif name in self.columns:
            column = self.columns[name]
            values = column.codes if isinstance(column, Labels) else np.asarray(column)
            values = np.unique(values, return_inverse=True)[1]
        else:
            known = [*self.codes, *self.columns]
            raise DesignError(
                f"The predictor {self.name!r} is blocked by {name!r}, which is neither a unit of "
                f"the design nor a predictor listed before it. {did_you_mean(name, known)}"
            )
        if self.unit is None:
            return np.asarray(values, dtype=np.intp)
        own = self.codes[self.unit]
        first = np.empty(self.n, dtype=np.intp)
        first[own] = values
        if not (first[own] == values).all():
            raise DesignError(
                f"The predictor {self.name!r} is assigned to units of {self.unit!r}, but {name!r} "
                "differs within them; block by something that contains them."
            )
        return first


class Assignment(ABC):
    """A predictor whose values are assigned. Records are frozen and print as their call."""

    __slots__ = ()
    level: str | None
    is_random: bool = True

    @property
    def shares(self) -> FloatArray | None:
        """Share of every value, in the order of `prototype`; None where the design decides."""
        return None

    @property
    @abstractmethod
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""

    @property
    @abstractmethod
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""

    @abstractmethod
    def draw(self, places: Places, stream: Stream | None) -> AnyArray | Labels:
        """Assign every unit of its level."""

    @abstractmethod
    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""


def shuffled(stream: Stream, n: int) -> IntArray:
    """Return a random order of n."""
    if isinstance(stream, np.random.Generator):
        return stream.permutation(n)
    return np.asarray(stream.sample(n), dtype=np.intp) - 1


def allocated(stream: Stream, n: int, shares: FloatArray) -> IntArray:
    """Assign n units to arms in fixed numbers, as near to their shares as whole numbers can be.

    What is left after rounding down goes to different arms, by chance, each with probability
    proportional to what it lost.

    Examples
    --------
    >>> arms = allocated(np.random.default_rng(1), 9, np.array([1 / 3, 2 / 3]))
    >>> np.bincount(arms).tolist()
    [3, 6]
    """
    exact = n * shares
    counts = np.floor(exact + 1e-9).astype(np.intp)
    lost = np.maximum(exact - counts, 0.0)
    for _ in range(n - int(counts.sum())):
        # systematic sampling would tie arms together; one at a time keeps each one's share
        limits = np.cumsum(lost) / lost.sum()
        arm = int(np.searchsorted(limits, uniform(stream, 1)[0], side="right"))
        counts[arm] += 1
        lost[arm] = 0.0
    return np.repeat(np.arange(len(shares)), counts)[shuffled(stream, n)]


def uniform(stream: Stream, n: int) -> FloatArray:
    """Draw n numbers between 0 and 1."""
    return stream.random(n) if isinstance(stream, np.random.Generator) else stream.runif(n)


def read_arms(arms: Any, call: str) -> tuple[str, ...] | None:
    """Read `arms=`: None for 0 and 1, a number of arms, or their labels."""
    if arms is None:
        return None
    if isinstance(arms, int) and not isinstance(arms, bool):
        if not 2 <= arms <= 26:
            raise PopulationError(f"{call}: arms={arms}; expected 2 to 26 arms, or their labels.")
        return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:arms])
    labels = tuple(arms) if isinstance(arms, list | tuple) else ()
    if len(labels) < 2 or not all(isinstance(each, str) for each in labels):
        raise PopulationError(
            f"{call}: arms={arms!r}; expected a list of at least two labels, such as "
            "['control', 'treatment'], their number, or None for 0 and 1."
        )
    doubled = [each for each in labels if labels.count(each) > 1]
    if doubled:
        raise PopulationError(f"{call}: the arm {doubled[0]!r} appears twice.")
    return labels


def named(value: Any, call: str, argument: str) -> str:
    """Read the name of a unit."""
    if not isinstance(value, str) or not value:
        raise PopulationError(f"{call}: {argument}={value!r}; expected the name of a unit.")
    return value
