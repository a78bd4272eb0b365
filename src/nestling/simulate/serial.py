"""Residuals that are correlated over time: AR(1) by occasions, CAR(1) by continuous time."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import PopulationError, did_you_mean
from nestling.model.spreads import number
from nestling.simulate.amounts import name_of, shown
from nestling.simulate.departures import Known, ResidualDeparture, Rows
from nestling.simulate.units import enclosing

# Times this close to a whole number of steps are whole.
WHOLE = 1e-8
# A product of correlations below this adds nothing to a number near one.
NOTHING = 1e-20


@dataclass(frozen=True, slots=True)
class SerialCorrelation(ResidualDeparture):
    """Stationary residuals: correlation `phi ** gap` within each unit of `by`, variance 1."""

    order: ClassVar[int] = 20
    call: ClassVar[str]
    phi: float
    by: str | None = None
    time: str | None = None

    @property
    def label(self) -> str:
        """Name of its stream: residuals have one correlation."""
        return "correlation of residuals"

    @property
    def continuous(self) -> bool:
        """Whether gaps of time may be any number."""
        return False

    def check(self, known: Known) -> None:
        """Units and times are checked with the design, whose units may be either."""

    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:  # noqa: ARG002  the residuals are the innovations
        """Let each residual remember the one before."""
        by = enclosing(rows.design, None, None, self.call) if self.by is None else self.by
        units = rows.unit(by, self.call)
        times = None if self.time is None else self._times(rows)
        order, gaps = in_time(units, times)
        later = ~np.isnan(gaps)
        if times is not None:
            gaps[later] = self._checked(gaps[later], by)
        carried = np.zeros(gaps.size)
        carried[later] = self.phi ** gaps[later]
        made = np.empty_like(residuals)
        made[order] = autoregressive(carried, residuals[order])
        return made

    def _times(self, rows: Rows) -> FloatArray:
        assert self.time is not None
        if self.time not in rows.data:
            raise PopulationError(
                f"{self.call} takes its times from {self.time!r}, which is neither a predictor nor "
                f"a unit of the design. {did_you_mean(self.time, rows.data.columns)}"
            )
        return rows.numbers(self.time, self.call)

    def _checked(self, gaps: FloatArray, by: str) -> FloatArray:
        if (gaps <= 0).any():
            raise PopulationError(
                f"{self.call}: a unit of {by!r} has two rows at one {self.time!r}; residuals are "
                "correlated over time when each row has a time of its own."
            )
        if self.continuous:
            return gaps
        steps = np.round(gaps)
        broken = np.abs(gaps - steps) > WHOLE
        if broken.any():
            raise PopulationError(
                f"{self.call}: {self.time!r} does not go in whole steps, a gap is "
                f"{gaps[np.argmax(broken)]:g}. Use nl.car1() for continuous time, or leave out "
                "time= to count rows."
            )
        return steps

    def __str__(self) -> str:
        said = [shown(self.phi)]
        said += [f"by={self.by!r}"] if self.by is not None else []
        said += [f"time={self.time!r}"] if self.time is not None else []
        return f"{self.call[:-1]}{', '.join(said)})"

    __repr__ = __str__


def in_time(units: IntArray, times: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """Sort rows by unit and time; return the order and the gap before each, NaN for the first.

    Without times the rows of a unit are one step apart, in their order.

    Examples
    --------
    >>> order, gaps = in_time(np.array([1, 0, 1]), np.array([5.0, 1.0, 2.0]))
    >>> order.tolist(), gaps.tolist()
    ([1, 2, 0], [nan, nan, 3.0])
    """
    order = np.argsort(units, kind="stable")
    if times is not None:
        # rows mostly come in the order of time
        same, later = np.diff(units[order]) == 0, np.diff(times[order]) > 0
        if not later[same].all():
            order = np.lexsort((times, units))
        times = times[order]
    within = np.flatnonzero(np.diff(units[order]) == 0) + 1
    gaps = np.full(units.size, np.nan)
    gaps[within] = 1.0 if times is None else times[within] - times[within - 1]
    return order, gaps


def autoregressive(carried: FloatArray, innovations: FloatArray) -> FloatArray:
    """Add up e[i] = a[i] e[i - 1] + sqrt(1 - a[i]²) z[i], which keeps the variance of z.

    A series begins where a[i] is 0, as the first one does.

    Each pass joins stretches twice as long, so that it takes as many passes as the longest
    series has binary digits, and no loop over units or times.

    Examples
    --------
    >>> autoregressive(np.array([0.0, 0.6, 0.0]), np.array([1.0, 1.0, 2.0])).round(12)
    array([1. , 1.4, 2. ])
    """
    a = carried.copy()
    total = np.sqrt(1 - a**2) * innovations
    shift = 1
    while shift < a.size and (np.abs(a) > NOTHING).any():
        total[shift:] += a[shift:] * total[:-shift]
        a[shift:] *= a[:-shift]
        shift *= 2
    return total


@dataclass(frozen=True, slots=True, repr=False)
class Ar1(SerialCorrelation):
    """Correlation rho to the power of the number of steps between."""

    call: ClassVar[str] = "nl.ar1()"

    def __post_init__(self) -> None:
        phi = number(self.phi, "nl.ar1(): rho")
        if not -1 < phi < 1:
            raise PopulationError(
                f"nl.ar1(): rho is {phi:g}; a correlation of neighbours is above -1 and below 1."
            )
        object.__setattr__(self, "phi", phi)
        _check_names(self)


@dataclass(frozen=True, slots=True, repr=False)
class Car1(SerialCorrelation):
    """Correlation phi to the power of the time between."""

    call: ClassVar[str] = "nl.car1()"

    @property
    def continuous(self) -> bool:
        """Whether gaps of time may be any number."""
        return True

    def __post_init__(self) -> None:
        phi = number(self.phi, "nl.car1(): phi")
        if not 0 <= phi < 1:
            raise PopulationError(
                f"nl.car1(): phi is {phi:g}; the correlation one unit of time apart is at least 0 "
                "and below 1. A negative one has no powers between whole steps: see nl.ar1()."
            )
        object.__setattr__(self, "phi", phi)
        name_of(self.time, "nl.car1(): time")
        _check_names(self)


def _check_names(given: SerialCorrelation) -> None:
    for argument in ("by", "time"):
        value = getattr(given, argument)
        if value is not None:
            name_of(value, f"{given.call}: {argument}")


def ar1(rho: float, by: str | None = None, time: str | None = None) -> Ar1:
    """Correlate the residuals of a unit over occasions, rho ** steps apart; variance kept.

    Parameters
    ----------
    rho : float
        Correlation of neighbouring occasions, above -1 and below 1.
    by : str, optional
        Unit of the design whose rows follow each other; None is the unit just outside the rows.
    time : str, optional
        Predictor or unit of the design that says when, in whole steps: gaps count, and rows are
        in the order of time. None takes the rows in the order of the design, one step apart.

    Notes
    -----
    Stationary, as nlme's corAR1: every residual has the same variance.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.ar1(0.4, by="person")
    nl.ar1(0.4, by='person')
    """
    return Ar1(rho, by, time)


def car1(phi: float, *, time: str, by: str | None = None) -> Car1:
    """Correlate the residuals of a unit over continuous time, phi ** gap apart; variance kept.

    Parameters
    ----------
    phi : float
        Correlation one unit of time apart, at least 0 and below 1: exp(-1 / range) of an
        exponential correlation.
    time : str
        Predictor that says when; any numbers, no two rows of a unit at the same time.
    by : str, optional
        Unit of the design whose rows follow each other; None is the unit just outside the rows.

    Notes
    -----
    Stationary, as nlme's corCAR1.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.car1(0.7, time="hours", by="person")
    nl.car1(0.7, by='person', time='hours')
    """
    return Car1(phi, by, time)
