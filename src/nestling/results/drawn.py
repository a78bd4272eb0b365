"""The place of `fit.plot`: named here, made by the room that draws when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Drawn:
    """A property whose answer is made from the record by a function or class of a room above.

    Results import nothing from that room: they know its place by name only, and nothing of it is
    loaded before a figure is wanted.

    Parameters
    ----------
    place : str
        Module and name: "nestling.plots.fit_plots:FitPlots".

    Examples
    --------
    >>> class Record:
    ...     plot = Drawn("builtins:type")
    >>> Record().plot.__name__
    'Record'
    """

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __get__(self, record: Any, owner: type) -> Any:
        """Return the answer for a record, or this place itself for the class."""
        if record is None:
            return self
        module, name = self._place.split(":")
        return getattr(import_module(module), name)(record)
