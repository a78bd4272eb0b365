"""What a design says of each unit: its number, and what it is inside of or crossed with."""

import numpy as np

from nestling.design.chosen import EmptyCells, Sampled
from nestling.design.distributed import Distributed
from nestling.design.drawn_sizes import Drawn
from nestling.design.observed import Observed
from nestling.design.tree import Chosen, Nested, Node, Unit, unit_names


def places(
    node: Node, outer: tuple[str, ...] = (), across: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """For each unit, the words that say what it is inside of or crossed with."""
    if isinstance(node, Unit):
        how = f", {how_many(node)} in each {' x '.join(outer)}" if outer else ""
        return [(node.name, how + _crossed_with(across))]
    if isinstance(node, Observed):
        inside = node.inside
        return [
            (name, f", as observed{_in(inside[name] or outer)}{_crossed_with(across)}")
            for name in node.names
        ]
    if isinstance(node, Chosen):
        return _chosen(node, outer, across)
    found: list[tuple[str, str]] = []
    for position, part in enumerate(node.parts):
        found += places(part, outer, across)
        if isinstance(node, Nested):
            outer, across = innermost(part), ()
        else:
            across = tuple(name for done in node.parts[: position + 1] for name in unit_names(done))
    return found


def _chosen(node: Chosen, outer: tuple[str, ...], across: tuple[str, ...]) -> list[tuple[str, str]]:
    """Add what is left out to the lines of a part."""
    lines, choice = places(node.part, outer, across), node.choice
    if isinstance(choice, Sampled):
        said = f", {choice.number:,} of them for each {choice.per}"
        return [(name, how + said * (name == choice.name)) for name, how in lines]
    assert isinstance(choice, EmptyCells)
    name, how = lines[-1]
    return [*lines[:-1], (name, f"{how}, {choice.share:.0%} of the rows left out")]


def _in(outer: tuple[str, ...]) -> str:
    return f" in {outer[-1]}" if outer else ""


def _crossed_with(across: tuple[str, ...]) -> str:
    return f", crossed with {', '.join(across)}" if across else ""


def innermost(node: Node) -> tuple[str, ...]:
    """Name the units whose combinations are the rows of a part."""
    if isinstance(node, Unit):
        return (node.name,)
    if isinstance(node, Observed):
        return (node.names[-1],)
    if isinstance(node, Chosen):
        return innermost(node.part)
    if isinstance(node, Nested):
        return innermost(node.parts[-1])
    return tuple(name for part in node.parts for name in innermost(part))


def how_many(unit: Unit) -> str:
    """Write the size of a unit: a number, a range, or how it is drawn."""
    size = unit.size
    if isinstance(size, int):
        return f"{size:,}"
    if isinstance(size, Drawn | Distributed):
        return f"({size})"
    sizes = np.asarray(size)
    return f"{sizes.min():,} to {sizes.max():,}"
