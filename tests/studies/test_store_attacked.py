"""What stores hold against: other programs, SQL, odd names, and studies that are nearly alike."""

import subprocess
import sys
from contextlib import suppress

import duckdb
import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.errors import ArgumentError, DataError, MissingDependencyError

TRUTH = nl.Population(
    "y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.4}, {"g": 0.5}, 1, {"x": nl.normal(0, 1)}
)
DESIGN = nl.nested(g=8, id=4)
KINDS = ["kept", "kept.parquet", "kept.duckdb"]


def study(n_sims=4, truth=TRUTH, design=DESIGN, **arguments):
    return nl.power(truth, design, n_sims, **({"seed": 1, "predictors": "fixed"} | arguments))


def curve(sizes, **arguments):
    return nl.power_curve(TRUTH, DESIGN, {"g": sizes}, 4, predictors="fixed", **arguments)


RACE = """
import sys, nestling as nl
truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 1}, {"g": 0.5}, 1)
sys.stdin.readline()
try:
    nl.power(truth, nl.nested(g=8, id=4), 40, seed=1, store=sys.argv[1])
    print("done")
except nl.errors.DataError as error:
    assert "open in another program" in str(error), error
    print("refused")
"""


def test_two_programs_do_not_lose_each_others_file(tmp_path):
    path = tmp_path / "one.duckdb"
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    call = [sys.executable, "-c", RACE, str(path)]
    both = [subprocess.Popen(call, text=True, **pipes) for _ in range(2)]
    for each in both:
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60) for each in both]
    assert all(out.strip() in ("done", "refused") for out, _ in said), said
    assert any(out.strip() == "done" for out, _ in said)
    with duckdb.connect(str(path)) as file:
        assert file.execute("SELECT count(DISTINCT replicate), count(*) FROM replicates"
                            ).fetchall() == [(40, 40)]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_curve_with_a_new_first_point_goes_on_with_its_seed(tmp_path, kind):
    place = tmp_path / kind
    curve([10, 20], seed=1, store=place)
    with pytest.raises(ArgumentError, match="seed entropy: stored 1, now 2"):
        curve([5, 10, 20], seed=2, store=place)
    found = curve([5, 10, 20], store=place)
    assert found.table.equals(curve([5, 10, 20], seed=1).table)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_first_model_goes_on_with_the_seed(tmp_path, kind):
    models = {"A": "y ~ x + (1 | g)"}
    study(formula=models, store=tmp_path / kind)
    more = {"N": "y ~ 1 + (1 | g)"} | models
    found = study(formula=more, seed=None, store=tmp_path / kind)
    assert found.table.equals(study(formula=more).table)


def test_replicates_whose_settings_are_gone_are_nobodys(tmp_path):
    path = tmp_path / "kept.duckdb"
    study(store=path)
    with duckdb.connect(str(path)) as file:
        file.execute("DELETE FROM studies")
    with pytest.raises(DataError, match="row of the table 'studies' is gone"):
        study(store=path, truth=TRUTH.replace(fixed={"x": 5}))


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"seed": 1}, {"seed": np.random.SeedSequence(1, pool_size=8)}, "pool_size"),
        ({"hypotheses": {"h": np.array([[1, 0.3333333333]])}},
         {"hypotheses": {"h": np.array([[1, 0.3333333334]])}}, "hypotheses h weights"),
        ({}, {"design": nl.nested(g=8, id=5)}, "design parts id size: stored 4, now 5"),
        ({}, {"design": nl.nested(g=8, id=[4] * 7 + [5])}, "design parts id size"),
    ],
    ids=["pool size", "tenth digit", "size", "sizes"],
)  # fmt: skip
def test_studies_that_are_nearly_alike_are_told_apart(tmp_path, first, second, says):
    study(store=tmp_path / "kept", **first)
    with pytest.raises(ArgumentError, match=says):
        study(store=tmp_path / "kept", **second)


@pytest.mark.parametrize(("one", "two"), [("ö", "Ö"), ("ß", "ss"), ("x", "X")])
def test_models_whose_columns_differ_in_case(tmp_path, one, two):
    truth = nl.Population(f"y ~ {one} + {two} + (1 | g)", {"(Intercept)": 1, one: 0.4, two: 0.1},
                          {"g": 0.5}, 1, {one: nl.normal(0, 1), two: nl.normal(0, 1)})  # fmt: skip
    models = {"A": f"y ~ {one} + (1 | g)", "B": f"y ~ {two} + (1 | g)"}
    path = tmp_path / "kept.duckdb"
    fresh = study(truth=truth, formula=models)
    for _ in range(2):
        assert study(truth=truth, formula=models, store=path).table.equals(fresh.table)


@pytest.mark.parametrize("kind", ["kept", "kept.parquet"])
def test_a_study_s_folder_takes_no_curve(tmp_path, kind):
    study(store=tmp_path / kind)
    with pytest.raises(ArgumentError, match="holds a study of its own"):
        curve([10, 20], seed=1, store=tmp_path / kind)


def test_points_that_are_close_have_places_of_their_own(tmp_path):
    values = [1.0000001, 1.0000002]
    found = nl.power_curve(TRUTH, DESIGN, {"residual": values}, 4, predictors="fixed", seed=1,
                           store=tmp_path / "kept")  # fmt: skip
    assert len(list((tmp_path / "kept").iterdir())) == 2
    assert found.table["value"].nunique() == 2


def test_a_suffix_may_be_in_capitals(tmp_path):
    study(store=tmp_path / "kept.PARQUET")
    assert len(pd.read_parquet(tmp_path / "kept.PARQUET")) == 4


def test_missing_pyarrow_is_noticed_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"name without \.parquet"):
        study(store=tmp_path / "kept.parquet")
    assert not (tmp_path / "kept.parquet").exists()


@pytest.mark.parametrize("store", ["x" * 300, "x" * 300 + ".duckdb", "\0bad", "\0bad.duckdb"],
                         ids=["long", "long file", "null", "null file"])  # fmt: skip
def test_what_is_no_path_is_refused(tmp_path, monkeypatch, store):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(nl.errors.NestlingError, match=r"store=|File name too long"):
        study(store=store)
    with pytest.raises(nl.errors.NestlingError, match=r"store=|File name too long"):
        curve([5, 10], seed=1, store=store)


@pytest.mark.parametrize("kind", ["kept", "kept.parquet"])
def test_a_byte_that_flipped_is_noticed(tmp_path, kind):
    fresh = study(64, store=tmp_path / kind)
    (part,) = (path for path in (tmp_path / kind).iterdir() if path.name.startswith("replicates"))
    whole = part.read_bytes()
    for place in np.linspace(10, len(whole) - 10, 40).astype(int):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        part.write_bytes(bytes(damaged))
        # a byte may say nothing: padding, or a name in a table of contents
        with suppress(DataError):
            again = study(64, store=tmp_path / kind)
            assert np.array_equal(again.replicates.fixed, fresh.replicates.fixed)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE replicates SET outcome = NULL WHERE replicate = 1",
     "UPDATE chunks SET last = NULL", "UPDATE chunks SET first = NULL"],
)  # fmt: skip
def test_tables_with_holes_are_refused(tmp_path, sql):
    path = tmp_path / "kept.duckdb"
    study(store=path)
    with duckdb.connect(str(path)) as file:
        file.execute(sql)
    with pytest.raises(DataError, match="changed or damaged"):
        study(store=path)
