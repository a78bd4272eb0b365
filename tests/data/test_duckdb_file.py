"""DuckDB files: every bit comes back, and every failure says what to do."""

import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import pytest

from nestling.data.duckdb_file import Database, database
from nestling.errors import DataError, MissingDependencyError

BITS = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -2.2e-308, 0.1 + 0.2, np.nextafter(1.0, 2.0),
     1.7976931348623157e308]
)  # fmt: skip


def frame(**more):
    return pd.DataFrame(
        {"i": np.arange(len(BITS)), "value": BITS, "text": ["ä'\"\n;--"] * 10} | more
    )


def test_every_bit_comes_back(tmp_path):
    with database(tmp_path / "a.duckdb") as file, file.together():
        file.append("t", frame())
    with database(tmp_path / "a.duckdb") as file:
        found = file.rows("t", ["value", "i", "text"]).sort_values("i")
    assert found["value"].to_numpy().tobytes() == BITS.tobytes()
    assert found["text"].tolist() == frame()["text"].tolist()


def test_random_bits_come_back(tmp_path):
    bits = np.random.default_rng(1).integers(0, 2**64, 5000, dtype=np.uint64).view(float)
    bits = bits[~np.isnan(bits)]
    with database(tmp_path / "a.duckdb") as file:
        with file.together():
            file.append("t", pd.DataFrame({"i": np.arange(len(bits)), "value": bits}))
        found = file.rows("t", ["i", "value"]).sort_values("i")["value"].to_numpy()
    assert found.tobytes() == bits.tobytes()


def test_averages_leave_nan_out(tmp_path):
    with database(tmp_path / "a.duckdb") as file, file.together():
        file.append("t", pd.DataFrame({"value": [1.0, np.nan, 3.0]}))
    with duckdb.connect(str(tmp_path / "a.duckdb")) as file:
        assert file.execute("SELECT avg(value), count(value) FROM t").fetchall() == [(2.0, 2)]


@pytest.mark.parametrize(
    "names", [("se x", "se X"), ("x", "X", "X_2", "x_2"), ('a"b', "a'b"), ("Ä", "ä"), ("a;b", "?")]
)
def test_names_of_any_kind(tmp_path, names):
    table = pd.DataFrame({name: [float(j)] for j, name in enumerate(names)})
    with database(tmp_path / "a.duckdb") as file:
        with file.together():
            file.append("t", table)
        found = file.rows("t", names)
    assert list(found) == list(names)
    assert found.iloc[0].tolist() == table.iloc[0].tolist()


def test_tables_grow_in_rows_and_columns(tmp_path):
    with database(tmp_path / "a.duckdb") as file:
        with file.together():
            file.append("t", pd.DataFrame({"key": ["a"], "n": [1]}))
            file.append("t", pd.DataFrame({"key": ["b"], "n": [5], "more": [0.5]}))
        assert file.rows("t", ["more"], {"key": "b"}, ("n", 2, 5))["more"].tolist() == [0.5]
        assert np.isnan(file.rows("t", ["more"], {"key": "a"})["more"][0])
        with file.together():
            file.delete("t", {"key": "a"})
        assert file.rows("t", ["key"])["key"].tolist() == ["b"]


def test_a_failure_takes_everything_back(tmp_path):
    def fail(file):
        file.append("t", pd.DataFrame({"n": [2], "more": [1.0]}))
        file.append("u", pd.DataFrame({"n": [2]}))
        raise KeyboardInterrupt

    with database(tmp_path / "a.duckdb") as file:
        with file.together():
            file.append("t", pd.DataFrame({"n": [1]}))
        with pytest.raises(KeyboardInterrupt), file.together():
            fail(file)
        assert file.tables() == {"t"}
        with file.together():
            file.append("t", pd.DataFrame({"n": [3], "more": [1.0]}))
        assert sorted(file.rows("t", ["n"])["n"]) == [1, 3]


@pytest.mark.parametrize(
    "content", [b"", b"nonsense" * 1000, "cut"], ids=["empty", "nonsense", "cut"]
)
def test_files_that_are_none_are_named(tmp_path, content):
    path = tmp_path / "a.duckdb"
    if content == "cut":
        with database(path) as file, file.together():
            file.append("t", frame())
        content = path.read_bytes()[:8000]
    path.write_bytes(content)
    with (
        pytest.raises(DataError, match=r"a\.duckdb' cannot be opened .* Give another"),
        database(path),
    ):
        pass
    assert path.read_bytes() == content


def test_a_file_that_another_program_has_open(tmp_path):
    path = tmp_path / "a.duckdb"
    code = f"import duckdb; file = duckdb.connect({str(path)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "1\n"
        with pytest.raises(DataError, match=r"open in another program.*Close it"), database(path):
            pass
        other.communicate("\n")
    with database(path):
        pass


def test_a_file_that_this_program_has_open(tmp_path):
    path = tmp_path / "a.duckdb"
    with database(path) as file, file.together():
        file.append("t", pd.DataFrame({"n": [1]}))
    with duckdb.connect(str(path)) as mine:
        with database(path) as file, file.together():
            file.append("t", pd.DataFrame({"n": [2]}))
        assert mine.execute("SELECT count(*) FROM t").fetchone() == (2,)
    with (
        duckdb.connect(str(path), read_only=True),
        pytest.raises(DataError, match="open in this program in another way"),
        database(path),
    ):
        pass


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ('IO Error: Cannot open file "a": Permission denied', "cannot be written: .*permissions"),
        ('IO Error: Cannot open file "a": Read-only file system', "cannot be written"),
        ('IO Error: Cannot open file "a": Too many open files', "cannot be opened"),
    ],
)
def test_files_that_cannot_be_written(tmp_path, monkeypatch, said, match):
    def refuse(*_):
        raise duckdb.IOException(said)

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(DataError, match=match), database(tmp_path / "a.duckdb"):
        pass


def test_a_full_disk_is_an_os_error(tmp_path):
    class Full:
        def begin(self): ...
        def rollback(self):
            raise duckdb.FatalException("the database has been invalidated")

        def commit(self):
            raise duckdb.IOException("IO Error: No space left on device\n\nStack")

    file = Database(tmp_path / "a.duckdb", Full())
    with pytest.raises(OSError, match=r"^No space left on device$"), file.together():
        pass


def broken_off(file, said):
    with file.together():
        file.append("ages", pd.DataFrame({"age": [7]}))
        raise RuntimeError(said)


def test_an_interrupt_is_one(tmp_path):
    with database(tmp_path / "a.duckdb") as file:
        # what DuckDB makes of Ctrl-C when it comes while a query runs
        with pytest.raises(KeyboardInterrupt):
            broken_off(file, "Query interrupted")
        with pytest.raises(RuntimeError, match="another"):
            broken_off(file, "another")
        assert file.tables() == set()


def test_without_duckdb_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with (
        pytest.raises(MissingDependencyError, match=r"nestling\[duckdb\]"),
        database(tmp_path / "a.duckdb"),
    ):
        pass
