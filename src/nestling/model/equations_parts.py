"""The parts of equations by level: terms, equations, levels."""

import re
from dataclasses import dataclass
from typing import Literal

from nestling.model.expressions import names_in
from nestling.model.notation_symbols import bare, rank
from nestling.model.parser import parse_expression

_PLAIN = re.compile(r"[^\W\d_][\w.]*")
_INDEXED = re.compile(r".+_\d*[ijklmnst]{1,4}")

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
    >>> column_text("X"), column_text("b1"), column_text("X_ij"), column_text("log(X_ij)")
    ('X', '`b1`', '`X_ij`', 'log(`X_ij`)')
    """
    if "`" in name:
        return name
    if "(" not in name:
        return name if _reads_as_column(name) else f"`{name}`"
    for column in names_in(parse_expression(name)):
        if not _reads_as_column(column):
            whole = rf"(?<![\w.`]){re.escape(column)}(?![\w.`(])"
            name = re.sub(whole, f"`{column}`", name)
    return name


def _reads_as_column(name: str) -> bool:
    plain = _PLAIN.fullmatch(name) and "__" not in name
    return bool(plain) and rank(bare(name)) < 2 and not _INDEXED.fullmatch(name)


def group_text(group: str) -> str:
    """Write a grouping factor, with backticks around columns that are no plain names."""
    return ":".join(part if _PLAIN.fullmatch(part) else f"`{part}`" for part in group.split(":"))
