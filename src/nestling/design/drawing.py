"""Sizes that every study draws for itself, drawn: from an open design to one with numbers."""

from collections.abc import Callable

import numpy as np

from nestling.design.distributed import Distributed
from nestling.design.drawn_sizes import Drawn
from nestling.design.observed import Observed
from nestling.design.sizes import check_rows
from nestling.design.tree import Chosen, Crossed, Nested, Node, Unit, row_counts

StreamOf = Callable[[str], np.random.Generator]
"""From the name of a unit to the stream of its sizes."""


def is_open(node: Node) -> bool:
    """Whether sizes are drawn anew for every study."""
    if isinstance(node, Unit):
        size = node.size
        return isinstance(size, Distributed) or (isinstance(size, Drawn) and size.seed is None)
    if isinstance(node, Observed):
        return False
    if isinstance(node, Chosen):
        return is_open(node.part)
    return any(is_open(part) for part in node.parts)


def drawn(node: Node, parents: int, within: Node | None, stream: StreamOf) -> Node:
    """Draw the open sizes of a node inside `parents` parents, which `within` makes."""
    if not is_open(node):
        return node
    if isinstance(node, Unit):
        size = node.size
        if within is None or not isinstance(size, Drawn | Distributed):
            return node  # refused with the other outermost units
        counts = size.draw(stream(node.name), parents)
        check_rows(node.name, float(counts.sum(dtype=np.float64)))
        return Unit(node.name, tuple(counts.tolist()))
    if isinstance(node, Chosen):
        return Chosen(drawn(node.part, parents, within, stream), node.choice)
    if isinstance(node, Crossed):
        return Crossed(tuple(drawn(part, parents, within, stream) for part in node.parts))
    assert isinstance(node, Nested)
    made: list[Node] = []
    rows, outer = parents, within
    for part in node.parts:
        made.append(drawn(part, rows, outer, stream))
        rows, outer = int(row_counts(made[-1], rows, outer, {}).sum()), made[-1]
    return Nested(tuple(made))
