"""How terms of a formula share grouping factors: `(1 | g) + (0 + x | g)` is one factor g."""

from dataclasses import dataclass

from nestling.model.matrices import RandomTerm


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term's random effects stand: columns start .. start + width of a factor."""

    factor: int
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all terms, in the order of the terms, and the factors' total widths.

    Attributes
    ----------
    places : tuple of Place
    widths : tuple of int
        Random effects per level of each grouping factor.
    members : tuple of tuple of int
        Per factor the terms it is made of.
    """

    places: tuple[Place, ...]
    widths: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]


def layout_of(terms: tuple[RandomTerm, ...]) -> Layout:
    """Gather terms with the same grouping factor; factors keep the order of first appearance."""
    factor_of: dict[str, int] = {}
    widths: list[int] = []
    members: list[list[int]] = []
    places = []
    for index, term in enumerate(terms):
        factor = factor_of.setdefault(term.group, len(widths))
        if factor == len(widths):
            widths.append(0)
            members.append([])
        places.append(Place(factor, widths[factor], len(term.names)))
        widths[factor] += len(term.names)
        members[factor].append(index)
    return Layout(tuple(places), tuple(widths), tuple(map(tuple, members)))
