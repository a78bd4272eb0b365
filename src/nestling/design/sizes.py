"""How many units: one number for all parents, or one number per parent."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from nestling.arrays import IntArray
from nestling.errors import DesignError

Size: TypeAlias = int | tuple[int, ...]

MOST_ROWS = 10**9
"""More do not fit into the memory of the machines this runs on, at 8 bytes per id and row."""


def _whole(name: str, value: object) -> int:
    """One size as a positive int, or a `DesignError` that names the unit."""
    number: Any = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or number % 1 != 0:
        raise DesignError(f"The size of {name!r} is {value!r}; sizes are whole numbers of units.")
    if number < 1:
        raise DesignError(
            f"The size of {name!r} is {value!r}; every parent holds at least 1 unit. "
            "Leave a parent without units out of the design."
        )
    return int(number)


def size_of(name: str, value: object) -> Size:
    """Check a size as users write it: an int, or a list or array with one int per parent.

    Examples
    --------
    >>> size_of("ID", 50), size_of("ID", [2, 3])
    (50, (2, 3))
    """
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
    return tuple(_whole(name, item) for item in items)


def check_rows(name: str, rows: float) -> None:
    """Refuse a design before it exhausts the memory, or the integers."""
    if rows > MOST_ROWS:
        raise DesignError(
            f"With {name!r} the design has {rows:.3g} units or rows; at most {MOST_ROWS:.0e} are "
            "laid out. Make the sizes smaller."
        )


def counts_of(name: str, size: Size, parents: int, within: str | None) -> IntArray:
    """Units inside each of `parents` parents; `within` names the parents for the message."""
    if isinstance(size, int):
        check_rows(name, float(parents) * size)
        return np.full(parents, size, dtype=np.intp)
    if len(size) != parents:
        if within is None:
            raise DesignError(
                f"{name!r} is outermost and takes one number of units, not a list of {len(size)}."
            )
        raise DesignError(
            f"{len(size)} sizes were given for {name!r}, but there are {parents} units of "
            f"{within} to hold them: give one size per parent, or one number for all."
        )
    return np.asarray(size, dtype=np.intp)
