"""A folder with the settings of a study and one file per finished chunk of replicates."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from nestling.data.files import has_parquet
from nestling.errors import ArgumentError, DataError, MissingDependencyError
from nestling.studies.parts import read_part, write_part
from nestling.studies.place import Place
from nestling.studies.replicates import Names, Replicates

# Readers of a folder of Parquet files leave out names that start with an underscore.
SETTINGS = "_study.json"

PART = re.compile(r"replicates-([0-9]{9,})-([0-9]{9,})\.(parquet|npz)")


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of files.

    Attributes
    ----------
    folder : Path
        Ends in .parquet for files that other programs read.
    names : Names
    stops : dict of int to int
        Of each chunk the end, by its first replicate.
    """

    folder: Path
    names: Names
    stops: dict[int, int] = field(default_factory=dict)

    def part(self, indices: range) -> Path:
        """Return the file of these replicates."""
        suffix = ".parquet" if self.folder.suffix.lower() == ".parquet" else ".npz"
        return self.folder / f"replicates-{indices.start:09d}-{indices.stop - 1:09d}{suffix}"

    def holds(self, indices: range) -> bool:
        """Whether these replicates have a file."""
        return self.stops.get(indices.start) == indices.stop

    def read(self, indices: range) -> Replicates:
        """Return replicates that are stored."""
        return read_part(self.part(indices), self.names, indices)

    def write(self, indices: range, part: Replicates) -> None:
        """Keep finished replicates."""
        path, stop = self.part(indices), self.stops.get(indices.start)
        if stop is not None and stop > indices.stop:
            return
        try:
            write_part(path, part, self.names)
            self.stops[indices.start] = indices.stop
            if stop is not None and stop < indices.stop:
                self.part(range(indices.start, stop)).unlink(missing_ok=True)
        except OSError as error:
            raise DataError(
                f"Replicates {indices.start} to {indices.stop - 1} cannot be written to "
                f"{str(path)!r}: {error.strerror or error}. All finished before are kept in "
                f"{str(self.folder)!r}: make room and run the same call again, and it goes on "
                "from there."
            ) from error

    def look(self) -> None:
        """Learn which chunks there are.

        Of two that start at the same replicate the shorter is removed; both are there when the
        process that wrote the longer one was killed just then.
        """
        for path in self.folder.iterdir():
            found = PART.fullmatch(path.name)
            if found is None:
                continue
            start, stop = int(found[1]), int(found[2]) + 1
            if path != self.part(range(start, stop)):
                continue
            known = self.stops.get(start, stop)
            if known != stop:
                self.part(range(start, min(stop, known))).unlink(missing_ok=True)
            self.stops[start] = max(stop, known)


def open_folder(place: Place, names: Names, settings: dict[str, Any]) -> FolderStore:
    """Return the store in a folder, which is made when there is none."""
    folder = place.path
    if place.is_parquet and not has_parquet():
        raise MissingDependencyError(
            f"{place} is a folder of Parquet files, which need pyarrow, and that is not installed. "
            "Install it with `pip install 'nestling[parquet]'`, or give a name without .parquet."
        )
    store = FolderStore(folder, names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # written even when it is there: better to learn now that nothing can be kept
        draft = folder / f".{uuid4().hex}{SETTINGS}"
        try:
            draft.write_text(json.dumps(settings, indent=1), encoding="utf-8")
            draft.replace(folder / SETTINGS)
        finally:
            draft.unlink(missing_ok=True)
        store.look()
    except OSError as error:
        raise DataError(
            f"{place} cannot be written: {error.strerror or error}. Nothing was "
            "simulated. Give a folder that can be written, with room on its disk."
        ) from error
    return store


def folder_settings(place: Place) -> dict[str, Any] | None:
    """Return the settings of the study in a folder; None where there is none yet."""
    folder = place.path
    path = folder / SETTINGS
    try:
        if folder.exists() and not folder.is_dir():
            raise DataError(
                f"{place} is a file; a store is a folder with one file per chunk of "
                "replicates, or a DuckDB file that ends in .duckdb. Give another path."
            )
        if not path.exists():
            if folder.exists() and any(not e.name.startswith(".") for e in folder.iterdir()):
                raise DataError(
                    f"{place} is a folder with other files in it and no study. Give "
                    "the path of a new or empty folder."
                )
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(path, "it holds no settings")
    return found


def inner_folder_settings(place: Place) -> list[dict[str, Any]]:
    """Return the settings of the studies in the folders of a curve, of models or of a search.

    Raises
    ------
    ArgumentError
        When the folder is that of a study: whoever reads it as one table would read theirs too.
    """
    if (place.path / SETTINGS).exists():
        raise ArgumentError(
            f"{place} holds a study of its own; a curve, a search or several models are kept as "
            "folders inside of one. Give the path of a new or empty folder."
        )
    if not place.path.is_dir():
        return []
    inner = [path for path in sorted(place.path.iterdir()) if (path / SETTINGS).exists()]
    found = (folder_settings(Place(path)) for path in inner)
    return [settings for settings in found if settings is not None]


def _unreadable(path: Path, why: str) -> DataError:
    return DataError(
        f"{str(path)!r} cannot be read as the settings of a study: {why}. Without them the stored "
        "replicates cannot be used; give another path for the store."
    )
