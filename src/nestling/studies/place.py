"""Where a study's replicates are kept: a folder, or a study in a DuckDB file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nestling.data.duckdb_file import SUFFIXES
from nestling.errors import ArgumentError, ArgumentTypeError

FORBIDDEN = frozenset('/\\:*?"<>|')
"""Characters that no file system's folders have."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one study.

    Attributes
    ----------
    path : Path
        A folder, or a file that ends in .duckdb or .db.
    study : str
        Which study of the file; empty for the only one, and in folders.
    """

    path: Path
    study: str = ""

    @property
    def is_database(self) -> bool:
        """Whether it is a DuckDB file."""
        return self.path.suffix.lower() in SUFFIXES

    @property
    def is_parquet(self) -> bool:
        """Whether it is a folder of Parquet files."""
        return self.path.suffix.lower() == ".parquet"

    def inside(self, name: str) -> Place:
        """Return the place of a study that is part of this one: a point of a curve, a model."""
        if self.is_database:
            return replace(self, study=f"{self.study}/{name}" if self.study else name)
        suffix = self.path.suffix if self.is_parquet else ""
        return Place(self.path / f"{name}{suffix}")

    def model(self, name: str) -> Place:
        """Return the place of a model's study; its name is the user's."""
        if not self.is_database and (FORBIDDEN & set(name) or name.startswith((".", "_"))):
            raise ArgumentError(
                f"The model's name {name!r} names a folder of the store; leave out "
                f"{' '.join(sorted(FORBIDDEN))} and a dot or underscore at its start."
            )
        return self.inside(name)

    def __str__(self) -> str:
        """Return how messages call it."""
        return f"store={str(self.path)!r}" + (f", study {self.study!r}," if self.study else "")


def place_of(store: Any) -> Place:
    """Read the argument `store`."""
    if isinstance(store, Place):
        return store
    if not isinstance(store, str | os.PathLike) or not str(store):
        raise ArgumentTypeError(
            f"store={store!r} is of type {type(store).__name__}; expected the path of a folder "
            "for finished replicates, such as 'study' or 'study.parquet', or of a file that ends "
            "in .duckdb."
        )
    if "\0" in str(store):
        raise ArgumentError(f"store={store!r} has a null character; give a path without it.")
    return Place(Path(store))
