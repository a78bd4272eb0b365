"""Treatments assigned by chance: what every kind of assignment shares."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import DesignError, did_you_mean
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

    def combined(self, units: Sequence[str]) -> IntArray:
        """Return the combination of units that each row is in, from 0."""
        found = np.zeros(self.design.n, dtype=np.intp)
        for unit in units:
            found = combination(found, self.rows(unit))
        return found

    def block(self, name: str) -> IntArray:
        """Return the block of each treated unit: a unit around it, or the value of a predictor."""
        if name in self.codes:
            values: AnyArray = self.codes[name]
        elif name in self.columns:
            column = self.columns[name]
            values = column.codes if isinstance(column, Labels) else np.asarray(column)
            values = np.unique(values, return_inverse=True)[1]
        else:
            raise DesignError(
                f"The predictor {self.name!r} is blocked by {name!r}, which is neither a unit of "
                f"the design nor a predictor listed before it. {did_you_mean(name, self.columns)}"
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


def combination(outer: IntArray, inner: IntArray) -> IntArray:
    """Return the number of each pair, from 0 for those that occur.

    Examples
    --------
    >>> combination(np.array([0, 0, 2]), np.array([1, 1, 0])).tolist()
    [0, 0, 1]
    """
    pairs = outer * (int(inner.max()) + 1) + inner
    found: IntArray = np.unique(pairs, return_inverse=True)[1]
    return found
