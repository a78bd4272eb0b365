"""Sizes from a distribution that describes predictors: nl.poisson(20), nl.uniform(10, 30)."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from nestling.arrays import IntArray
from nestling.errors import DesignError


@runtime_checkable
class Distribution(Protocol):
    """What draws numbers: a description of a predictor."""

    def draw(self, stream: Any, n: int) -> Any:
        """Draw n values."""
        ...

    def prototype(self, n: int) -> Any:
        """Make n values that stand for all."""
        ...


@dataclass(frozen=True, slots=True)
class Distributed:
    """Sizes drawn anew for every study; values are rounded, and no parent holds less than 1."""

    distribution: Distribution

    def __post_init__(self) -> None:
        if getattr(self.distribution, "level", None) is not None:
            raise DesignError(
                f"Sizes are drawn one per parent; {self.distribution} has a level= of its own. "
                "Leave it out."
            )

    def draw(self, stream: np.random.Generator, parents: int) -> IntArray:
        """Draw one size per parent."""
        values = self.distribution.draw(stream, parents)
        if not isinstance(values, np.ndarray):
            raise DesignError(f"{self.distribution} draws categories; sizes are numbers of units.")
        return np.maximum(np.rint(values), 1).astype(np.intp)

    @property
    def call(self) -> str:
        """The call that makes these sizes again."""
        return str(self.distribution).removeprefix("nl.")

    def __str__(self) -> str:
        return str(self.distribution)
