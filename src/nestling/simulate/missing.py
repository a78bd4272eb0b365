"""Values that are missing: by chance alone, by what is observed, or by the value itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.amounts import fraction, name_of, shown
from nestling.simulate.departures import DataDeparture, Known, Rows

if TYPE_CHECKING:
    from pandas import DataFrame, Series

CALL = "nl.missing()"


@dataclass(frozen=True, slots=True)
class Missing(DataDeparture):
    """Values of a column that are lost, row by row or unit by unit."""

    order: ClassVar[int] = 20
    column: str
    share: float
    depends_on: tuple[tuple[str, float], ...] = ()
    level: str | None = None

    def __post_init__(self) -> None:
        name_of(self.column, f"{CALL}: column")
        object.__setattr__(self, "share", fraction(self.share, f"{CALL}: share"))
        if self.level is not None:
            name_of(self.level, f"{CALL}: level")
        object.__setattr__(self, "depends_on", _weights(self.depends_on))

    @property
    def label(self) -> str:
        """Name of its stream."""
        return f"missing {self.column}"

    def check(self, known: Known) -> None:
        """Refuse columns that are not there."""
        for name in (self.column, *(name for name, _ in self.depends_on)):
            known.check_column(name, CALL, response=True)

    def change(self, stream: np.random.Generator, rows: Rows) -> "DataFrame":
        """Lose the values."""
        n = len(rows.data)
        unit = np.arange(n) if self.level is None else rows.unit(self.level, CALL)
        unit = np.unique(unit, return_inverse=True)[1]
        counts = np.bincount(unit)
        scores = np.zeros(counts.size)
        for name, weight in self.depends_on:
            means = np.bincount(unit, standardised(rows.numbers(name, CALL))) / counts
            scores += weight * means
        chance = with_mean(scores, self.share)
        lost = (stream.random(counts.size) < chance)[unit]
        data = rows.data.copy(deep=False)
        data[self.column] = without(data[self.column], lost)
        return data

    def __str__(self) -> str:
        said = [repr(self.column), shown(self.share)]
        if self.depends_on:
            pairs = ", ".join(f"{name!r}: {shown(weight)}" for name, weight in self.depends_on)
            said.append(f"depends_on={{{pairs}}}")
        said += [] if self.level is None else [f"level={self.level!r}"]
        return f"nl.missing({', '.join(said)})"


def missing(
    column: str, share: float, *, depends_on: Any = None, level: str | None = None
) -> Missing:
    """Let values of a column be missing, here and there.

    Parameters
    ----------
    column : str
        A predictor, or the response.
    share : float
        Expected share of values that are missing.
    depends_on : str or mapping, optional
        What the chance depends on, by a logistic regression on columns in units of their SD: a
        name stands for a coefficient of 1, a mapping gives coefficients. Missing at random (MAR)
        with columns that stay observed, not at random (MNAR) with `column` itself; without it
        missing completely at random (MCAR). The intercept follows from `share`.
    level : str, optional
        Unit of the design that is missing as a whole, by the means of its rows.

    Raises
    ------
    PopulationError, ArgumentTypeError
        For a share outside (0, 1), or columns that are not there.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population(
    ...     "y ~ X + (1 | g)", {"(Intercept)": 0, "X": 1}, {"g": 1}, 1, {"X": nl.normal(0, 1)},
    ...     departures=[nl.missing("y", 0.2, depends_on="X"), nl.missing("X", 0.1)],
    ... )
    >>> truth.simulate(nl.nested(g=200, i=50), seed=1)[["X", "y"]].isna().mean().round(2).tolist()
    [0.1, 0.2]
    """
    return Missing(column, share, depends_on, level)


def _weights(given: Any) -> tuple[tuple[str, float], ...]:
    """Read what a chance depends on, as names with coefficients."""
    if given is None:
        return ()
    if isinstance(given, str):
        return ((name_of(given, f"{CALL}: depends_on"), 1.0),)
    pairs = tuple(given.items()) if isinstance(given, Mapping) and given else given
    if isinstance(pairs, tuple) and all(
        isinstance(pair, tuple) and len(pair) == 2 for pair in pairs
    ):
        what = f"{CALL}: depends_on"
        made = tuple((name_of(name, what), number(w, f"{what}[{name!r}]")) for name, w in pairs)
        if len(dict(made)) < len(made):
            raise PopulationError(f"{what}={given!r} names a column twice; name it once.")
        return made
    raise ArgumentTypeError(
        f"{CALL}: depends_on={given!r}; expected the name of a column, or names with "
        "coefficients such as {'X': 0.5}."
    )


def standardised(values: FloatArray) -> FloatArray:
    """Return values in units of their SD around their mean; missing ones stand at the mean."""
    spread = float(np.nanstd(values))
    return np.nan_to_num((values - np.nanmean(values)) / (spread or 1.0))


def with_mean(scores: FloatArray, mean: float) -> FloatArray:
    """Return logistic probabilities of scores plus the constant that gives them this mean.

    Examples
    --------
    >>> round(float(with_mean(np.array([-2.0, 0.0, 1.0]), 0.3).mean()), 9)
    0.3
    """
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    wide = float(np.abs(scores).max()) + 1.0
    centre = float(logit(mean))
    constant = brentq(
        lambda a: float(expit(a + scores).mean()) - mean, centre - wide, centre + wide, xtol=1e-12
    )
    return np.asarray(expit(constant + scores))


def without(column: "Series[Any]", lost: np.ndarray) -> "Series[Any]":
    """Return a column without some values: NaN, or no category."""
    return column.where(~lost)
