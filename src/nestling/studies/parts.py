"""Replicates as files: NumPy's archives, or Parquet tables that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, get_args
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.files import read_file, write_file
from nestling.errors import DataError
from nestling.studies.plan import Test
from nestling.studies.replicates import Names, Replicates

if TYPE_CHECKING:
    import pandas as pd

DAMAGED = (
    OSError, EOFError, KeyError, ValueError, TypeError, SyntaxError, TokenError, BadZipFile,
)  # fmt: skip
"""What reading a damaged file raises: NumPy reads the head of an array as Python reads code."""


def write_part(path: Path, part: Replicates, names: Names) -> None:
    """Write replicates whole or not at all, whenever the program ends.

    Raises
    ------
    OSError
        When the disk is full or cannot be written.
    """
    # the name of a file that is being written starts with a dot, so that readers of a folder of
    # Parquet files leave it out too; its end says the format
    draft = path.with_name(f".{uuid4().hex}-{path.name}")
    try:
        if path.suffix == ".parquet":
            write_file(frame_of(part, names), draft)
        else:
            with draft.open("wb") as file:
                np.savez(file, **_arrays(part))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_part(path: Path, names: Names, indices: Sequence[int]) -> Replicates:
    """Read replicates and make sure that they are these.

    Raises
    ------
    DataError
        When the file does not hold them.
    """
    try:
        part = of_frame(read_file(path), names) if path.suffix == ".parquet" else _of_archive(path)
        whole = is_whole(part, names, indices)
    except DAMAGED as error:
        raise _corrupt(path, str(error)) from error
    if not whole:
        raise _corrupt(path, "it holds other replicates than its name says")
    return part


def is_whole(part: Replicates, names: Names, indices: Sequence[int]) -> bool:
    """Whether these are all of the replicates, with everything that is measured."""
    n, p = len(part.index), len(names.fixed)
    tables = [part.fixed, *part.se.values(), *part.df.values()]
    return (
        part.index.tolist() == list(indices)
        and all(table.shape == (n, p) for table in tables)
        and part.spreads.shape == (n, len(names.spreads))
        and part.extra.shape == ((n, len(names.extra)) if names.extra else (0, 0))
        and len(part.outcomes) == n
        and all(isinstance(outcome, str) for outcome in part.outcomes)
    )


def _corrupt(path: Path, why: str) -> DataError:
    return DataError(
        f"{str(path)!r} cannot be read as replicates of the study: {why.strip()}. Delete this file "
        "and run the same call again; only its replicates are made anew."
    )


def _arrays(part: Replicates) -> dict[str, Any]:
    return {
        "index": part.index,
        "fixed": part.fixed,
        "spreads": part.spreads,
        "outcomes": np.array(part.outcomes, dtype=str),
        **({"extra": part.extra} if part.extra.size else {}),
        **{f"se_{test}": table for test, table in part.se.items()},
        **{f"df_{test}": table for test, table in part.df.items()},
    }


def _of_archive(path: Path) -> Replicates:
    # opened here, so that it is closed when it is no archive
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        tests = [test for test in get_args(Test) if f"se_{test}" in archive]
        return Replicates(
            archive["index"],
            archive["fixed"],
            archive["spreads"],
            {test: archive[f"se_{test}"] for test in tests},
            {test: archive[f"df_{test}"] for test in tests},
            tuple(archive["outcomes"].tolist()),
            extra=archive["extra"] if "extra" in archive else np.empty((0, 0)),
        )


def frame_of(part: Replicates, names: Names) -> pd.DataFrame:
    """Return replicates as a table, one row each, in columns that say what they are."""
    import pandas as pd

    tables = [part.fixed, part.spreads]
    for test in part.se:
        tables += [part.se[test], part.df[test]]
    if names.extra:
        tables.append(part.extra)
    values = np.hstack(tables)
    columns = columns_of(names, tuple(part.se))[2:]
    known = {name: values[:, j] for j, name in enumerate(columns)}
    return pd.DataFrame({"replicate": part.index, "outcome": list(part.outcomes)} | known)


def columns_of(names: Names, tests: Sequence[Test]) -> list[str]:
    """Return the names of the columns of that table."""
    found = [f"estimate {name}" for name in names.fixed]
    found += [f"spread {name}" for name in names.spreads]
    for test in tests:
        found += [f"se {test} {name}" for name in names.fixed]
        found += [f"df {test} {name}" for name in names.fixed]
    return ["replicate", "outcome", *found, *(f"measure {name}" for name in names.extra)]


def of_frame(frame: pd.DataFrame, names: Names) -> Replicates:
    """Return the replicates of such a table.

    Raises
    ------
    KeyError, ValueError
        When it lacks columns or holds something else than numbers.
    """

    def table(what: str, members: tuple[str, ...]) -> FloatArray:
        return frame[[f"{what} {name}" for name in members]].to_numpy(dtype=float)

    tests = [t for t in get_args(Test) if any(str(c).startswith(f"se {t} ") for c in frame)]
    return Replicates(
        frame["replicate"].to_numpy(),
        table("estimate", names.fixed),
        table("spread", names.spreads),
        {test: table(f"se {test}", names.fixed) for test in tests},
        {test: table(f"df {test}", names.fixed) for test in tests},
        tuple(frame["outcome"].tolist()),
        extra=table("measure", names.extra) if names.extra else np.empty((0, 0)),
    )
