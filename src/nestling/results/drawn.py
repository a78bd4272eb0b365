"""The place of `fit.plot`, filled by the room that draws: results import nothing from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Drawn:
    """A property whose answer is made by a room above.

    Examples
    --------
    >>> class Record:
    ...     plot = Drawn()
    >>> Record.plot.by(lambda record: "a figure")
    >>> Record().plot
    'a figure'
    """

    __slots__ = ("_make",)

    def __init__(self) -> None:
        self._make: Callable[[Any], Any] | None = None

    def by(self, make: Callable[[Any], Any]) -> None:
        """Say what makes the answer from the record."""
        self._make = make

    def __get__(self, record: Any, owner: type) -> Any:
        """Return the answer for a record, or this place itself for the class."""
        if record is None or self._make is None:
            return self
        return self._make(record)
