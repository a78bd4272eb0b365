"""Studies in one DuckDB file, with tables that anybody who writes SQL can ask.

`studies` has one row per study with its settings as JSON, `chunks` the first and last replicate of
every finished chunk, and `replicates` one row per replicate. Their column `study` is empty for a
study of its own; for others it says which point of a curve or which model it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nestling.data.duckdb_file import Between, Database, database
from nestling.errors import DataError
from nestling.studies.parts import columns_of, frame_of, is_whole, of_frame
from nestling.studies.place import Place
from nestling.studies.plan import Test
from nestling.studies.replicates import Names, Replicates

if TYPE_CHECKING:
    import pandas as pd

STUDIES, CHUNKS, REPLICATES = "studies", "chunks", "replicates"
"""The tables."""

STUDY, SETTINGS, FIRST, LAST, REPLICATE = "study", "settings", "first", "last", "replicate"
"""Columns of theirs."""


@dataclass(frozen=True, slots=True)
class DuckDBStore:
    """One study of an open file.

    Attributes
    ----------
    file : Database
    place : Place
    names : Names
    tests : tuple of str
        Of the fixed effects, whose standard errors are stored.
    stops : dict of int to int
        Of each chunk the end, by its first replicate.
    """

    file: Database
    place: Place
    names: Names
    tests: tuple[Test, ...]
    stops: dict[int, int] = field(default_factory=dict)

    def holds(self, indices: range) -> bool:
        """Whether these replicates are a chunk of the file."""
        return self.stops.get(indices.start) == indices.stop

    def read(self, indices: range) -> Replicates:
        """Return replicates that are stored."""
        columns = columns_of(self.names, self.tests)
        try:
            frame = self.file.rows(REPLICATES, columns, self._own, _between(indices))
            part = of_frame(frame.sort_values(REPLICATE), self.names)
        except (OSError, KeyError, ValueError) as error:
            raise self._corrupt(indices, str(error)) from error
        if not is_whole(part, self.names, indices):
            raise self._corrupt(indices, "some are missing or there twice")
        return part

    def write(self, indices: range, part: Replicates) -> None:
        """Keep finished replicates."""
        start, stop = indices.start, self.stops.get(indices.start)
        if stop is not None and stop > indices.stop:
            return
        frame = frame_of(part, self.names)
        frame.insert(0, STUDY, self.place.study)
        try:
            with self.file.together():
                if stop is not None:
                    self.file.delete(REPLICATES, self._own, _between(range(start, stop)))
                    self.file.delete(CHUNKS, self._own, (FIRST, start, start))
                self.file.append(REPLICATES, frame)
                self.file.append(CHUNKS, _chunk(self.place.study, indices))
        except OSError as error:
            raise DataError(
                f"Replicates {start} to {indices.stop - 1} cannot be written to "
                f"{str(self.file.path)!r}: {error.strerror or error}. All finished before are kept "
                "in it: make room and run the same call again, and it goes on from there."
            ) from error
        self.stops[start] = indices.stop

    @property
    def _own(self) -> dict[str, str]:
        return {STUDY: self.place.study}

    def _corrupt(self, indices: range, why: str) -> DataError:
        return DataError(
            f"{self.place} cannot be read at replicates {indices.start} to {indices.stop - 1}: "
            f"{why}. Its tables were changed or damaged; give another path for the store."
        )


@contextmanager
def open_database(
    place: Place, names: Names, tests: tuple[Test, ...], settings: dict[str, Any]
) -> Generator[DuckDBStore, None, None]:
    """Open the store of a study in a file, which is made when there is none."""
    try:
        _make(place.path)
    except OSError as error:
        raise _unwritten(place, error) from error
    with database(place.path) as file:
        yield _store(file, place, names, tests, settings)


def database_settings(place: Place) -> dict[str, Any] | None:
    """Return the settings of a study in a file; None where there is none yet.

    Raises
    ------
    DataError
        When the file has other tables: a study adds none to somebody's database.
    """
    path = place.path
    if path.is_dir():
        raise DataError(
            f"{place} is a folder; a name that ends in {path.suffix} is that of a DuckDB file. "
            "Give the path of a file, or a name without this ending for a folder."
        )
    if not path.exists():
        return None
    with database(path) as file:
        if not file.tables() >= {STUDIES, CHUNKS, REPLICATES}:
            raise DataError(
                f"{str(path)!r} is a DuckDB file without studies, and nothing is added to another "
                "database. Give the path of a new file, or of one that a study has made."
            )
        try:
            found = file.rows(STUDIES, [SETTINGS], {STUDY: place.study})[SETTINGS].tolist()
            settings = [dict(json.loads(text)) for text in found]
            orphans = not found and len(file.rows(CHUNKS, [FIRST], {STUDY: place.study}))
        except (OSError, TypeError, ValueError) as error:
            raise _unsettled(place, str(error)) from error
    if orphans:
        raise _unsettled(place, "its row of the table 'studies' is gone")
    return settings[0] if settings else None


def _unsettled(place: Place, why: str) -> DataError:
    return DataError(
        f"{place} has no settings that can be read: {why}. Without them the stored replicates "
        "cannot be used; give another path for the store."
    )


def inner_database_settings(place: Place) -> list[dict[str, Any]]:
    """Return the settings of all studies in a file that are part of a curve, models or a search."""
    if not place.path.is_file():
        return []
    with database(place.path) as file:
        if STUDIES not in file.tables():
            return []
        try:
            rows = file.rows(STUDIES, [STUDY, SETTINGS])
            pairs = zip(rows[STUDY], rows[SETTINGS], strict=True)
            inner = f"{place.study}/" if place.study else ""
            return [json.loads(text) for study, text in pairs if study and study.startswith(inner)]
        except (OSError, TypeError, ValueError):
            return []  # opening the study says what is wrong


def _make(path: Path) -> None:
    """Make a file with empty tables, whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid4().hex}-{path.name}")
    try:
        with database(path, draft) as file, file.together():
            file.append(STUDIES, _settings("", {})[:0])
            file.append(CHUNKS, _chunk("", range(1))[:0])
            file.append(REPLICATES, _replicate()[:0])
        _placed(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _placed(draft: Path, path: Path) -> None:
    """Give a file its name, unless another program has made one meanwhile."""
    try:
        os.link(draft, path)  # does not take the place of another file, as a new name would
    except FileExistsError:
        return
    except OSError:
        if not path.exists():  # a file system without links
            draft.replace(path)


def _store(
    file: Database,
    place: Place,
    names: Names,
    tests: tuple[Test, ...],
    settings: dict[str, Any],
) -> DuckDBStore:
    own = {STUDY: place.study}
    try:
        with file.together():
            # written even when they are there: better to learn now that nothing can be kept
            file.delete(STUDIES, own)
            file.append(STUDIES, _settings(place.study, settings))
        chunks = file.rows(CHUNKS, [FIRST, LAST], own)
    except OSError as error:
        raise _unwritten(place, error) from error
    try:
        pairs = zip(chunks[FIRST], chunks[LAST], strict=True)
        stops = {int(first): int(last) + 1 for first, last in pairs}
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{place} has chunks without first or last replicate: {error}. Its tables were changed "
            "or damaged; give another path for the store."
        ) from error
    return DuckDBStore(file, place, names, tests, stops)


def _between(indices: range) -> Between:
    return (REPLICATE, indices.start, indices.stop - 1)


def _settings(study: str, settings: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({STUDY: [study], SETTINGS: [json.dumps(settings, indent=1)]})


def _chunk(study: str, indices: range) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({STUDY: [study], FIRST: [indices.start], LAST: [indices.stop - 1]})


def _replicate() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({STUDY: [""], REPLICATE: [0], "outcome": [""]})


def _unwritten(place: Place, error: OSError) -> DataError:
    return DataError(
        f"{place} cannot be written: {error.strerror or error}. Nothing was simulated. Give a file "
        "that can be written, with room on its disk."
    )
