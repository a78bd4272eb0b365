"""What a search over designs may change, and what a design costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean


@dataclass(frozen=True, slots=True)
class Range:
    """A unit with its least and greatest size."""

    name: str
    least: int
    most: int


def ranges_of(sizes: Any, design: Design, points: Any) -> tuple[Range, tuple[dict[str, int], ...]]:
    """Return the range of the first unit and the sizes of the second.

    Examples
    --------
    >>> import nestling as nl
    >>> first, others = ranges_of({"g": (5, 40), "id": (4, 16)}, nl.nested(g=5, id=5), 3)
    >>> first.most, others
    (40, ({'id': 4}, {'id': 8}, {'id': 16}))
    """
    if not isinstance(sizes, Mapping) or not 1 <= len(sizes) <= 2:
        raise ArgumentTypeError(
            f"sizes={sizes!r}; expected one or two units with their least and greatest size, such "
            "as {'Cluster': (10, 200), 'ID': (5, 50)}."
        )
    if isinstance(points, bool) or not isinstance(points, int | np.integer) or points < 2:
        raise ArgumentError(f"points={points!r}; expected a whole number of sizes, at least 2.")
    ranges = [_range(name, given, design) for name, given in sizes.items()]
    if len(ranges) == 1:
        return ranges[0], ({},)
    second = ranges[1]
    grid = np.unique(np.round(np.geomspace(second.least, second.most, points)).astype(int))
    return ranges[0], tuple({second.name: int(size)} for size in grid)


def _range(name: Any, given: Any, design: Design) -> Range:
    if name not in design.names:
        raise ArgumentError(
            f"sizes names {name!r}, which is no unit of the design. "
            f"{did_you_mean(str(name), design.names)}"
        )
    try:
        least, most = given
        whole = [int(least), int(most)]
        good = whole == [least, most] and 1 <= whole[0] < whole[1]
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ArgumentError(
            f"sizes={{{name!r}: {given!r}}}; expected the least and the greatest size, such as "
            "(10, 200)."
        )
    return Range(str(name), *whole)


def cost_of(cost: Any, design: Design) -> Callable[[Design], float]:
    """Return what a design costs: by default its rows.

    Examples
    --------
    >>> import nestling as nl
    >>> design = nl.nested(g=5, id=4)
    >>> cost_of({"g": 100, "id": 1}, design)(design)
    520.0
    """
    if cost is None:
        return lambda made: float(made.n)
    if isinstance(cost, Mapping):
        for name, price in cost.items():
            if name not in design.names:
                raise ArgumentError(
                    f"cost names {name!r}, which is no unit of the design. "
                    f"{did_you_mean(str(name), design.names)}"
                )
            _price(price)
        return lambda made: float(sum(p * made.sizes[name] for name, p in cost.items()))
    if not callable(cost):
        raise ArgumentTypeError(
            f"cost={cost!r}; expected the cost of one unit by name, such as {{'Cluster': 300}}, "
            "or a function of the design."
        )
    return lambda made: _price(cost(made))


def _price(price: Any) -> float:
    try:
        number = float(price)
    except (TypeError, ValueError):
        number = np.nan
    if not isfinite(number) or number < 0.0:
        raise ArgumentError(f"A cost is {price!r}; expected a number from 0 on.")
    return number
