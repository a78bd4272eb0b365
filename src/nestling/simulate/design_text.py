"""A design as the call that makes it again."""

from __future__ import annotations

from keyword import iskeyword

from nestling.design.chosen import EmptyCells, Sampled
from nestling.design.design import Design
from nestling.design.distributed import Distributed
from nestling.design.drawn_sizes import Drawn
from nestling.design.observed import Observed
from nestling.design.sizes import Size
from nestling.design.tree import Chosen, Crossed, Node, Unit
from nestling.simulate.call_text import call_text


def design_text(design: Design) -> str:
    """Write a design as calls of `nested` and `crossed`, followed by `sample` and `drop`.

    A design that was read from data is written as the units of every row.

    Examples
    --------
    >>> import nestling as nl
    >>> design_text(nl.nested(nl.crossed(subject=3, item=2), trial=[1, 2, 1, 2, 1, 2]))
    'nested(crossed(subject=3, item=2), trial=[1, 2, 1, 2, 1, 2])'
    >>> design_text(nl.crossed(subject=3, item=9).sample(per="subject", item=5, seed=1))
    "crossed(subject=3, item=9).sample(item=5, per='subject', seed=1)"
    """
    return _call(design.tree)


def _call(node: Node) -> str:
    if isinstance(node, Chosen):
        return f"{_call(node.part)}.{_choice(node.choice)}"
    if isinstance(node, Observed):
        return _observed(node)
    parts = (node,) if isinstance(node, Unit) else node.parts
    # what is given by name comes after all that is not
    by_name = max((i + 1 for i, part in enumerate(parts) if not isinstance(part, Unit)), default=0)
    said = [_call(part) for part in parts[:by_name]]
    units = {part.name: _size(part.size) for part in parts[by_name:] if isinstance(part, Unit)}
    said += _named(units)
    return f"{'crossed' if isinstance(node, Crossed) else 'nested'}({', '.join(said)})"


def _named(given: dict[str, str]) -> list[str]:
    """Write what is given by name; names that are no Python names stand in a table."""
    if all(name.isidentifier() and not iskeyword(name) for name in given):
        return [f"{name}={text}" for name, text in given.items()]
    return [f"{{{', '.join(f'{name!r}: {text}' for name, text in given.items())}}}"]


def _size(size: Size) -> str:
    if isinstance(size, Drawn):
        return size.call
    if isinstance(size, Distributed):
        return call_text(size.distribution)
    return str(size if isinstance(size, int) else list(size))


def _choice(choice: EmptyCells | Sampled) -> str:
    if isinstance(choice, EmptyCells):
        return f"drop({choice.share!r}, seed={choice.seed})"
    chosen = ", ".join(_named({choice.name: str(choice.number)}))
    others = "" if choice.balanced else ", balanced=False"
    return f"sample({chosen}, per={choice.per!r}, seed={choice.seed}{others})"


def _observed(node: Observed) -> str:
    """Write the units of every row of a design that was read from data."""
    codes = ", ".join(
        f"{name!r}: {codes.tolist()}" for name, codes in zip(node.names, node.codes, strict=True)
    )
    return f"observed({{{codes}}}, rows={node.rows.tolist()})"
