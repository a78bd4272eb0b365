"""More replicates in a stored study, or fewer: the shorter last chunk gives way to the longer."""

import duckdb
import pandas as pd
import pytest

import nestling as nl
from nestling.studies.place import Place
from nestling.studies.replicates import Names
from nestling.studies.run import run
from nestling.studies.store_duckdb import open_database
from nestling.studies.store_folder import open_folder
from same_replicates import same
from toy_engine import Toy

TRUTH = nl.Population(
    "y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.4}, {"g": 0.5}, 1, {"x": nl.normal(0, 1)}
)
DESIGN = nl.nested(g=8, id=4)
STORES = ["study", "study.parquet", "study.duckdb"]


def study(n_sims, store=None):
    # without rows up to 1024 replicates are made together: here all of a study are one chunk
    found = nl.power(TRUTH, DESIGN, n_sims, seed=1, predictors="fixed", store=store)
    return found.replicates


def chunks(path):
    """Return what a reader of the store finds: its chunks, and the replicates in it."""
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as file:
            found = file.execute('SELECT "first", "last" FROM chunks ORDER BY ALL').fetchall()
            rows = file.execute("SELECT replicate FROM replicates ORDER BY 1").fetchall()
        return found, [replicate for (replicate,) in rows]
    found = sorted(path.glob("replicates-*"))
    ends = [tuple(int(part) for part in file.stem.split("-")[1:]) for file in found]
    if path.suffix == ".parquet":
        return ends, sorted(pd.read_parquet(path)["replicate"].tolist())
    return ends, [i for first, last in ends for i in range(first, last + 1)]


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize(
    ("runs", "kept"),
    [
        ((60, 90), 90),
        ((90, 60), 90),
        ((60, 90, 60, 90), 90),
        ((60, 75, 90), 90),
    ],
)
def test_every_replicate_is_there_once(tmp_path, name, runs, kept):
    path = tmp_path / name
    for n_sims in runs:
        same(study(n_sims, path), study(n_sims))
    assert chunks(path) == ([(0, kept - 1)], list(range(kept)))


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize(("runs", "ends"), [((10, 18), [3, 7, 11, 15, 17]), ((10, 6), [3, 7, 9])])
def test_only_the_last_chunk_is_made_again(tmp_path, name, runs, ends):
    path = tmp_path / name
    for n_sims in runs:
        found = toy(n_sims, path)
        assert found.fixed[:, 0].tolist() == list(range(n_sims))
    found, replicates = chunks(path)
    assert [last for _, last in found] == ends
    assert replicates == list(range(ends[-1] + 1))


def toy(n_sims, path):
    names = Names(("x",), ("sigma",))
    if path.suffix == ".duckdb":
        with open_database(Place(path), names, ("z",), {"toy": 1}) as store:
            return run(Toy(), n_sims, store=store)
    return run(Toy(), n_sims, store=open_folder(Place(path), names, {"toy": 1}))


@pytest.mark.parametrize("name", STORES[:2])
def test_a_process_killed_before_the_shorter_file_is_gone(tmp_path, name):
    path = tmp_path / name
    study(60, path)
    (short,) = path.glob("replicates-*")
    content = short.read_bytes()
    study(90, path)
    short.write_bytes(content)
    same(study(90, path), study(90))
    assert chunks(path) == ([(0, 89)], list(range(90)))


def test_replicates_that_were_made_in_another_way_are_refused(tmp_path):
    # models by name are fitted to rows, a model alone needs none here: other chunks
    formula = TRUTH.formula.text
    arguments = {"n_sims": 20, "seed": 1, "predictors": "fixed"}
    nl.power(TRUTH, DESIGN, formula={"one": formula}, store=tmp_path / "s", **arguments)
    with pytest.raises(nl.errors.ArgumentError, match=r"replicates at once: stored .*, now"):
        nl.power(TRUTH, DESIGN, formula=formula, store=tmp_path / "s" / "one", **arguments)
