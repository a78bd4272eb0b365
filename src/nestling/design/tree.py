"""What is inside what: units, nested parts and crossed parts, and the rows they make.

A node is laid out inside a number of parents (one parent: the whole study). Small cases make
every design: a unit repeats inside each parent, nested parts take the rows of the part before
as their parents, crossed parts are combined within each parent, some rows of a part are kept,
and units observed in data repeat inside each parent as they stand.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nestling.arrays import IntArray
from nestling.design.chosen import EmptyCells, Sampled, kept
from nestling.design.observed import Observed
from nestling.design.sizes import Size, check_rows, counts_of


@dataclass(frozen=True, slots=True)
class Unit:
    """One factor of the design and how many of it each parent holds."""

    name: str
    size: Size


@dataclass(frozen=True, slots=True)
class Nested:
    """Parts inside one another, outermost first."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Crossed:
    """Parts in all combinations, the first varying slowest."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some rows of a part."""

    part: "Node"
    choice: EmptyCells | Sampled


Node: TypeAlias = Unit | Nested | Crossed | Chosen | Observed


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a node laid out: the parent of each row, and each unit's code per row."""

    parent: IntArray
    codes: dict[str, IntArray]


def unit_names(node: Node) -> tuple[str, ...]:
    """Names in the order written: outermost first."""
    if isinstance(node, Unit):
        return (node.name,)
    if isinstance(node, Observed):
        return node.names
    if isinstance(node, Chosen):
        return unit_names(node.part)
    return tuple(name for part in node.parts for name in unit_names(part))


def ancestors(node: Node, outer: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """For each unit, the units it is nested in, outermost first."""
    if isinstance(node, Unit):
        return {node.name: outer}
    if isinstance(node, Observed):
        return {name: outer + own for name, own in node.inside.items()}
    if isinstance(node, Chosen):
        return ancestors(node.part, outer)
    found: dict[str, tuple[str, ...]] = {}
    for part in node.parts:
        found |= ancestors(part, outer)
        if isinstance(node, Nested):
            outer = (*outer, *unit_names(part))
    return found


def row_counts(node: Node, parents: int, within: "Node | None", units: dict[str, int]) -> IntArray:
    """Rows inside each parent; `units` collects units per name.

    Rows are laid out for parts of which some are chosen alone. `within` is the part that makes
    the parents.
    """
    if isinstance(node, Unit):
        named = None if within is None else _parents_named(within)
        counts = counts_of(node.name, node.size, parents, named, cells=_is_crossed(within))
        units[node.name] = int(counts.sum())
        return counts
    if isinstance(node, Observed):
        check_rows(node.names[-1], float(parents) * node.rows.size)
        units |= {name: parents * size for name, size in node.sizes().items()}
        return np.full(parents, node.rows.size, dtype=np.intp)
    if isinstance(node, Chosen):
        row_counts(node.part, parents, within, {})
        rows = lay_out(node, parents)
        units |= {name: int(codes.max()) + 1 for name, codes in rows.codes.items()}
        return np.bincount(rows.parent, minlength=parents)
    if isinstance(node, Crossed):
        counts = np.ones(parents, dtype=np.intp)
        for part in node.parts:
            inner = row_counts(part, parents, within, units)
            check_rows(unit_names(part)[-1], float(counts.max()) * float(inner.max()))
            counts = counts * inner
        return counts
    counts = row_counts(node.parts[0], parents, within, units)
    for before, part in zip(node.parts[:-1], node.parts[1:], strict=True):
        held = row_counts(part, int(counts.sum()), before, units)
        counts = _sums(held, counts)
    return counts


def lay_out(node: Node, parents: int = 1) -> Rows:
    """Rows of a node inside `parents` parents; codes run from 0 over the whole study.

    Examples
    --------
    >>> lay_out(Nested((Unit("g", 2), Unit("i", (1, 2))))).codes
    {'g': array([0, 1, 1]), 'i': array([0, 1, 2])}
    """
    if isinstance(node, Unit):
        # row_counts() has checked the sizes, with the parents' names
        counts = counts_of(node.name, node.size, parents, "its parent", cells=True)
        parent = np.repeat(np.arange(parents, dtype=np.intp), counts)
        return Rows(parent, {node.name: np.arange(parent.size, dtype=np.intp)})
    if isinstance(node, Observed):
        parent = np.repeat(np.arange(parents, dtype=np.intp), node.rows.size)
        return Rows(
            parent,
            {
                name: np.tile(codes, parents) + parent * (int(codes.max()) + 1)
                for name, codes in zip(node.names, node.codes, strict=True)
            },
        )
    if isinstance(node, Chosen):
        rows = lay_out(node.part, parents)
        stay, left = kept(rows.codes, node.choice)
        return Rows(rows.parent[stay], left)
    if isinstance(node, Crossed):
        return _combine([lay_out(part, parents) for part in node.parts], parents)
    rows = lay_out(node.parts[0], parents)
    for part in node.parts[1:]:
        inner = lay_out(part, rows.parent.size)
        outer = {name: codes[inner.parent] for name, codes in rows.codes.items()}
        rows = Rows(rows.parent[inner.parent], outer | inner.codes)
    return rows


def _combine(parts: list[Rows], parents: int) -> Rows:
    """All combinations of the parts' rows within each parent."""
    held = [np.bincount(part.parent, minlength=parents) for part in parts]
    totals = np.prod(held, axis=0, dtype=np.intp)
    parent = np.repeat(np.arange(parents, dtype=np.intp), totals)
    local = np.arange(parent.size, dtype=np.intp) - (np.cumsum(totals) - totals)[parent]
    codes: dict[str, IntArray] = {}
    for part, counts in zip(reversed(parts), reversed(held), strict=True):
        start = np.cumsum(counts) - counts
        local, position = np.divmod(local, counts[parent])
        row = start[parent] + position
        codes = {name: values[row] for name, values in part.codes.items()} | codes
    return Rows(parent, codes)


def _parents_named(node: Node) -> str:
    """How a message calls the rows of a part: 'school', or 'subject x item'."""
    if isinstance(node, Nested):
        return _parents_named(node.parts[-1])
    if isinstance(node, Crossed):
        return " x ".join(_parents_named(part) for part in node.parts)
    if isinstance(node, Chosen):
        return _parents_named(node.part)
    if isinstance(node, Observed):
        return repr(node.names[-1])
    return repr(node.name)


def _is_crossed(node: Node | None) -> bool:
    """Whether the rows of a part are combinations of units."""
    if isinstance(node, Nested):
        return _is_crossed(node.parts[-1])
    if isinstance(node, Chosen):
        return _is_crossed(node.part)
    return isinstance(node, Crossed)


def has_empty_cells(node: Node) -> bool:
    """Whether a list of sizes leaves cells empty."""
    if isinstance(node, Unit):
        return isinstance(node.size, tuple) and 0 in node.size
    if isinstance(node, Observed):
        return False
    if isinstance(node, Chosen):
        return has_empty_cells(node.part)
    return any(has_empty_cells(part) for part in node.parts)


def _sums(values: IntArray, lengths: IntArray) -> IntArray:
    """Sum consecutive stretches of `values`."""
    total = np.concatenate([[0], np.cumsum(values)])
    ends = np.cumsum(lengths)
    return np.asarray(total[ends] - total[ends - lengths], dtype=np.intp)
