"""DuckDB files that are not the study's, or not any more, are refused with what to do."""

from pathlib import Path

import duckdb
import pytest

import nestling as nl
from nestling.errors import ArgumentError, DataError

TRUTH = nl.Population(
    "y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.4}, {"g": 0.5}, 1, {"x": nl.normal(0, 1)}
)
DESIGN = nl.nested(g=8, id=4)


def study(n_sims, **arguments):
    return nl.power(TRUTH, DESIGN, n_sims, **({"seed": 1, "predictors": "fixed"} | arguments))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.duckdb"


def asked(path, sql):
    with duckdb.connect(str(path)) as file:
        return file.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 2}, "seed entropy: stored 1, now 2"),
        ({"reml": False}, "reml: stored true, now false"),
        ({"test": "z"}, "test"),
    ],
)
def test_other_settings_are_refused(path, change, says):
    study(4, store=path)
    with pytest.raises(ArgumentError, match=says):
        study(4, store=path, **change)


@pytest.mark.parametrize("tables", ["", "CREATE TABLE replicates (n INTEGER)"])
def test_nothing_is_added_to_another_database(path, tables):
    with duckdb.connect(str(path)) as file:
        file.execute(tables or "SELECT 1")
    before = path.read_bytes()
    with pytest.raises(DataError, match="without studies, and nothing is added"):
        study(4, store=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE studies SET settings = '{'", "no settings that can be read"),
        ("UPDATE studies SET settings = '7'", "no settings that can be read"),
        ("UPDATE studies SET settings = '{\"seed\": 7}'", "no seed|other settings"),
        ("ALTER TABLE studies DROP settings", "no settings that can be read"),
        ("DELETE FROM replicates WHERE replicate = 3", "replicates 0 to 3: .*missing"),
        ("INSERT INTO replicates SELECT * FROM replicates", "replicates 0 to 3: .*twice"),
        ('ALTER TABLE replicates DROP "estimate x"', "replicates 0 to 3"),
        ("ALTER TABLE replicates ALTER \"estimate x\" TYPE VARCHAR USING 'a'", "replicates 0 to 3"),
    ],
    ids=["cut", "number", "seed", "settings", "missing", "twice", "column", "text"],
)
def test_tables_that_were_changed_are_named(path, change, says):
    study(4, store=path)
    asked(path, change)
    with pytest.raises((DataError, ArgumentError), match=says):
        study(4, store=path, seed=None)


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("study.duckdb", Path.mkdir, "is a folder; .*name without this ending"),
        ("study.duckdb", lambda path: path.write_text("a"), "cannot be opened as a DuckDB file"),
        ("study", lambda path: path.write_text("a"), r"is a file.*ends in \.duckdb"),
        ("study.duckdb/study.duckdb", lambda path: path.parent.write_text("a"), "cannot be"),
    ],
    ids=["folder", "text", "file", "inside a file"],
)
def test_places_that_are_none(tmp_path, name, made, says):
    made(tmp_path / name)
    with pytest.raises(DataError, match=says):
        study(4, store=tmp_path / name)
