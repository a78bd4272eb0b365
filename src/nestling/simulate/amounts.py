"""Numbers that departures take: read with what they may be, and written so that they read back."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nestling.errors import ArgumentTypeError, PopulationError
from nestling.model.spreads import number


def positive(value: object, what: str) -> float:
    """Read a number above 0.

    Examples
    --------
    >>> positive(3, "nl.random_variance(): cv")
    3.0
    """
    found = number(value, what)
    if found <= 0:
        raise PopulationError(f"{what} is {found:g}; expected a number above 0.")
    return found


def fraction(value: object, what: str) -> float:
    """Read a share, above 0 and below 1."""
    found = number(value, what)
    if not 0 < found < 1:
        raise PopulationError(
            f"{what} is {found:g}; expected a share between 0 and 1, such as 0.05."
        )
    return found


def numbers(values: Any, what: str) -> tuple[float, ...]:
    """Read a list of numbers."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ArgumentTypeError(f"{what} is {values!r}; expected a list of numbers.")
    return tuple(number(value, what) for value in values)


def name_of(value: object, what: str) -> str:
    """Read the name of a column or a unit."""
    if not isinstance(value, str) or not value:
        raise ArgumentTypeError(f"{what} is {value!r}; expected a name, such as 'Cluster'.")
    return value


def choice(value: object, known: Sequence[str], what: str) -> None:
    """Refuse what is none of the words known."""
    if value not in known:
        raise PopulationError(f"{what} is {value!r}; expected {' or '.join(map(repr, known))}.")


def shown(value: float) -> str:
    """Write a number with as few digits as give it back.

    Examples
    --------
    >>> shown(4.0), shown(0.1), shown(1 / 3)
    ('4', '0.1', '0.3333333333333333')
    """
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def listed(values: Iterable[float]) -> str:
    """Write a list of numbers.

    Examples
    --------
    >>> listed((0.5, 2.0))
    '[0.5, 2]'
    """
    return f"[{', '.join(map(shown, values))}]"
