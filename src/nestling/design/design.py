"""The design of a study: which units there are, and how they are nested and crossed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import IntArray
from nestling.design.sizes import size_of
from nestling.design.tree import (
    Crossed,
    Nested,
    Node,
    Unit,
    ancestors,
    lay_out,
    row_counts,
    unit_names,
)
from nestling.errors import ArgumentTypeError, DesignError, did_you_mean

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Design:
    """Units, their nesting and crossing, and their numbers.

    Made by `nested` and `crossed`, which also take designs, so that any combination can be
    written. Units are numbered 1..n over the whole study, also when they are nested: the
    first pupil of the second school is not pupil 1 again. `(1 | pupil)` and
    `(1 | school:pupil)` therefore mean the same.

    Attributes
    ----------
    tree : node
        What is inside what.
    names : tuple of str
        The units, outermost first.
    sizes : mapping of str to int
        How many units of each name there are in the whole study.
    n : int
        Rows.

    Examples
    --------
    >>> import nestling as nl
    >>> design = nl.nested(Cluster=20, ID=50)
    >>> design.names, design.n, design.sizes["ID"]
    (('Cluster', 'ID'), 1000, 1000)
    >>> print(design)
    Design of 1,000 rows
      Cluster     20 units
      ID       1,000 units, 50 in each Cluster
    """

    tree: Node
    names: tuple[str, ...] = field(init=False, compare=False)
    sizes: Mapping[str, int] = field(init=False, compare=False)
    n: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = unit_names(self.tree)
        for name in names:
            if names.count(name) > 1:
                raise DesignError(
                    f"The unit {name!r} is named {names.count(name)} times; "
                    "each unit of a design has a name of its own."
                )
        units: dict[str, int] = {}
        counts = row_counts(self.tree, 1, None, units)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "sizes", MappingProxyType({name: units[name] for name in names}))
        object.__setattr__(self, "n", int(counts.sum()))

    def __reduce__(self) -> tuple[type["Design"], tuple[Node]]:
        return Design, (self.tree,)

    @property
    def inside(self) -> Mapping[str, tuple[str, ...]]:
        """For each unit, the units it is nested in, outermost first."""
        return MappingProxyType(ancestors(self.tree))

    def codes(self) -> dict[str, IntArray]:
        """Lay the design out: for each unit its 0-based code in every row, shape (n,).

        Examples
        --------
        >>> import nestling as nl
        >>> nl.crossed(subject=2, item=2).codes()["item"]
        array([0, 1, 0, 1])
        """
        laid = lay_out(self.tree).codes
        return {name: laid[name] for name in self.names}

    def to_frame(self) -> "DataFrame":
        """One row per lowest unit, one column of ids (from 1) per unit, outermost first."""
        import pandas as pd

        return pd.DataFrame({name: codes + 1 for name, codes in self.codes().items()})

    def replace(self, **sizes: object) -> "Design":
        """Return the same design with other sizes for the units named.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.nested(Cluster=20, ID=50).replace(Cluster=40).n
        2000
        """
        for name in sizes:
            if name not in self.names:
                raise DesignError(
                    f"The design has no unit {name!r}. {did_you_mean(name, self.names)}"
                )
        return Design(_resized(self.tree, sizes))

    def __str__(self) -> str:
        rows = self._described()
        wide = max(len(name) for name, _, _ in rows)
        deep = max(len(number) for _, number, _ in rows)
        lines = [f"  {name:<{wide}}  {number:>{deep}} {how}" for name, number, how in rows]
        return "\n".join([f"Design of {self.n:,} rows", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:right'>{number}</td>"
            f"<td style='text-align:left'>{escape(how)}</td></tr>"
            for name, number, how in self._described()
        )
        return f"<table><caption>Design of {self.n:,} rows</caption><tbody>{cells}</tbody></table>"

    def _described(self) -> list[tuple[str, str, str]]:
        """Name, number of units and their place, for each unit."""
        return [
            (name, f"{self.sizes[name]:,}", "units" + how)
            for name, how in _places(self.tree, (), ())
        ]


def nested(*parts: Design, **sizes: object) -> Design:
    """Units inside one another, outermost first.

    Parameters
    ----------
    *parts : Design
        Designs that come first (outside); each part sits inside every row of the part before.
    **sizes : int, list or array of int
        Name and number of units in each unit before it; a list gives one number per parent.

    Returns
    -------
    Design

    Raises
    ------
    DesignError
        For a size below 1 or not whole, a list of the wrong length, or a repeated name.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.nested(school=3, pupil=[20, 25, 18]).n
    63
    >>> nl.nested(nl.crossed(subject=30, item=20), trial=2).n
    1200
    >>> nl.nested(nl.nested(school=4), nl.crossed(pupil=10, rater=3)).sizes["rater"]
    12
    """
    nodes = _nodes("nested", parts, sizes)
    return Design(nodes[0] if len(nodes) == 1 else Nested(nodes))


def crossed(*parts: Design, **sizes: object) -> Design:
    """Units in all combinations; the first varies slowest.

    Parameters
    ----------
    *parts : Design
        Designs to be combined, before the named units.
    **sizes : int
        Name and number of units.

    Returns
    -------
    Design

    Raises
    ------
    DesignError
        For a size below 1 or not whole, or a repeated name.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.crossed(subject=30, item=20).n
    600
    >>> print(nl.crossed(nl.nested(school=10, pupil=20), item=8))
    Design of 1,600 rows
      school   10 units
      pupil   200 units, 20 in each school
      item      8 units, crossed with school, pupil
    """
    nodes = _nodes("crossed", parts, sizes)
    return Design(nodes[0] if len(nodes) == 1 else Crossed(nodes))


def _nodes(call: str, parts: tuple[Design, ...], sizes: dict[str, object]) -> tuple[Node, ...]:
    """Trees of the designs given, then one unit per named size."""
    for part in parts:
        if not isinstance(part, Design):
            raise ArgumentTypeError(
                f"nl.{call}() takes designs and named sizes such as Cluster=20; got {part!r}."
            )
    nodes = (
        *(part.tree for part in parts),
        *(Unit(name, size_of(name, value)) for name, value in sizes.items()),
    )
    if not nodes:
        raise DesignError(
            f"nl.{call}() was called without units; write for example nl.{call}(Cluster=20, ID=50)."
        )
    return nodes


def _resized(node: Node, sizes: dict[str, object]) -> Node:
    if isinstance(node, Unit):
        return Unit(node.name, size_of(node.name, sizes[node.name])) if node.name in sizes else node
    return type(node)(tuple(_resized(part, sizes) for part in node.parts))


def _places(node: Node, outer: tuple[str, ...], across: tuple[str, ...]) -> list[tuple[str, str]]:
    """For each unit, the words that say what it is inside of or crossed with."""
    if isinstance(node, Unit):
        how = ""
        if outer:
            how = f", {_how_many(node)} in each {' x '.join(outer)}"
        if across:
            how += f", crossed with {', '.join(across)}"
        return [(node.name, how)]
    found: list[tuple[str, str]] = []
    for position, part in enumerate(node.parts):
        found += _places(part, outer, across)
        if isinstance(node, Nested):
            outer, across = _innermost(part), ()
        else:
            across = tuple(name for done in node.parts[: position + 1] for name in unit_names(done))
    return found


def _innermost(node: Node) -> tuple[str, ...]:
    """Name the units whose combinations are the rows of a part."""
    if isinstance(node, Unit):
        return (node.name,)
    if isinstance(node, Nested):
        return _innermost(node.parts[-1])
    return tuple(name for part in node.parts for name in _innermost(part))


def _how_many(unit: Unit) -> str:
    if isinstance(unit.size, int):
        return f"{unit.size:,}"
    sizes = np.asarray(unit.size)
    return f"{sizes.min():,} to {sizes.max():,}"
