"""How many units: one number for all parents, one number per parent, or drawn by chance."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from nestling.arrays import IntArray
from nestling.design.distributed import Distributed, Distribution
from nestling.design.drawn_sizes import Drawn
from nestling.errors import DesignError

Size: TypeAlias = int | tuple[int, ...] | Drawn | Distributed

MOST_ROWS = 10**9
"""More do not fit into the memory of the machines this runs on, at 8 bytes per id and row."""


def _whole(name: str, value: object, least: int = 1) -> int:
    """One size as an int, or a `DesignError` that names the unit."""
    number: Any = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or number % 1 != 0:
        raise DesignError(f"The size of {name!r} is {value!r}; sizes are whole numbers of units.")
    if number < least:
        raise _too_small(name, value)
    return int(number)


def _too_small(name: str, value: object) -> DesignError:
    return DesignError(
        f"The size of {name!r} is {value!r}; every parent holds at least 1 unit. "
        "Leave a parent without units out of the design."
    )


def size_of(name: str, value: object) -> Size:
    """Check a size as users write it: an int, one int per parent, nl.sizes() or a distribution.

    Examples
    --------
    >>> size_of("ID", 50), size_of("ID", [2, 3])
    (50, (2, 3))
    """
    if isinstance(value, Drawn | Distributed):
        return value
    if isinstance(value, Distribution):
        return Distributed(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return _whole(name, value.item())
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return _whole(name, value)
    if isinstance(value, np.ndarray) and value.ndim > 1:
        raise DesignError(
            f"The sizes of {name!r} have shape {value.shape}; give one dimension, "
            "one number per parent."
        )
    items = value.tolist() if isinstance(value, np.ndarray) else list(value)
    if not items:
        raise DesignError(f"The sizes of {name!r} are empty; give one number per parent.")
    # whether 0 is an empty cell or a parent without units shows when parents are known
    return tuple(_whole(name, item, 0) for item in items)


def check_rows(name: str, rows: float) -> None:
    """Refuse a design before it exhausts the memory, or the integers."""
    if rows > MOST_ROWS:
        raise DesignError(
            f"With {name!r} the design has {rows:.3g} units or rows; at most {MOST_ROWS:.0e} are "
            "laid out. Make the sizes smaller."
        )


def counts_of(
    name: str, size: Size, parents: int, within: str | None, *, cells: bool = False
) -> IntArray:
    """Units inside each of `parents` parents; `within` names the parents for the message.

    Parents that are `cells`, combinations of crossed units, may be empty.
    """
    if isinstance(size, int):
        check_rows(name, float(parents) * size)
        return np.full(parents, size, dtype=np.intp)
    if isinstance(size, Drawn | Distributed):
        if within is None:
            raise DesignError(
                f"{name!r} is outermost and takes one number of units; sizes by chance are drawn "
                "one per parent."
            )
        if not isinstance(size, Drawn) or size.seed is None:
            raise DesignError(
                f"The sizes of {name!r} are drawn anew for every study, so they have no numbers "
                "yet. Draw them with design.draw(seed), or give nl.sizes() a seed."
            )
        counts = size.counts(name, parents)
        check_rows(name, float(counts.sum(dtype=np.float64)))
        return counts
    if len(size) != parents:
        if within is None:
            raise DesignError(
                f"{name!r} is outermost and takes one number of units, not a list of {len(size)}."
            )
        raise DesignError(
            f"{len(size)} sizes were given for {name!r}, but there are {parents} units of "
            f"{within} to hold them: give one size per parent, or one number for all."
        )
    if not cells and 0 in size:
        raise _too_small(name, 0)
    return np.asarray(size, dtype=np.intp)
