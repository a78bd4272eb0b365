"""Other sizes for the units of a design."""

from nestling.design.observed import Observed
from nestling.design.sizes import size_of
from nestling.design.tree import Chosen, Node, Unit
from nestling.errors import DesignError


def resized(node: Node, sizes: dict[str, object]) -> Node:
    """Return the node with other sizes for the units named."""
    if isinstance(node, Unit):
        return Unit(node.name, size_of(node.name, sizes[node.name])) if node.name in sizes else node
    if isinstance(node, Observed):
        named = [name for name in node.names if name in sizes]
        if named:
            raise DesignError(
                f"The units {', '.join(map(repr, named))} stand as they were observed; they have "
                f"no size to replace. Use extend({named[0]}=...) for more of them."
            )
        return node
    if isinstance(node, Chosen):
        return Chosen(resized(node.part, sizes), node.choice)
    return type(node)(tuple(resized(part, sizes) for part in node.parts))
