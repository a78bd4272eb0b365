"""Study files: what they say is done; mistakes in them are in test_bad_study.py."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import nestling as nl
from nestling.cli.app import app
from nestling.cli.study_file import read_study
from nestling.data.files import read_file
from nestling.data.toml_text import toml_text
from nestling.errors import ArgumentError, DataError
from study_files import LEVELS, STUDY


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a study file into the folder in which commands run."""
    monkeypatch.chdir(tmp_path)

    def written(text):
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")

    return written


def run(command, *options):
    return CliRunner().invoke(app, [command, "study.toml", *map(str, options)])


def test_a_file_is_the_population_of_the_same_calls(write, tmp_path):
    write(STUDY)
    study = read_study(tmp_path / "study.toml")
    truth = nl.Population(
        "y ~ Z + X + (1 | school)",
        {"(Intercept)": 2, "Z": nl.d(0.5), "X": 0.3},
        {"school": nl.icc(0.15)},
        1,
        {"Z": nl.bernoulli(0.5, level="school"), "X": nl.normal(0, 1)},
    )
    assert study.population() == truth
    assert study.design() == nl.nested(school=12, pupil=5)
    result = run("simulate", "-o", "data.csv")
    assert result.stdout == "Wrote 60 rows and 9 columns to data.csv.\n"
    expected = truth.simulate(nl.nested(school=12, pupil=5), 707, components=True)
    pd.testing.assert_frame_equal(read_file("data.csv"), expected, check_exact=True)


def test_a_written_population_is_a_file(write):
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 1 / 3}, {"g": nl.sd(1 / 3)}, 1)
    write(toml_text({"design": "nested(g=3, id=4)", "seed": 1, **truth.to_dict()}))
    assert run("simulate", "-o", "data.csv").exit_code == 0
    expected = truth.simulate(nl.nested(g=3, id=4), 1)
    pd.testing.assert_frame_equal(read_file("data.csv"), expected, check_exact=True)


def test_equations_by_level_stand_in_a_file(write):
    write(LEVELS)
    result = run("simulate", "--seed", 1)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Cluster,ID,X,y\n")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_the_file_names_its_output(write, suffix):
    write(STUDY.replace("components = true", f'output = "data.{suffix}"'))
    assert run("simulate").stdout == f"Wrote 60 rows and 5 columns to data.{suffix}.\n"
    assert len(read_file(f"data.{suffix}")) == 60


def test_seeds_per_component_give_the_numbers_of_r(write):
    write(LEVELS + "[simulate]\nrng = 'R'\nseed = { X = 1, residual = 2, Cluster = 3 }\n")
    truth = nl.Population(
        "y ~ X + (1 + X | Cluster)",
        {"(Intercept)": 2, "X": 5},
        {"Cluster": [5, 3]},
        residual=3,
        predictors={"X": nl.normal(0, 1)},
    )
    seeds = {"X": 1, "residual": 2, "Cluster": 3}
    data = truth.simulate(nl.nested(Cluster=4, ID=3), seeds, rng="R")
    assert run("simulate", "-o", "data.csv").exit_code == 0
    pd.testing.assert_frame_equal(read_file("data.csv"), data, check_exact=True)


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        (["--fixed", "X=0"], {"fixed": {"X": 0}}),
        (["--random", "school=4"], {"random": {"school": 4}}),
        (["--residual", "sd(3)"], {"residual": nl.sd(3)}),
        (["--predictor", "X=uniform(0, 1)"], {"predictors": {"X": nl.uniform(0, 1)}}),
    ],
)
def test_options_override_the_file(write, tmp_path, options, changes):
    write(STUDY)
    truth = read_study(tmp_path / "study.toml").population().replace(**changes)
    assert run("simulate", "-o", "data.csv", "--seed", 5, *options).exit_code == 0
    data = truth.simulate(nl.nested(school=12, pupil=5), 5, components=True)
    pd.testing.assert_frame_equal(read_file("data.csv"), data, check_exact=True)


def test_options_override_design_and_formula(write):
    write(STUDY)
    options = ["--formula", "y ~ Z * X + (1 | school)", "--fixed", "Z:X=1"]
    result = run("simulate", "--design", "school=3, pupil=2", *options, "-o", "data.csv")
    assert result.stdout == "Wrote 6 rows and 9 columns to data.csv.\n"


@pytest.mark.parametrize("command", ["simulate", "power", "recovery", "curve", "search"])
def test_a_missing_file_is_named(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    result = run(command)
    assert result.exit_code == 1
    assert "There is no file 'study.toml'" in result.stderr
    assert CliRunner().invoke(app, [command]).exit_code == 2 or command == "simulate"


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "study.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(DataError, match="not text in UTF-8"):
        read_study(tmp_path / "study.toml")


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "study.toml").write_bytes(b"\xef\xbb\xbfseed = 1\n[fixed]\nX = 'x y'")
    study = read_study(tmp_path / "study.toml")
    assert study.lines.of(("fixed", "X")) == 3


def test_deep_nesting_ends_in_an_error(tmp_path):
    (tmp_path / "study.toml").write_text("a = " + "[" * 50_000)
    with pytest.raises(ArgumentError, match=r"cannot be read|line 1"):
        read_study(tmp_path / "study.toml")


def test_nothing_in_a_file_is_run(write, tmp_path):
    attack = "__import__('pathlib').Path('here').write_text('x')"
    for key in (
        "residual = 1",
        "X = 0.3",
        'school = "icc(0.15)"',
        'X = "normal(0, 1)"',
        "school = 12",
    ):
        name = key.split(" = ", maxsplit=1)[0]
        write(STUDY.replace(key, f"{name} = {json.dumps(attack)}", 1))
        assert run("simulate").exit_code == 1
    assert not (tmp_path / "here").exists()
