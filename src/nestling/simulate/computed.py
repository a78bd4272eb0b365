"""Predictors computed from others by an expression of the formula language, never by eval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nestling.arrays import AnyArray
from nestling.data.columns import Factor
from nestling.data.door import read
from nestling.errors import NestlingError, PopulationError, did_you_mean
from nestling.model.evaluate import Block, Memory, evaluate
from nestling.model.expressions import Expression, names_in
from nestling.model.parser import parse_expression
from nestling.simulate.given import Labels

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Computed:
    """A predictor that follows from others: `"X * log(Z)"`."""

    text: str
    level: None = None

    def __post_init__(self) -> None:
        parse_expression(self.text)  # refuses what is no expression

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 1

    @property
    def node(self) -> Expression:
        """The expression."""
        return parse_expression(self.text)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns it is computed from."""
        return tuple(dict.fromkeys(names_in(self.node)))

    def values(self, name: str, frame: "DataFrame") -> AnyArray | Labels:
        """Compute the values from the columns of a study."""
        try:
            value = evaluate(self.node, read(frame), Memory())
        except NestlingError as error:
            raise PopulationError(f"predictors= computes {name!r} as {self}: {error}") from error
        if isinstance(value, Block):
            raise PopulationError(
                f"predictors= computes {name!r} as {self}, which has several columns; use it in "
                "the formula itself."
            )
        if isinstance(value, Factor):
            return Labels(value.codes, value.levels, value.ordered)
        return value.values

    def __str__(self) -> str:
        return repr(self.text)


def in_order(computed: Mapping[str, Computed], known: set[str]) -> list[str]:
    """Order the computed predictors so that each follows what it is computed from.

    Raises
    ------
    PopulationError
        For a name that is no predictor, and for predictors computed from each other.
    """
    ordered: list[str] = []
    available = known | {"pi"}
    while len(ordered) < len(computed):
        ready = [
            name
            for name, each in computed.items()
            if name not in ordered and available.issuperset(each.names)
        ]
        if not ready:
            _refuse(computed, available)
        ordered += ready
        available |= set(ready)
    return ordered


def _refuse(computed: Mapping[str, Computed], available: set[str]) -> None:
    left = {name: each for name, each in computed.items() if name not in available}
    for name, each in left.items():
        for part in each.names:
            if part not in available and part not in computed:
                known = sorted((available | set(computed)) - {name, "pi"})
                raise PopulationError(
                    f"predictors= computes {name!r} as {each}, but {part!r} is no predictor. "
                    f"{did_you_mean(part, known)}"
                )
    shown = ", ".join(f"{name} = {each.text}" for name, each in left.items())
    raise PopulationError(f"predictors= computes in a circle: {shown}.")
