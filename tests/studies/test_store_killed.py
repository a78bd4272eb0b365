"""Studies whose process is killed while it simulates or writes: the next call ends them."""

import signal
import subprocess
import sys
import time

import duckdb
import pytest

import nestling as nl
from same_replicates import same

STUDY = """
import os, signal, sys
import nestling as nl
from joblib import parallel_config
from nestling.data.duckdb_file import Database
truth = nl.Population("y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.4}, {"g": 0.5}, 1.0,
                      predictors={"x": nl.normal(0, 1), "nothing": nl.constant(0)},
                      offset="nothing")  # keeps replicates apart: they go by rows, 16 in a chunk
design = nl.nested(g=8, id=4)
"""

FOREVER = """
nl.power(truth, design, 100_000, seed=1, store=sys.argv[1], progress=False)
"""

WRITING = """
append, calls = Database.append, []
def killed(self, table, frame):
    append(self, table, frame)
    calls.append(table)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
Database.append = killed
with parallel_config("threading", n_jobs=int(sys.argv[3])):
    nl.power(truth, design, 10_000, seed=1, store=sys.argv[1], progress=False)
"""


def study(**arguments):
    made = {}
    exec(STUDY, made)
    return nl.power(made["truth"], made["design"], 40, seed=1, **arguments).replicates


@pytest.fixture(scope="module")
def unbroken():
    return study()


def test_a_folder(tmp_path, unbroken):
    folder = tmp_path / "study"
    process = subprocess.Popen([sys.executable, "-c", STUDY + FOREVER, str(folder)])
    deadline = time.monotonic() + 60
    while len(list(folder.glob("replicates-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("replicates-*")}
    assert len(kept) >= 2
    same(study(store=folder), unbroken)
    again = {path.name: path.stat().st_mtime_ns for path in folder.glob("replicates-*")}
    assert kept.items() <= again.items()


# three tables are made, the settings are written, then each chunk is written to two tables
@pytest.mark.parametrize(("at", "n_jobs", "kept"), [(2, 1, None), (8, 1, 1), (9, 2, 2)])
def test_a_duckdb_file(tmp_path, unbroken, at, n_jobs, kept):
    path = tmp_path / "study.duckdb"
    arguments = [str(path), str(at), str(n_jobs)]
    process = subprocess.run([sys.executable, "-c", STUDY + WRITING, *arguments], check=False)
    assert process.returncode == -signal.SIGKILL
    assert path.exists() == (kept is not None)
    if kept is not None:
        assert len(asked(path, "SELECT * FROM chunks")) == kept
        assert len(asked(path, "SELECT * FROM replicates")) == 16 * kept
    same(study(store=path), unbroken)
    # threads may have stored chunks beyond these; none is there twice
    ((rows, replicates, found),) = asked(
        path,
        "SELECT count(*), count(DISTINCT replicate), count(*) FILTER (replicate < 40) "
        "FROM replicates",
    )
    assert rows == replicates
    assert found == 40


def asked(path, sql):
    with duckdb.connect(str(path)) as file:
        return file.execute(sql).fetchall()
