"""A design as the call that makes it again."""

from __future__ import annotations

from keyword import iskeyword

from nestling.design.design import Design
from nestling.design.tree import Crossed, Node, Unit


def design_text(design: Design) -> str:
    """Write a design as calls of `nested` and `crossed`.

    Examples
    --------
    >>> import nestling as nl
    >>> design_text(nl.nested(nl.crossed(subject=3, item=2), trial=[1, 2, 1, 2, 1, 2]))
    'nested(crossed(subject=3, item=2), trial=[1, 2, 1, 2, 1, 2])'
    """
    return _call(design.tree)


def _call(node: Node) -> str:
    parts = (node,) if isinstance(node, Unit) else node.parts
    # what is given by name comes after all that is not
    by_name = max((i + 1 for i, part in enumerate(parts) if not isinstance(part, Unit)), default=0)
    said = [_call(part) for part in parts[:by_name]]
    units = [part for part in parts[by_name:] if isinstance(part, Unit)]
    if all(unit.name.isidentifier() and not iskeyword(unit.name) for unit in units):
        said += [f"{unit.name}={_size(unit)}" for unit in units]
    else:
        said.append(f"{{{', '.join(f'{unit.name!r}: {_size(unit)}' for unit in units)}}}")
    return f"{'crossed' if isinstance(node, Crossed) else 'nested'}({', '.join(said)})"


def _size(unit: Unit) -> str:
    return str(unit.size if isinstance(unit.size, int) else list(unit.size))
