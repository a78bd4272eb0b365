"""A DuckDB file: tables that are given and taken as frames, changed together or not at all."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, Final

from nestling.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SUFFIXES: Final = (".duckdb", ".db")

_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)

Between = tuple[str, int, int]
"""A column of whole numbers with the least and the greatest that are meant."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open file.

    Attributes
    ----------
    path : Path
    connection : duckdb.DuckDBPyConnection
    known : dict of str to set of str
        Columns of tables that were appended to, as DuckDB compares them.
    """

    path: Path
    connection: Any
    known: dict[str, set[str]] = field(default_factory=dict)

    def tables(self) -> set[str]:
        """Return the names of all tables and views."""
        found = self.connection.execute("SELECT table_name FROM information_schema.tables")
        return {name for (name,) in found.fetchall()}

    def rows(
        self,
        table: str,
        columns: Iterable[str],
        equal: Mapping[str, str] | None = None,
        between: Between | None = None,
    ) -> pd.DataFrame:
        """Return columns of the rows that are meant, in no order.

        Raises
        ------
        OSError
            When they cannot be read.
        """
        where, values = _where(equal, between)
        wanted = list(columns)
        chosen = ", ".join(map(_quoted, stored_names(wanted)))
        with _told():
            found = self.connection.execute(
                f"SELECT {chosen} FROM {_quoted(table)} {where}",  # noqa: S608 - quoted
                values,
            )
            frame: pd.DataFrame = found.df()
        frame.columns = wanted
        return frame

    def append(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows; the table and those of its columns that are not there yet are made.

        NaN becomes NULL, which averages in SQL leave out; `rows` gives it back as NaN.
        """
        names = stored_names([str(name) for name in frame])
        columns = [frame.iloc[:, place].to_numpy() for place in range(len(names))]
        self._widen(table, {n: _kind(c) for n, c in zip(names, columns, strict=True)})
        if not len(frame):
            return
        # arrays are registered three times as fast as frames, where there are few rows
        arrays = {
            name: column if column.dtype.kind in "fi" else column.astype(object)
            for name, column in zip(names, columns, strict=True)
        }
        self.connection.register("_appended", arrays)
        try:
            self.connection.execute(
                f"INSERT INTO {_quoted(table)} BY NAME SELECT * FROM _appended"  # noqa: S608 - quoted
            )
        finally:
            self.connection.unregister("_appended")

    def delete(
        self, table: str, equal: Mapping[str, str] | None = None, between: Between | None = None
    ) -> None:
        """Remove the rows that are meant."""
        where, values = _where(equal, between)
        self.connection.execute(
            f"DELETE FROM {_quoted(table)} {where}",  # noqa: S608 - quoted
            values,
        )

    @contextmanager
    def together(self) -> Generator[None, None, None]:
        """Make all changes inside, or none of them when one fails or the program ends.

        Raises
        ------
        OSError
            When the disk is full or cannot be written.
        """
        with _told():
            self.connection.begin()
            try:
                yield
                self.connection.commit()
            except BaseException:
                self.known.clear()
                with suppress(_errors()):
                    self.connection.rollback()
                raise

    def _widen(self, table: str, kinds: Mapping[str, str]) -> None:
        """Make the table, and columns that it does not have."""
        wanted = {_folded(name) for name in kinds}
        if wanted <= self.known.get(table, set()):
            return
        found = self.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = ?", [table]
        )
        there = {_folded(name) for (name,) in found.fetchall()}
        columns = {name: f"{_quoted(name)} {kind}" for name, kind in kinds.items()}
        if not there:
            listed = ", ".join(columns.values())
            self.connection.execute(f"CREATE TABLE {_quoted(table)} ({listed})")
        else:
            for name, column in columns.items():
                if _folded(name) not in there:
                    self.connection.execute(f"ALTER TABLE {_quoted(table)} ADD COLUMN {column}")
        self.known[table] = there | wanted


