"""The design of a study: which units there are, and how they are nested and crossed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import IntArray
from nestling.design.chosen import EmptyCells, Sampled
from nestling.design.drawing import StreamOf, drawn, is_open
from nestling.design.extend import extended_tree, is_observed
from nestling.design.observed import Observed, observed
from nestling.design.places import places
from nestling.design.resize import resized
from nestling.design.sizes import size_of
from nestling.design.tree import (
    Chosen,
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
from nestling.random.streams import component_stream, seed_sequence

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Design:
    """Units, their nesting and crossing, and their numbers.

    Made by `nested` and `crossed`, which also take designs, so that any combination can be
    written, and by `Design.from_frame`. Units are numbered 1..n over the whole study, also when
    they are nested: the first pupil of the second school is not pupil 1 again. `(1 | pupil)` and
    `(1 | school:pupil)` therefore mean the same.

    Attributes
    ----------
    tree : node
        What is inside what.
    names : tuple of str
        The units, outermost first.
    is_open : bool
        Whether sizes are drawn anew for every study; numbers are then known after `draw`.

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
    is_open: bool = field(init=False, compare=False)
    _sizes: Mapping[str, int] = field(init=False, compare=False)
    _n: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = unit_names(self.tree)
        for name in names:
            if names.count(name) > 1:
                raise DesignError(
                    f"The unit {name!r} is named {names.count(name)} times; "
                    "each unit of a design has a name of its own."
                )
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "is_open", is_open(self.tree))
        if self.is_open:
            # what any draw would be refused for is refused now
            drawn(self.tree, 1, None, partial(component_stream, seed_sequence(0)))
        units: dict[str, int] = {}
        n = 0 if self.is_open else int(row_counts(self.tree, 1, None, units).sum())
        sizes = {name: units.get(name, 0) for name in names}
        object.__setattr__(self, "_sizes", MappingProxyType(sizes))
        object.__setattr__(self, "_n", n)

    def __reduce__(self) -> tuple[type["Design"], tuple[Node]]:
        return Design, (self.tree,)

    @property
    def n(self) -> int:
        """Rows."""
        self._check_drawn("its number of rows")
        return self._n

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many units of each name there are in the whole study."""
        self._check_drawn("the numbers of its units")
        return self._sizes

    @property
    def inside(self) -> Mapping[str, tuple[str, ...]]:
        """For each unit, the units it is nested in, outermost first."""
        return MappingProxyType(ancestors(self.tree))

    @property
    def source(self) -> IntArray:
        """For a design from a frame: the row of that frame each row comes from, from 0.

        Examples
        --------
        >>> import nestling as nl
        >>> design = nl.Design.from_frame({"g": [1, 1, 2]}, "g").extend(g=4)
        >>> design.source
        array([0, 1, 2, 0, 1, 2])
        """
        if not isinstance(self.tree, Observed):
            raise DesignError(
                "Only a design from nl.Design.from_frame() has rows of a frame behind it."
            )
        return self.tree.rows

    @classmethod
    def from_frame(cls, data: Any, *units: str | Iterable[str]) -> "Design":
        """Read the units of a study from its data; nesting and crossing are found out.

        Parameters
        ----------
        data : any frame narwhals reads, or dict of arrays
        *units : str, or list of str
            Columns that hold the units. 'school/pupil' says that pupils are numbered anew in each
            school.

        Returns
        -------
        Design
            With the rows in the order of the frame. Units are numbered from 1 by the order of
            their ids. `source` tells each row's row of the frame, also after `extend`.

        Raises
        ------
        DataError, DesignError
            For columns that are not there, are no ids, or have missing values.

        Examples
        --------
        >>> import nestling as nl
        >>> pilot = {"school": [1, 1, 1, 2, 2], "pupil": [1, 2, 3, 1, 2]}
        >>> print(nl.Design.from_frame(pilot, "school/pupil"))
        Design of 5 rows
          school  2 units, as observed
          pupil   5 units, as observed in school
        """
        flat: list[str] = []
        for unit in units:
            flat += [unit] if isinstance(unit, str) or not isinstance(unit, Iterable) else [*unit]
        return cls(observed(data, flat))

    def codes(self) -> dict[str, IntArray]:
        """Lay the design out: for each unit its 0-based code in every row, shape (n,).

        Examples
        --------
        >>> import nestling as nl
        >>> nl.crossed(subject=2, item=2).codes()["item"]
        array([0, 1, 0, 1])
        """
        self._check_drawn("its rows")
        laid = lay_out(self.tree).codes
        return {name: laid[name] for name in self.names}

    def to_frame(self) -> "DataFrame":
        """One row per lowest unit, one column of ids (from 1) per unit, outermost first."""
        import pandas as pd

        return pd.DataFrame({name: codes + 1 for name, codes in self.codes().items()})

    def draw(self, seed: Any = None) -> "Design":
        """Draw the sizes that every study draws for itself; others stay as they are.

        Examples
        --------
        >>> import nestling as nl
        >>> design = nl.nested(school=4, pupil=nl.poisson(20))
        >>> design.is_open, design.draw(1).is_open
        (True, False)
        """
        return self.drawn_by(partial(component_stream, seed_sequence(seed)))

    def drawn_by(self, stream: StreamOf) -> "Design":
        """Draw open sizes, those of each unit from the stream that belongs to 'sizes <unit>'."""
        if not self.is_open:
            return self
        return Design(drawn(self.tree, 1, None, lambda name: stream(f"sizes {name}")))

    def replace(self, **sizes: object) -> "Design":
        """Return the same design with other sizes for the units named.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.nested(Cluster=20, ID=50).replace(Cluster=40).n
        2000
        """
        self._check_names(sizes)
        return Design(resized(self.tree, sizes))

    def extend(self, *, seed: int | None = None, **sizes: int) -> "Design":
        """Return a larger design: more units, each with the rows of one that is there.

        Units inside a new one are new too; units it is crossed with stay. What a population
        describes is drawn anew for all rows.

        Parameters
        ----------
        seed : int, optional
            Draws which units are copied, with replacement; without one they are copied in turn.
        **sizes : int
            Name of a unit, and how many there shall be.

        Raises
        ------
        DesignError
            For fewer units than there are.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.nested(school=2, pupil=[3, 5]).extend(school=4).sizes["pupil"]
        16
        """
        self._check_arguments("extend", "seed")
        self._check_names(sizes)
        made = self
        for name, total in sizes.items():
            count = size_of(name, total)
            if not isinstance(count, int) or count < made.sizes[name]:
                raise DesignError(
                    f"extend({name}={total!r}): the design has {made.sizes[name]} units of "
                    f"{name!r}; expected a whole number from there on."
                )
            made = Design(extended_tree(made.tree, name, count, seed))
        return made

    def sized(self, **sizes: Any) -> "Design":
        """Return the design with these sizes: replaced, or extended where units were observed.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.Design.from_frame({"g": [1, 1, 2]}, "g").sized(g=4).n
        6
        """
        self._check_names(sizes)
        made = self
        for name, size in sizes.items():
            one = {name: size}
            made = made.extend(**one) if is_observed(made.tree, name) else made.replace(**one)
        return made

    def sample(self, *, per: str, seed: int, balanced: bool = True, **number: int) -> "Design":
        """Let each unit of `per` have some of the units it is combined with.

        Parameters
        ----------
        per : str
            The unit that chooses: each subject sees some items.
        seed : int
            One seed, one choice.
        balanced : bool
            Units that were chosen least come first, so that all occur about equally often.
        **number : int
            Name of the units to choose from, and how many.

        Examples
        --------
        >>> import nestling as nl
        >>> design = nl.crossed(subject=6, item=10).sample(per="subject", item=5, seed=1)
        >>> print(design)
        Design of 30 rows
          subject   6 units
          item     10 units, crossed with subject, 5 of them for each subject
        """
        self._check_arguments("sample", "per", "seed", "balanced")
        self._check_names([per, *number])
        if len(number) != 1:
            raise DesignError(
                f"sample() chooses units of one kind at a time; got {', '.join(number) or 'none'}. "
                'Write for example design.sample(per="subject", item=20, seed=1).'
            )
        ((name, count),) = number.items()
        size = size_of(name, count)
        if name == per or not isinstance(size, int):
            raise DesignError(
                f"sample({name}={count!r}, per={per!r}): expected a whole number of one kind of "
                "unit for each of another."
            )
        choice = Sampled(name, size, per, _seed("sample", seed), bool(balanced))
        return Design(Chosen(self.tree, choice))

    def drop(self, share: float, *, seed: int) -> "Design":
        """Leave a share of the rows out, by chance: cells that stay empty.

        Parameters
        ----------
        share : float
            From 0 to below 1.
        seed : int
            One seed, one choice.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.crossed(subject=10, item=20).drop(0.1, seed=1).n
        180
        """
        return Design(Chosen(self.tree, EmptyCells(_share(share), _seed("drop", seed))))

    def __str__(self) -> str:
        rows = self._described()
        wide = max(len(name) for name, _, _ in rows)
        deep = max(len(number) for _, number, _ in rows)
        lines = [f"  {name:<{wide}}  {number:>{deep}} {how}" for name, number, how in rows]
        return "\n".join([self._title, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:right'>{number}</td>"
            f"<td style='text-align:left'>{escape(how)}</td></tr>"
            for name, number, how in self._described()
        )
        return f"<table><caption>{self._title}</caption><tbody>{cells}</tbody></table>"

    @property
    def _title(self) -> str:
        if self.is_open:
            return "Design with sizes that each study draws"
        return f"Design of {self._n:,} rows"

    def _described(self) -> list[tuple[str, str, str]]:
        """Name, number of units and their place, for each unit."""
        return [
            (name, "" if self.is_open else f"{self._sizes[name]:,}", "units" + how)
            for name, how in places(self.tree)
        ]

    def _check_drawn(self, what: str) -> None:
        if self.is_open:
            raise DesignError(
                f"Every study draws sizes of this design anew, so {what} cannot be told. "
                "Draw them with design.draw(seed), or give nl.sizes() a seed."
            )

    def _check_arguments(self, call: str, *arguments: str) -> None:
        for name in arguments:
            if name in self.names:
                raise DesignError(
                    f"{call}() has an argument {name!r}, and the design a unit {name!r}, so "
                    f"{name}= could mean either. Give the unit another name."
                )

    def _check_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.names:
                raise DesignError(
                    f"The design has no unit {name!r}. {did_you_mean(name, self.names)}"
                )


def nested(*parts: Design, **sizes: object) -> Design:
    """Units inside one another, outermost first.

    Parameters
    ----------
    *parts : Design
        Designs that come first (outside); each part sits inside every row of the part before.
    **sizes : int, list or array of int, nl.sizes(), or a distribution
        Name and number of units in each unit before it; a list gives one number per parent (0
        for a cell of crossed units that stays empty). `nl.sizes` draws numbers with a stated mean
        and coefficient of variation; a distribution such as `nl.poisson(20)` is drawn anew for
        every study.

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


def _seed(call: str, seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(
            f"{call}(): seed={seed!r}; expected a whole number, which fixes what is chosen."
        )
    seed_sequence(int(seed))
    return int(seed)


def _share(share: Any) -> float:
    number = isinstance(share, int | float | np.number) and not isinstance(share, bool)
    if not number or not 0 <= share < 1:
        raise DesignError(f"drop({share!r}): expected a share of the rows from 0 to below 1.")
    return float(share)
