"""Spreads by the symbols of equations, u0 and u1, to spreads by grouping factor and effect."""

from collections.abc import Mapping
from typing import Any

from nestling.errors import PopulationError
from nestling.model.equations import Equations
from nestling.model.notation_symbols import folded


def by_group(random: Mapping[Any, Any], equations: Equations | None) -> dict[Any, Any]:
    """Sort spreads given by symbol under their grouping factors.

    Raises
    ------
    PopulationError
        When a grouping factor is given both by name and by symbol.

    Examples
    --------
    >>> from nestling.model.levels import levels
    >>> eq = levels("y = g00 + g10*X + u0[Cluster] + u1[Cluster]*X + e")
    >>> by_group({"u0": 5, "u1": 3}, eq)
    {'Cluster': {'(Intercept)': 5, 'X': 3}}
    """
    known = equations.random_effects if equations else {}
    spellings = {folded(symbol): place for symbol, place in known.items()}
    groups = {group for group, _ in known.values()}
    sorted_out: dict[Any, Any] = {}
    for key, spread in random.items():
        place = None if key in groups or not isinstance(key, str) else spellings.get(folded(key))
        if place is None:
            sorted_out[key] = spread
            continue
        group, effect = place
        if group in random:
            raise _twice(group)
        sorted_out.setdefault(group, {})[effect] = spread
    return sorted_out


def _twice(group: object) -> PopulationError:
    return PopulationError(
        f"random= gives {group!r} by name and by the symbol of one of its effects; use one."
    )