@contextmanager
def database(path: Path, draft: Path | None = None) -> Generator[Database, None, None]:
    """Open a DuckDB file, new when there is none, and close it however the block ends.

    With `draft` that file is opened, and messages are about the file that it is to become.

    Raises
    ------
    DataError
        When it is no DuckDB file, cannot be written or is open in another program.
    MissingDependencyError
        When duckdb is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, database(Path(folder) / "one.duckdb") as file:
    ...     with file.together():
    ...         file.append("ages", pd.DataFrame({"name": ["Eva", "Jan"], "age": [31, 7]}))
    ...     file.rows("ages", ["age"], {"name": "Jan"})["age"].tolist()
    [7]
    """
    duckdb = _duckdb(path)
    try:
        connection = duckdb.connect(str(draft or path))
    except duckdb.Error as error:
        raise DataError(_why(path, str(error))) from error
    try:
        yield Database(path, connection)
    finally:
        # what is committed is kept in a file beside it when the disk is full now
        with suppress(duckdb.Error):
            connection.close()


def stored_names(names: list[str]) -> list[str]:
    """Return the names of columns in a table: DuckDB takes x and X for the same.

    Examples
    --------
    >>> stored_names(["se x", "se X", "df x"])
    ['se x', 'se X_2', 'df x']
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        own, number = name, 2
        while _folded(own) in taken:
            own, number = f"{name}_{number}", number + 1
        taken.add(_folded(own))
        found.append(own)
    return found


def _folded(name: str) -> str:
    """Return a name as DuckDB compares it: small letters, but those of English alone."""
    return name.translate(_SMALL)


def _where(equal: Mapping[str, str] | None, between: Between | None) -> tuple[str, list[Any]]:
    conditions = [f"{_quoted(name)} = ?" for name in equal or {}]
    values: list[Any] = list((equal or {}).values())
    if between is not None:
        conditions.append(f"{_quoted(between[0])} BETWEEN ? AND ?")
        values += between[1:]
    return f"WHERE {' AND '.join(conditions)}" if conditions else "", values


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _kind(column: np.ndarray) -> str:
    return {"f": "DOUBLE", "i": "BIGINT"}.get(column.dtype.kind, "VARCHAR")


@contextmanager
def _told() -> Generator[None, None, None]:
    """Turn what DuckDB raises while it reads and writes into an OSError."""
    try:
        yield
    except RuntimeError as error:
        # this is what DuckDB makes of Ctrl-C
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
    except _errors() as error:
        raise OSError(_first_line(str(error))) from error


def _errors() -> Any:
    import duckdb

    return duckdb.Error


def _duckdb(path: Path) -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise MissingDependencyError(
            f"A file that ends in {path.suffix} needs duckdb, which is not installed, for "
            f"{str(path)!r}. Install it with `pip install 'nestling[duckdb]'`, or give a path "
            "without this ending."
        ) from error
    return duckdb


def _why(path: Path, said: str) -> str:
    """Return why a file cannot be opened, with what to do."""
    line = _first_line(said)
    unwritten = ("permission denied", "read-only", "read only", "could not write", "no space")
    if "lock on file" in said:
        return (
            f"{str(path)!r} is open in another program: {line}. Close it there, or wait for its "
            "end, and run the same call again."
        )
    if "different configuration" in said:
        return (
            f"{str(path)!r} is open in this program in another way, perhaps to read only. Close "
            "that connection and run the same call again."
        )
    if any(each in said.lower() for each in unwritten):
        return (
            f"{str(path)!r} cannot be written: {line}. Give a path that can be written, with room "
            "on its disk, or change the permissions of the file."
        )
    return (
        f"{str(path)!r} cannot be opened as a DuckDB file: {line}. Give another path, or delete "
        "the file if nothing in it is needed."
    )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].removeprefix("IO Error: ").rstrip(".") if text else "?"
