"""Studies in a DuckDB file: asked in SQL, shared by curves and models, on full disks."""

import json
import subprocess
import sys

import duckdb
import numpy as np
import pytest
from joblib import parallel_config

import nestling as nl
from nestling.data.duckdb_file import Database
from nestling.errors import DataError
from nestling.studies.parts import frame_of
from same_replicates import same

TRUTH = nl.Population(
    "y ~ x + X + (1 | g)",  # two names that are one for DuckDB
    {"(Intercept)": 1, "x": 0.4, "X": 0},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1), "X": nl.normal(0, 1), "nothing": nl.constant(0)},
    offset="nothing",  # keeps replicates apart: they go by rows, 16 in a chunk
)
DESIGN = nl.nested(g=8, id=4)
TABLES = {"studies", "chunks", "replicates"}


def study(n_sims=40, **arguments):
    return nl.power(TRUTH, DESIGN, n_sims, **({"seed": 1} | arguments))


@pytest.fixture(scope="module")
def unbroken():
    return study().replicates


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.duckdb"


def asked(path, sql):
    with duckdb.connect(str(path)) as file:
        return file.execute(sql).fetchall()


def test_a_stored_study_is_the_study(path, unbroken):
    same(study(32, store=path).replicates, unbroken.taken(np.arange(32)))
    with parallel_config("threading", n_jobs=2):
        same(study(store=str(path)).replicates, unbroken)
    same(nl.recovery(TRUTH, DESIGN, 40, seed=1, store=path).replicates, unbroken)
    same(study(store=path, seed=None).replicates, unbroken)
    with duckdb.connect(str(path)) as file:
        table = file.execute("SELECT * FROM replicates ORDER BY replicate").df()
        settings = file.execute("SELECT settings FROM studies").fetchone()[0]
    names = [f"estimate {name}" for name in ("(Intercept)", "x", "X_2")]
    assert table[names].to_numpy().tobytes() == np.ascontiguousarray(unbroken.fixed).tobytes()
    assert table["study"].unique().tolist() == [""]
    assert json.loads(settings)["seed"]["entropy"] == 1


def test_failures_and_questions_come_back(path):
    arguments = {
        "n_sims": 20, "variances": True, "test": ["z", "lrt", "satterthwaite"],
        "hypotheses": {"sum": "x + X"}, "store": path,
    }  # fmt: skip
    first = study(**arguments)
    second = study(**arguments)
    same(first.replicates, second.replicates)
    assert first.replicates.extra.shape[1] > 3
    assert first.table.equals(second.table)


def test_the_columns_are_those_of_parquet_files(path, tmp_path, unbroken):
    study(store=path)
    columns = [name for name, *_ in asked(path, "DESCRIBE replicates")]
    parquet = list(frame_of(unbroken, study(16).names))
    assert [name.removesuffix("_2") for name in columns] == ["study", *parquet]


def test_curves_and_models_share_a_file(path):
    curve = nl.power_curve(TRUTH, DESIGN, {"g": [6, 8]}, 6, seed=1, store=path)
    again = nl.power_curve(TRUTH, DESIGN, {"g": [6, 8, 10]}, 6, store=path)
    for old, new in zip(curve.studies, again.studies[:2], strict=True):
        same(old.replicates, new.replicates)
    models = {"both": "y ~ x + X + (1 | g)", "a/b: one": "y ~ x + (1 | g)"}
    by_model = study(6, formula=models, store=path)
    same(study(6, formula=models, store=path)["a/b: one"].replicates,
         by_model["a/b: one"].replicates)  # fmt: skip
    same(study(6, store=path).replicates, study(6).replicates)
    found = asked(path, "SELECT study, count(*) FROM replicates GROUP BY study ORDER BY study")
    names = ["", "a/b: one", "both", "g=10", "g=6", "g=8"]
    assert found == [(name, 6) for name in names]
    mean = "SELECT avg(\"estimate x\") FROM replicates WHERE study = 'g=8'"
    assert asked(path, mean)[0][0] == pytest.approx(curve.studies[1].replicates.fixed[:, 1].mean())
    null = "SELECT count(\"estimate X_2\") FROM replicates WHERE study = 'a/b: one'"
    assert asked(path, null) == [(0,)]


@pytest.mark.parametrize("suffix", [".db", ".DuckDB"])
def test_other_endings(tmp_path, suffix):
    study(4, store=tmp_path / f"new/study{suffix}")
    assert set(asked(tmp_path / f"new/study{suffix}", "SHOW TABLES")) == {(t,) for t in TABLES}


def test_views_of_the_user_stay(path, unbroken):
    study(32, store=path)
    asked(path, "CREATE VIEW good AS SELECT * FROM replicates WHERE outcome = 'regular'")
    same(study(store=path).replicates, unbroken)
    assert asked(path, "SELECT count(*) FROM good") == [(unbroken.count("regular"),)]


def test_a_full_disk_keeps_what_is_finished(path, unbroken, monkeypatch):
    append, calls = Database.append, []

    def full(self, table, frame):
        calls.append(table)
        if len(calls) == 8:
            raise duckdb.IOException("IO Error: No space left on device")
        append(self, table, frame)

    monkeypatch.setattr(Database, "append", full)
    with pytest.raises(DataError, match=r"16 to 31 cannot .* No space left.* kept"):
        study(store=path)
    monkeypatch.undo()
    assert len(asked(path, "SELECT * FROM replicates")) == 16
    same(study(store=path).replicates, unbroken)


def test_a_disk_that_cannot_be_written_is_known_before_the_work(path, monkeypatch):
    def full(*_):
        raise duckdb.IOException("IO Error: No space left on device")

    monkeypatch.setattr(Database, "append", full)
    with pytest.raises(DataError, match=r"No space left .* Nothing was simulated"):
        study(4, store=path)
    assert not list(path.parent.iterdir())


def test_the_file_is_closed_after_an_error(path, monkeypatch):
    from nestling.studies.by_rows import ByRows

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(ByRows, "chunk", broken)
    with pytest.raises(ZeroDivisionError):
        study(store=path)
    code = f"import duckdb; duckdb.connect({str(path)!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
