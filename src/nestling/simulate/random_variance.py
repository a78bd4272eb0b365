"""Residual variances that differ from cluster to cluster."""

from dataclasses import dataclass
from math import log1p, sqrt
from typing import ClassVar

import numpy as np

from nestling.arrays import FloatArray
from nestling.simulate.amounts import name_of, positive, shown
from nestling.simulate.departures import Known, ResidualDeparture, Rows

CALL = "nl.random_variance()"


@dataclass(frozen=True, slots=True)
class RandomVariance(ResidualDeparture):
    """Log-normal residual variances of units, whose mean is the variance stated."""

    order: ClassVar[int] = 30
    by: str
    cv: float = 0.5

    def __post_init__(self) -> None:
        name_of(self.by, f"{CALL}: by")
        object.__setattr__(self, "cv", positive(self.cv, f"{CALL}: cv"))

    @property
    def label(self) -> str:
        """Name of its stream; variances of several kinds of units multiply."""
        return f"residual variances of {self.by}"

    def check(self, known: Known) -> None:
        """Leave the unit to the design: it needs no random effects."""

    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:
        """Multiply residuals by the SD of their unit."""
        units = rows.unit(self.by, CALL)
        spread = log1p(self.cv**2)
        logs = sqrt(spread) * stream.standard_normal(int(units.max()) + 1) - spread / 2
        return residuals * np.exp(logs / 2)[units]

    def __str__(self) -> str:
        return f"nl.random_variance({self.by!r}, cv={shown(self.cv)})"

    __repr__ = __str__


def random_variance(by: str, cv: float = 0.5) -> RandomVariance:
    """Give each unit a residual variance of its own; their mean is the variance stated.

    Parameters
    ----------
    by : str
        Unit of the design: 'Cluster' for a Level-2 random residual variance.
    cv : float
        Coefficient of variation of the variances, above 0: their SD over their mean. They are
        log-normal; the SD of log(variance) is sqrt(log(1 + cv²)).

    Examples
    --------
    >>> import nestling as nl
    >>> nl.random_variance("Cluster", cv=0.5)
    nl.random_variance('Cluster', cv=0.5)
    """
    return RandomVariance(by, cv)
