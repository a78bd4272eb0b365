"""The parts of equations by level: terms, equations, levels."""

import re
from dataclasses import dataclass
from typing import Literal

from nestling.model.levels_calls import quoted
from nestling.model.notation_symbols import rank

_INDEXED = re.compile(r".+_\d*[i-t]+|[^\W\d_]+\d+[i-t]+")

Kind = Literal["modelled", "fixed", "random", "residual", "offset"]


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an equation: a symbol, or a symbol times predictors.

    Attributes
    ----------
    symbol : str
        The coefficient, random effect or residual; for an offset, the call itself.
    kind : {'modelled', 'fixed', 'random', 'residual', 'offset'}
        `modelled` is a coefficient that has an equation of its own at a higher level.
    predictors : tuple of str
        What the symbol is multiplied by, as a formula spells it: `X`, `I(t^2)`.
    group : str or None
        Grouping factor of a random effect.
    """

    symbol: str
    kind: Kind
    predictors: tuple[str, ...] = ()
    group: str | None = None

    def text(self, *, grouped: bool = False) -> str:
        """Write the term; `grouped` adds the grouping factor of a random effect in brackets."""
        head = f"{self.symbol}[{group_text(self.group)}]" if grouped and self.group else self.symbol
        return "*".join([head, *map(column_text, self.predictors)])


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = terms`, at a level of the hierarchy (1 is the lowest)."""

    level: int
    left: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the hierarchy: its number and its grouping factors.

    Level 1 has the name of the unit, or none. A higher level has one grouping factor, or
    several that are crossed.
    """

    number: int
    names: tuple[str, ...]

    @property
    def heading(self) -> str:
        """`Level 2 (Cluster):`."""
        named = f" ({', '.join(map(group_text, self.names))})" if self.names else ""
        return f"Level {self.number}{named}:"


def column_text(name: str) -> str:
    """Write a predictor so that it is read as one: in backticks if it looks like a symbol.

    Examples
    --------
    >>> column_text("X"), column_text("b1"), column_text("X_ij"), column_text("log(X)")
    ('X', '`b1`', '`X_ij`', 'log(X)')
    """
    if "`" in name or "(" in name:
        return name
    return f"`{name}`" if rank(name) > 1 or _INDEXED.fullmatch(name) else name


def group_text(group: str) -> str:
    """Write a grouping factor, with backticks around columns that are no plain names."""
    return ":".join(map(quoted, group.split(":")))
