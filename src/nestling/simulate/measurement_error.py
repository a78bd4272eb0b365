"""Errors of measurement: the data hold a column with error, the response is made of the truth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nestling.arrays import IntArray
from nestling.errors import ArgumentTypeError, PopulationError
from nestling.simulate.amounts import fraction, name_of, positive, shown
from nestling.simulate.departures import DataDeparture, Known, Rows

if TYPE_CHECKING:
    from pandas import DataFrame

CALL = "nl.measurement_error()"


@dataclass(frozen=True, slots=True)
class MeasurementError(DataDeparture):
    """Normal errors added to a column, one per unit within which it is constant."""

    order: ClassVar[int] = 10
    column: str
    reliability: float | None = None
    sd: float | None = None
    keep: bool = False

    def __post_init__(self) -> None:
        name_of(self.column, f"{CALL}: column")
        if (self.reliability is None) == (self.sd is None):
            raise PopulationError(
                f"{CALL} takes reliability=, or the sd= of the errors; give one of them."
            )
        for name, read in (("reliability", fraction), ("sd", positive)):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, read(value, f"{CALL}: {name}"))
        if not isinstance(self.keep, bool):
            raise ArgumentTypeError(f"{CALL}: keep is {self.keep!r}; expected True or False.")

    @property
    def label(self) -> str:
        """Name of its stream."""
        return f"measurement error of {self.column}"

    def check(self, known: Known) -> None:
        """Refuse a column that is not there."""
        known.check_column(self.column, CALL, response=True)
        if self.column == known.response and not known.has_residual:
            raise PopulationError(
                f"{CALL} adds normal errors, but the response {self.column!r} is of a family whose "
                "values they would leave: counts, shares or events. Name a predictor, or a "
                "response with a normal family."
            )

    def change(self, stream: np.random.Generator, rows: Rows) -> "DataFrame":
        """Add the errors."""
        data = rows.data.copy(deep=False)
        true = rows.numbers(self.column, CALL)
        unit = _level(rows, true)
        first = np.unique(unit, return_index=True)[1]
        values = true[first]
        if self.sd is None:
            assert self.reliability is not None  # one of them is given
            spread = float(np.nanstd(values)) * np.sqrt(1.0 / self.reliability - 1.0)
        else:
            spread = self.sd
        errors = spread * stream.standard_normal(first.size)
        if self.keep:
            name = f"{self.column}_true"
            if name in data:
                raise PopulationError(
                    f"{CALL}: keep=True adds a column {name!r}, which the data already have."
                )
            data[name] = true
        data[self.column] = true + errors[unit]
        return data

    def __str__(self) -> str:
        said = [repr(self.column)]
        said += [] if self.reliability is None else [f"reliability={shown(self.reliability)}"]
        said += [] if self.sd is None else [f"sd={shown(self.sd)}"]
        said += ["keep=True"] if self.keep else []
        return f"nl.measurement_error({', '.join(said)})"


def measurement_error(
    column: str, reliability: float | None = None, *, sd: float | None = None, keep: bool = False
) -> MeasurementError:
    """Let the data hold a column with errors of measurement.

    The response is made of the true values. A column that is constant within units of the design
    gets one error per unit, others one per row.

    Parameters
    ----------
    column : str
        A predictor of numbers, or the response.
    reliability : float, optional
        Variance of the true values over that of the observed ones, in each study.
    sd : float, optional
        SD of the errors, instead.
    keep : bool
        Add the true values as another column, `X_true`.

    Raises
    ------
    PopulationError
        For both or neither of `reliability` and `sd`, or a column that is not there.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population(
    ...     "y ~ X + (1 | g)", {"(Intercept)": 0, "X": 1}, {"g": 1}, 1, {"X": nl.normal(0, 1)},
    ...     departures=nl.measurement_error("X", 0.5),
    ... )
    >>> data = truth.simulate(nl.nested(g=100, i=50), seed=1)
    >>> float(nl.lmer("y ~ X + (1 | g)", data).fixef["X"].round(1))
    0.5
    """
    return MeasurementError(column, reliability, sd, keep)


def _level(rows: Rows, values: np.ndarray) -> IntArray:
    """Return the outermost units within which a column is constant; rows where there are none."""
    for name in rows.design.names:
        unit = rows.unit(name, CALL)
        first = np.empty(int(unit.max()) + 1)
        first[unit] = values
        if np.array_equal(first[unit], values, equal_nan=True):
            return np.asarray(np.unique(unit, return_inverse=True)[1], dtype=np.intp)
    return np.arange(values.size, dtype=np.intp)
