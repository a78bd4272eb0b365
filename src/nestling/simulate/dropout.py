"""Dropout: once a unit has left it does not come back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.amounts import fraction, name_of, positive, shown
from nestling.simulate.departures import DataDeparture, Known, Rows
from nestling.simulate.missing import standardised, without

if TYPE_CHECKING:
    from pandas import DataFrame

CALL = "nl.dropout()"


@dataclass(frozen=True, slots=True)
class Dropout(DataDeparture):
    """Units that leave: by a Weibull law of time, and by their responses."""

    order: ClassVar[int] = 30
    by: str
    share: float
    time: str | None = None
    shape: float = 1.0
    previous: float = 0.0
    current: float = 0.0
    drop: bool = True

    def __post_init__(self) -> None:
        name_of(self.by, f"{CALL}: by")
        if self.time is not None:
            name_of(self.time, f"{CALL}: time")
        object.__setattr__(self, "share", fraction(self.share, f"{CALL}: share"))
        object.__setattr__(self, "shape", positive(self.shape, f"{CALL}: shape"))
        for name in ("previous", "current"):
            object.__setattr__(self, name, number(getattr(self, name), f"{CALL}: {name}"))
        if not isinstance(self.drop, bool):
            raise ArgumentTypeError(f"{CALL}: drop is {self.drop!r}; expected True or False.")

    @property
    def label(self) -> str:
        """Name of its stream."""
        return f"dropout of {self.by}"

    def check(self, known: Known) -> None:
        """Units and times are checked with the design, whose units may be either."""

    def change(self, stream: np.random.Generator, rows: Rows) -> "DataFrame":
        """Remove the rows from the occasion on at which a unit leaves."""
        unit = np.unique(rows.unit(self.by, CALL), return_inverse=True)[1].astype(np.intp)
        occasion, when = _occasions(unit, self._times(rows))
        hazard = self._hazards(rows, unit, occasion, when)
        n, last = int(unit.max()) + 1, int(occasion.max())
        uniform = stream.random((n, last + 1))
        leaves = np.where(uniform[unit, occasion] < hazard, occasion, last + 1)
        first = np.full(n, last + 1, dtype=np.intp)
        np.minimum.at(first, unit, leaves)
        gone = occasion >= first[unit]
        if self.drop:
            return rows.data[~gone]
        data = rows.data.copy(deep=False)
        data[rows.response] = without(data[rows.response], gone)
        return data

    def _times(self, rows: Rows) -> FloatArray | None:
        if self.time is None:
            return None
        if self.time in rows.data and self.time not in rows.codes:
            times = rows.numbers(self.time, CALL)
            if np.isnan(times).any():
                row = int(np.argmax(np.isnan(times)))
                raise PopulationError(
                    f"{CALL}: time={self.time!r} is missing in row {row}, counting from 0, so the "
                    "occasions have no order. Let times be complete, or leave time= out."
                )
            return times
        return rows.unit(self.time, CALL).astype(np.float64)

    def _hazards(
        self, rows: Rows, unit: IntArray, occasion: IntArray, when: FloatArray
    ) -> FloatArray:
        """Return the chance of each row that its unit leaves there, if it is still there."""
        end = np.zeros(int(unit.max()) + 1)
        np.maximum.at(end, unit, when)
        # survival to a part u of the longest follow-up: exp(-rate u^shape)
        total = _rate(end**self.shape, self.share) * when**self.shape
        before = _before(total, unit, occasion, 0.0)
        hazard = np.asarray(-np.expm1(before - total))
        if not (self.previous or self.current):
            return hazard
        y = standardised(rows.numbers(rows.response, CALL))
        scores = self.current * y + self.previous * _before(y, unit, occasion, 0.0)
        return _with_share(hazard, scores, unit, self.share)

    def __str__(self) -> str:
        said = [repr(self.by), shown(self.share)]
        said += [] if self.time is None else [f"time={self.time!r}"]
        said += [
            f"{name}={shown(getattr(self, name))}"
            for name, default in (("shape", 1.0), ("previous", 0.0), ("current", 0.0))
            if getattr(self, name) != default
        ]
        said += [] if self.drop else ["drop=False"]
        return f"nl.dropout({', '.join(said)})"


def dropout(
    by: str,
    share: float,
    *,
    time: str | None = None,
    shape: float = 1,
    previous: float = 0,
    current: float = 0,
    drop: bool = True,
) -> Dropout:
    """Let units leave the study for good.

    Of all units `share` has left by their own last occasion. The time of leaving has a Weibull
    law; everyone is there at the first occasion.

    Parameters
    ----------
    by : str
        The unit that leaves: a person.
    share : float
        Expected share of all units that has left by the last occasion that the design has for
        each of them.
    time : str, optional
        A predictor of numbers or a unit that tells time; None takes the rows of a unit in order.
    shape : float
        1 for a constant hazard, below 1 for early and above 1 for late dropout.
    previous, current : float
        Coefficients of the response at the occasion before (dropout at random, MAR) and at the
        occasion itself (not at random, MNAR), in units of its SD, on the logit of the hazard.
    drop : bool
        Remove the rows (default), or keep them without response.

    Raises
    ------
    PopulationError, ArgumentTypeError, DesignError
        For shares and shapes that cannot be, shares that are out of reach (the message names the
        largest), and names that are not there.

    Notes
    -----
    Survival to a part u of the longest follow-up is exp(-rate u^shape); in a design in which all
    are followed up as long as one another it is (1 - share)^(u^shape). Where responses count, a
    constant on the logit scale keeps the expected share.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population(
    ...     "y ~ time + (1 | person)", {"(Intercept)": 0, "time": 0.1}, {"person": 1}, 1,
    ...     {"time": nl.time()}, departures=nl.dropout("person", 0.4, shape=2),
    ... )
    >>> data = truth.simulate(nl.nested(person=1000, day=5), seed=1)
    >>> data.groupby("time").size().tolist()[0], int(data["time"].value_counts()[4.0]) < 700
    (1000, True)
    """
    return Dropout(by, share, time, shape, previous, current, drop)


def _occasions(unit: IntArray, times: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """Return the occasion of each row within its unit, and when it is, from 0 to 1."""
    order = np.lexsort((np.arange(unit.size) if times is None else times, unit))
    counts = np.bincount(unit)
    starts = np.cumsum(counts) - counts
    occasion = np.empty(unit.size, dtype=np.intp)
    occasion[order] = np.arange(unit.size) - np.repeat(starts, counts)
    when = occasion.astype(np.float64) if times is None else times
    # everyone is there at the first occasion: time counts from there
    begin = np.full(counts.size, np.inf)
    np.minimum.at(begin, unit, when)
    since = when - begin[unit]
    last = float(since.max())
    if not last > 0:
        raise PopulationError(
            f"{CALL}: every unit has one occasion, so none can leave. Give more occasions."
        )
    return occasion, since / last


def _before(values: FloatArray, unit: IntArray, occasion: IntArray, first: float) -> FloatArray:
    """Return the value of the occasion before; `first` where there is none."""
    order = np.lexsort((occasion, unit))
    made = np.empty_like(values)
    made[order] = np.concatenate([[first], values[order][:-1]])
    made[occasion == 0] = first
    return made


def _with_share(hazard: FloatArray, scores: FloatArray, unit: IntArray, share: float) -> FloatArray:
    """Move hazards by scores on the logit scale, keeping the expected share that leaves."""
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    risky = hazard > 0
    base = logit(hazard[risky])

    def moved(constant: float) -> FloatArray:
        found = np.zeros_like(hazard)
        found[risky] = expit(base + scores[risky] + constant)
        return found

    def excess(constant: float) -> float:
        stay = np.bincount(unit, np.log1p(-np.minimum(moved(constant), 1 - 1e-15)))
        return float(-np.expm1(stay).mean()) - share

    wide = float(np.abs(scores).max()) + 30.0
    if excess(wide) < 0.0:
        raise _out_of_reach(share, excess(wide) + share)
    return moved(brentq(excess, -wide, wide, xtol=1e-10))


def _rate(ends: FloatArray, share: float) -> float:
    """Return the rate at which this share of the units leaves, each until its own end."""
    alone = float(-np.log1p(-share))
    if (ends == 1.0).all():
        return alone
    from scipy.optimize import brentq

    def excess(rate: float) -> float:
        return float(-np.expm1(-rate * ends).mean()) - share

    if excess(alone) >= 0.0:
        return alone  # ends that differ by rounding alone
    most = float((ends > 0.0).mean())
    # with a rate of 40 / end the last of the units has left, to rounding
    high = 40.0 / float(ends[ends > 0.0].min())
    if share >= most or excess(high) < 0.0:
        raise _out_of_reach(share, most)
    return float(brentq(excess, alone, high, xtol=1e-14, rtol=1e-13))


def _out_of_reach(share: float, most: float) -> PopulationError:
    return PopulationError(
        f"{CALL}: the share {share:g} cannot be reached: no more than {most:.4g} of the units have "
        "a later occasion at which they could leave. Give a smaller share, or more occasions."
    )
