"""Finished replicates on disk: a study that was stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from nestling.errors import ArgumentError, DataError, NestlingError
from nestling.random.streams import seed_sequence
from nestling.studies.place import Place, place_of
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates
from nestling.studies.settings import difference, seed_settings, settings_of
from nestling.studies.store_duckdb import (
    database_settings,
    inner_database_settings,
    open_database,
)
from nestling.studies.store_folder import folder_settings, inner_folder_settings, open_folder


class Store(Protocol):
    """Chunks of replicates that outlast the process; only the parent process has it.

    Two chunks that start at the same replicate are the same study cut at different ends: the
    longer one is kept, and neither gives rows to the other, because replicates that are made
    together in other numbers may differ in their last bit.
    """

    def holds(self, indices: range) -> bool:
        """Whether exactly these replicates are stored as one chunk."""
        ...

    def read(self, indices: range) -> Replicates:
        """Return a chunk that is held."""
        ...

    def write(self, indices: range, part: Replicates) -> None:
        """Keep a chunk, whole or not at all, unless a longer one that starts there is held."""
        ...


@contextmanager
def open_store(
    store: Any, plan: Plan, names: Names, at_once: int
) -> Generator[Store | None, None, None]:
    """Open the store at a path, new or that of the same study; close it however the block ends.

    `at_once` replicates are made together: chunks of another size would not be found.

    Raises
    ------
    ArgumentError
        When it holds a study of other settings; the message shows which.
    DataError
        When it cannot be read or written.
    """
    if store is None:
        yield None
        return
    place = place_of(store)
    settings = settings_of(plan, names) | {"replicates at once": at_once}
    stored = _settings(place)
    if stored is not None:
        lines = difference(stored, settings)
        if lines:
            raise ArgumentError(
                f"{place} holds a study with other settings: {'; '.join(lines)}. "
                "Use the stored settings to go on with that study, or another path for this one."
            )
    if place.is_database:
        with open_database(place, names, plan.tests, settings) as file:
            yield file
    else:
        yield open_folder(place, names, settings)


def stored_seed(store: Any, seed: Any) -> Any:
    """Return the seed given, or that of the store: without a seed a study goes on with its own."""
    if store is None or seed is not None:
        return seed
    place = place_of(store)
    stored = _settings(place)
    return None if stored is None else _seed(place, stored)


def seed_inside(place: Place | None, seed: Any) -> Any:
    """Return the seed of a curve, of several models or of a search, whose studies share it.

    Raises
    ------
    ArgumentError
        When one of the studies that are stored there has another: before any is changed.
    """
    if place is None:
        return seed
    with _usable(place):
        inner = inner_database_settings if place.is_database else inner_folder_settings
        settings = inner(place)
    seeds = [_seed(place, each) for each in settings]
    if seed is None:
        return seeds[0] if seeds else None
    given = seed_sequence(seed)
    for each in seeds:
        lines = difference({"seed": seed_settings(each)}, {"seed": seed_settings(given)})
        if lines:
            raise ArgumentError(
                f"{place} holds studies with another seed: {'; '.join(lines)}. Leave seed= out to "
                "go on with theirs, or give another path."
            )
    return given


def _seed(place: Place, stored: dict[str, Any]) -> Any:
    import numpy as np

    try:
        return np.random.SeedSequence(**stored["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{place} has no seed that can be read: {error}. Without it the stored replicates "
            "cannot be used; give another path for the store."
        ) from error


def _settings(place: Place) -> dict[str, Any] | None:
    """Return the settings of a stored study; None where there is none yet."""
    with _usable(place):
        return database_settings(place) if place.is_database else folder_settings(place)


@contextmanager
def _usable(place: Place) -> Generator[None, None, None]:
    """Refuse what the system takes for no path at all."""
    try:
        yield
    except NestlingError:
        raise
    except (OSError, ValueError) as error:
        raise DataError(f"{place} cannot be a path: {error}. Give another.") from error
