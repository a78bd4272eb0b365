"""Stored studies: whatever stops them, they end as if nothing had happened."""

from pathlib import Path

import pandas as pd
import pytest

import nestling as nl
from nestling.studies import store_folder
from nestling.studies.power import power
from nestling.studies.recovery import recovery
from nestling.studies.settings import difference
from same_replicates import same

TRUTH = nl.Population(
    "y ~ x + (1 | g)",
    {"(Intercept)": 1, "x": 0.4},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1), "nothing": nl.constant(0)},
    offset="nothing",  # keeps replicates apart: they go by rows, 16 in a chunk
)
DESIGN = nl.nested(g=8, id=4)


@pytest.fixture(scope="module")
def unbroken():
    return power(TRUTH, DESIGN, 64, seed=1).replicates


@pytest.mark.parametrize("name", ["study", "study.parquet"])
def test_stored_replicates_are_the_same_to_the_last_bit(tmp_path, unbroken, name):
    path = tmp_path / name
    power(TRUTH, DESIGN, 32, seed=1, store=path)
    same(power(TRUTH, DESIGN, 64, seed=1, store=path).replicates, unbroken)
    same(recovery(TRUTH, DESIGN, 64, seed=1, store=path).replicates, unbroken)


def test_two_processes_write_one_store(tmp_path, unbroken):
    path = tmp_path / "study"
    same(power(TRUTH, DESIGN, 64, seed=1, store=path, n_jobs=2).replicates, unbroken)
    assert len(list(path.glob("replicates-*"))) == 4


def test_other_programs_read_the_parquet_files(tmp_path):
    path = tmp_path / "study.parquet"
    study = power(TRUTH, DESIGN, 40, seed=1, store=path)
    table = pd.read_parquet(path).sort_values("replicate")
    assert table["estimate x"].to_numpy() == pytest.approx(study.replicates.fixed[:, 1], rel=0)


def test_without_a_seed_the_store_has_it(tmp_path):
    first = power(TRUTH, DESIGN, 16, store=tmp_path / "study")
    second = power(TRUTH, DESIGN, 16, store=tmp_path / "study")
    same(first.replicates, second.replicates)


def test_a_cut_last_chunk_is_not_mixed_up(tmp_path, unbroken):
    path = tmp_path / "study"
    power(TRUTH, DESIGN, 20, seed=1, store=path)
    same(power(TRUTH, DESIGN, 64, seed=1, store=path).replicates, unbroken)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 2}, "seed entropy: stored 1, now 2"),
        ({"truth": TRUTH.replace(fixed={"x": 0.5})}, "fixed x: stored 0.4, now 0.5"),
        ({"design": nl.nested(g=9, id=4)}, "design"),
        ({"test": "z"}, "test"),
        ({"reml": False}, "reml: stored true, now false"),
        ({"truth": TRUTH.replace(predictors={"x": nl.normal(0, 2)})}, "predictors x sd"),
    ],
)
def test_other_settings_are_refused(tmp_path, change, says):
    arguments = {"truth": TRUTH, "design": DESIGN, "n_sims": 4, "seed": 1, "store": tmp_path / "s"}
    power(**arguments)
    with pytest.raises(nl.errors.ArgumentError, match=says):
        power(**arguments | change)


def test_settings_that_are_gone_are_shown():
    assert difference({"a": 1}, {}) == ["a: stored 1, now null"]


@pytest.mark.parametrize("name", ["study", "study.parquet"])
@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_a_corrupt_chunk_is_named(tmp_path, name, content):
    path = tmp_path / name
    power(TRUTH, DESIGN, 32, seed=1, store=path, predictors="fixed")
    part = min(path.glob("replicates-*"))
    part.write_bytes(part.read_bytes()[:-200] if content is None else content)
    with pytest.raises(nl.errors.DataError, match=part.name):
        power(TRUTH, DESIGN, 32, seed=1, store=path, predictors="fixed")
    part.unlink()
    assert len(power(TRUTH, DESIGN, 32, seed=1, store=path, predictors="fixed").replicates) == 32


def test_a_chunk_of_other_replicates_is_refused(tmp_path):
    path = tmp_path / "study"
    power(TRUTH, DESIGN, 32, seed=1, store=path)
    first, second = sorted(path.glob("replicates-*"))
    first.write_bytes(second.read_bytes())
    with pytest.raises(nl.errors.DataError, match="other replicates"):
        power(TRUTH, DESIGN, 32, seed=1, store=path)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_corrupt_settings_are_named(tmp_path, text):
    path = tmp_path / "study"
    power(TRUTH, DESIGN, 4, seed=1, store=path)
    (path / store_folder.SETTINGS).write_text(text)
    with pytest.raises(nl.errors.DataError, match="settings"):
        power(TRUTH, DESIGN, 4, seed=1, store=path)


def test_places_that_are_no_store(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(nl.errors.DataError, match="is a file"):
        power(TRUTH, DESIGN, 4, seed=1, store=file)
    with pytest.raises(nl.errors.DataError, match="other files"):
        power(TRUTH, DESIGN, 4, seed=1, store=tmp_path)
    with pytest.raises(nl.errors.ArgumentTypeError, match="store=7"):
        power(TRUTH, DESIGN, 4, seed=1, store=7)
    with pytest.raises(nl.errors.DataError, match="cannot be"):
        power(TRUTH, DESIGN, 4, seed=1, store=file / "study")


def test_a_full_disk_keeps_what_is_finished(tmp_path, monkeypatch, unbroken):
    path, real = tmp_path / "study", Path.replace
    files = []

    def full(source, target):
        files.append(target)
        if len(files) == 4:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(nl.errors.DataError, match="No space left") as caught:
        power(TRUTH, DESIGN, 64, seed=1, store=path)
    assert "kept" in str(caught.value)
    assert len(list(path.glob("replicates-*"))) == 2
    assert not list(path.glob(".*"))
    monkeypatch.setattr(Path, "replace", real)
    same(power(TRUTH, DESIGN, 64, seed=1, store=path).replicates, unbroken)


def test_a_disk_that_cannot_be_written_is_known_before_the_work(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(nl.errors.DataError, match="Nothing was simulated"):
        power(TRUTH, DESIGN, 4, seed=1, store=tmp_path / "study")
