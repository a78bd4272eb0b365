"""Departures: what a simulation does and the fitted model does not assume.

A departure takes part at one stage: it draws the standard scores of random effects, it reshapes
standard residuals, or it changes the finished data. Each has a stream of its own, named after
it, so that the rest of the data stays as it was.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import ArgumentTypeError, DesignError, PopulationError, did_you_mean
from nestling.simulate.units import unit_of

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Known:
    """What a population has, for a departure to check its names against.

    Attributes
    ----------
    response : str
        Column of the response.
    columns : tuple of str
        Columns of the predictors.
    effects : mapping
        Names of the random effects of each grouping factor.
    has_residual : bool
        Whether the response has normal errors.
    """

    response: str
    columns: tuple[str, ...]
    effects: Mapping[str, tuple[str, ...]]
    has_residual: bool

    def check_group(self, group: str, what: str) -> None:
        """Refuse a grouping factor that has no random effects."""
        if group not in self.effects:
            raise PopulationError(
                f"{what} names the grouping factor {group!r}, which has no random effects here. "
                f"{did_you_mean(group, self.effects)}"
            )

    def check_column(self, name: str, what: str, *, response: bool = False) -> None:
        """Refuse a column that is no predictor (nor the response, where that is allowed)."""
        columns = (*self.columns, self.response) if response else self.columns
        if name not in columns:
            raise PopulationError(
                f"{what} names {name!r}, which is not described in predictors=. "
                f"{did_you_mean(name, columns)}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a study, as a departure sees them.

    Attributes
    ----------
    design : Design
    codes : mapping of str to array (n,)
        The unit of each row, from 0, by name of the unit.
    data : DataFrame
        Ids and predictors; when the data are changed, the response too.
    response : str
        Its column.
    """

    design: Design
    codes: Mapping[str, IntArray]
    data: "DataFrame"
    response: str

    def unit(self, name: str, what: str) -> IntArray:
        """Return the unit of each row, from 0; 'pupil:school' is the unit 'pupil'."""
        if ":" in name:
            unit_of(self.design, name, what)
            name = max(name.split(":"), key=self.design.names.index)
        if name not in self.codes:
            raise DesignError(
                f"{what} names the unit {name!r}, which the design does not have. "
                f"{did_you_mean(name, self.codes)}"
            )
        codes = self.codes[name]
        # rows that were removed before have left their numbers in the index
        return codes if len(self.data) == codes.size else codes[self.data.index.to_numpy()]

    def numbers(self, name: str, what: str) -> FloatArray:
        """Return a numeric column."""
        column = self.data[name]
        if column.dtype.kind not in "biuf":
            raise PopulationError(f"{what} needs numbers, but {name!r} holds categories.")
        return np.asarray(column, dtype=np.float64)


class Departure(ABC):
    """One departure. Records are frozen and print as the call that makes them."""

    __slots__ = ()
    order: ClassVar[int] = 0
    """Place among the departures of its stage: shape before correlation before spread."""

    @property
    @abstractmethod
    def label(self) -> str:
        """Name of its stream: two departures of one label exclude each other."""

    @abstractmethod
    def check(self, known: Known) -> None:
        """Refuse names that the population does not have."""


class EffectDeparture(Departure):
    """Draws the random effects of one grouping factor in a shape of its own."""

    __slots__ = ()
    group: str

    @abstractmethod
    def scores(self, stream: np.random.Generator, k: int, n_levels: int) -> FloatArray:
        """Draw uncorrelated scores (k, J) of mean 0 and variance 1."""


class ResidualDeparture(Departure):
    """Reshapes the residuals before they are given their standard deviation."""

    __slots__ = ()

    @abstractmethod
    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:
        """Return residuals (n,) in units of the residual SD, from those before."""


class DataDeparture(Departure):
    """Changes the finished data: errors of measurement, values that are missing."""

    __slots__ = ()

    @abstractmethod
    def change(self, stream: np.random.Generator, rows: Rows) -> "DataFrame":
        """Return the data changed; their index is not kept."""


def read_departures(given: Any, known: Known) -> tuple[Departure, ...]:
    """Read `departures=`: one, or several; sorted by stage order, then as written.

    Raises
    ------
    ArgumentTypeError
        For what is no departure.
    PopulationError
        For two of one kind at one place, or names the population does not have.
    """
    if given is None:
        return ()
    listed = (
        [given] if isinstance(given, Departure) or not isinstance(given, Iterable) else list(given)
    )
    for each in listed:
        if not isinstance(each, Departure):
            raise ArgumentTypeError(
                f"departures= holds {each!r}; expected departures such as nl.ar1(0.4), or a list "
                "of them."
            )
    labels = [each.label for each in listed]
    doubled = [label for label in labels if labels.count(label) > 1]
    if doubled:
        raise PopulationError(
            f"departures= says {doubled[0]!r} twice; one of the two would undo the other."
        )
    for each in listed:
        each.check(known)
    return tuple(sorted(listed, key=lambda each: each.order))
