"""What is inside what: units, nested parts and crossed parts, and the rows they make.

A node is laid out inside a number of parents (one parent: the whole study). Three small
cases make every design: a unit repeats inside each parent, nested parts take the rows of
the part before as their parents, crossed parts are combined within each parent.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nestling.arrays import IntArray
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


Node: TypeAlias = Unit | Nested | Crossed


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a node laid out: the parent of each row, and each unit's code per row."""

    parent: IntArray
    codes: dict[str, IntArray]


def unit_names(node: Node) -> tuple[str, ...]:
    """Names in the order written: outermost first."""
    if isinstance(node, Unit):
        return (node.name,)
    return tuple(name for part in node.parts for name in unit_names(part))


def ancestors(node: Node, outer: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """For each unit, the units it is nested in, outermost first."""
    if isinstance(node, Unit):
        return {node.name: outer}
    found: dict[str, tuple[str, ...]] = {}
    for part in node.parts:
        found |= ancestors(part, outer)
        if isinstance(node, Nested):
            outer = (*outer, *unit_names(part))
    return found


def row_counts(
    node: Node, parents: int, within: str | None, units: dict[str, int] | None = None
) -> IntArray:
    """Rows inside each parent, without laying them out; `units` collects units per name."""
    if isinstance(node, Unit):
        counts = counts_of(node.name, node.size, parents, within)
        if units is not None:
            units[node.name] = int(counts.sum())
        return counts
    if isinstance(node, Crossed):
        counts = np.ones(parents, dtype=np.intp)
        for part in node.parts:
            inner = row_counts(part, parents, within, units)
            check_rows(unit_names(part)[-1], float(counts.max()) * float(inner.max()))
            counts = counts * inner
        return counts
    counts = row_counts(node.parts[0], parents, within, units)
    for before, part in zip(node.parts[:-1], node.parts[1:], strict=True):
        held = row_counts(part, int(counts.sum()), _parents_named(before), units)
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
        counts = counts_of(node.name, node.size, parents, None if parents == 1 else "its parent")
        parent = np.repeat(np.arange(parents, dtype=np.intp), counts)
        return Rows(parent, {node.name: np.arange(parent.size, dtype=np.intp)})
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
    return repr(node.name)


def _sums(values: IntArray, lengths: IntArray) -> IntArray:
    """Sum consecutive stretches of `values`."""
    total = np.concatenate([[0], np.cumsum(values)])
    ends = np.cumsum(lengths)
    return np.asarray(total[ends] - total[ends - lengths], dtype=np.intp)
