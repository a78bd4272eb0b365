"""More units of a design, each with the rows of one that is there."""

import numpy as np

from nestling.design.observed import Observed, extended
from nestling.design.resize import resized
from nestling.design.tree import Chosen, Crossed, Node, Unit, lay_out, unit_names


def extended_tree(tree: Node, name: str, total: int, seed: int | None) -> Node:
    """Return a tree with `total` units of a name.

    Where all parents hold equal numbers a size is replaced; otherwise rows are copied.
    """
    if seed is None and _is_even(tree) and _is_outermost(tree, name):
        return resized(tree, {name: total})
    if not isinstance(tree, Observed):
        codes = lay_out(tree).codes
        names = unit_names(tree)
        n = next(iter(codes.values())).size
        tree = Observed(names, tuple(codes[each] for each in names), np.arange(n, dtype=np.intp))
    return extended(tree, name, total, seed)


def is_observed(node: Node, name: str) -> bool:
    """Whether a unit stands as it was read from data."""
    if isinstance(node, Observed):
        return name in node.names
    if isinstance(node, Unit):
        return False
    parts = (node.part,) if isinstance(node, Chosen) else node.parts
    return any(is_observed(part, name) for part in parts)


def _is_even(node: Node) -> bool:
    if isinstance(node, Unit):
        return isinstance(node.size, int)
    if isinstance(node, Observed | Chosen):
        return False
    return all(_is_even(part) for part in node.parts)


def _is_outermost(node: Node, name: str) -> bool:
    """Whether the size of a unit is its number in the whole study."""
    if isinstance(node, Unit):
        return node.name == name
    if isinstance(node, Observed | Chosen):
        return False
    parts = node.parts if isinstance(node, Crossed) else node.parts[:1]
    return any(_is_outermost(part, name) for part in parts)
