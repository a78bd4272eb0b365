"""Finished replicates on disk: a study that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from nestling.errors import ArgumentError, ArgumentTypeError, DataError
from nestling.studies.parts import read_part, write_part
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates
from nestling.studies.settings import difference, settings_of

# Readers of a folder of Parquet files leave out names that start with an underscore.
SETTINGS = "_study.json"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder with the settings of a study and one file per finished chunk of replicates.

    Attributes
    ----------
    folder : Path
        Ends in .parquet for files that other programs read.
    names : Names
    """

    folder: Path
    names: Names

    def part(self, indices: range) -> Path:
        """Return the file of these replicates."""
        suffix = ".parquet" if self.folder.suffix == ".parquet" else ".npz"
        return self.folder / f"replicates-{indices.start:09d}-{indices.stop - 1:09d}{suffix}"

    def read(self, indices: range) -> Replicates | None:
        """Return replicates that are stored; None when they are not yet made."""
        path = self.part(indices)
        return read_part(path, self.names, indices) if path.exists() else None

    def write(self, indices: range, part: Replicates) -> None:
        """Keep finished replicates."""
        path = self.part(indices)
        try:
            write_part(path, part, self.names)
        except OSError as error:
            raise DataError(
                f"Replicates {indices.start} to {indices.stop - 1} cannot be written to "
                f"{str(path)!r}: {error.strerror or error}. All finished before are kept in "
                f"{str(self.folder)!r}: make room and run the same call again, and it goes on "
                "from there."
            ) from error


def open_store(store: Any, plan: Plan, names: Names) -> Store | None:
    """Return the store at a path, new or that of the same study.

    Raises
    ------
    ArgumentError
        When it holds a study of other settings; the message shows which.
    DataError
        When it cannot be read or written.
    """
    if store is None:
        return None
    folder, settings = _folder(store), settings_of(plan, names)
    stored = _stored(folder)
    if stored is not None:
        lines = difference(stored, settings)
        if lines:
            raise ArgumentError(
                f"store={str(folder)!r} holds a study with other settings: {'; '.join(lines)}. "
                "Use the stored settings to go on with that study, or another path for this one."
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # written even when it is there: better to learn now that nothing can be kept
        draft = folder / f".{uuid4().hex}{SETTINGS}"
        try:
            draft.write_text(json.dumps(settings, indent=1), encoding="utf-8")
            draft.replace(folder / SETTINGS)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"store={str(folder)!r} cannot be written: {error.strerror or error}. Nothing was "
            "simulated. Give a folder that can be written, with room on its disk."
        ) from error
    return Store(folder, names)


def stored_seed(store: Any, seed: Any) -> Any:
    """Return the seed given, or that of the store: without a seed a study goes on with its own."""
    import numpy as np

    if store is None or seed is not None:
        return seed
    stored = _stored(_folder(store))
    if stored is None:
        return None
    try:
        return np.random.SeedSequence(**stored["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(_folder(store) / SETTINGS, str(error)) from error


def _folder(store: Any) -> Path:
    if not isinstance(store, str | os.PathLike) or not str(store):
        raise ArgumentTypeError(
            f"store={store!r} is of type {type(store).__name__}; expected the path of a folder "
            "for finished replicates, such as 'study' or 'study.parquet'."
        )
    return Path(store)


def _stored(folder: Path) -> dict[str, Any] | None:
    """Return the settings of a store; None where there is none yet."""
    path = folder / SETTINGS
    try:
        if folder.exists() and not folder.is_dir():
            raise DataError(
                f"store={str(folder)!r} is a file; a store is a folder with one file per chunk of "
                "replicates. Give another path."
            )
        if not path.exists():
            if folder.exists() and any(not e.name.startswith(".") for e in folder.iterdir()):
                raise DataError(
                    f"store={str(folder)!r} is a folder with other files in it and no study. Give "
                    "the path of a new or empty folder."
                )
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(path, "it holds no settings")
    return found


def _unreadable(path: Path, why: str) -> DataError:
    return DataError(
        f"{str(path)!r} cannot be read as the settings of a study: {why}. Without them the stored "
        "replicates cannot be used; give another path for the store."
    )
