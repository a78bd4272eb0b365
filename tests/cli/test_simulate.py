from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from nestling.cli.app import app
from nestling.data.files import read_file

DATA = Path(__file__).parents[1] / "reference/data"

M1 = [
    "simulate", "--formula", "y ~ 1 + Z + X + (1 | Cluster)", "--fixed", "(Intercept)=2",
    "--fixed", "Z=3", "--fixed", "X=4", "--random", "Cluster=5", "--residual", "3",
    "--predictor", "Z=normal(0, 3)@Cluster", "--predictor", "X=normal(0,1)",
    "--design", "Cluster=20,ID=50",
]  # fmt: skip

EQUATIONS = """
Level 1 (ID):      y  = b0 + b1*X + e
Level 2 (Cluster): b0 = g00 + u0
                   b1 = g10 + u1
"""


def _run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_csv_goes_to_stdout_by_default():
    result = _run(*M1, "--seed", 1)
    data = pd.read_csv(StringIO(result.stdout))
    assert result.exit_code == 0
    assert list(data.columns) == ["Cluster", "ID", "Z", "X", "y"]
    assert len(data) == 1000
    assert data.groupby("Cluster")["Z"].nunique().eq(1).all()


def test_one_seed_one_result():
    first, again, other = (_run(*M1, "--seed", seed).stdout for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_r_seeds_give_the_articles_data(tmp_path):
    seeds = "Cluster=707, residual=111, Z=111, X=555"
    result = _run(*M1, "--rng", "R", "--seed", seeds, "--output", tmp_path / "m1.csv")
    assert result.exit_code == 0, result.stderr
    article = pd.read_csv(DATA / "seed_m1.csv")
    # the same last digits but for libm
    np.testing.assert_allclose(read_file(tmp_path / "m1.csv")["y"], article["y"], rtol=1e-13)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_files_hold_what_stdout_shows(tmp_path, suffix):
    path = tmp_path / f"study{suffix}"
    result = _run(*M1, "--seed", 1, "-o", path)
    assert result.stdout == f"Wrote 1,000 rows and 5 columns to {path}.\n"
    shown = pd.read_csv(StringIO(_run(*M1, "--seed", 1).stdout))
    pd.testing.assert_frame_equal(read_file(path), shown, check_exact=True)


def test_equations_come_from_a_file(tmp_path):
    (tmp_path / "model.txt").write_text(EQUATIONS)
    result = _run(
        "simulate", "--equations", tmp_path / "model.txt", "--fixed", "g00=2", "--fixed", "g10=5",
        "--random", "Cluster=cov([[5, 1], [1, 3]])", "--residual", "sd(1.7)", "--predictor",
        "X=normal(0, 1)", "--design", "Cluster=4, ID=3", "--seed", 1, "--components",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    data = pd.read_csv(StringIO(result.stdout))
    assert {"u0", "u1", "b0", "b1", "e"} < set(data.columns)
    np.testing.assert_allclose(data["y"], data["b0"] + data["b1"] * data["X"] + data["e"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*M1, "--equations", "x.txt"], "Give the model once"),
        ([*M1, "--fixed", "W=1"], "W"),
        ([*M1, "--random", "School=1"], "School"),
        ([*M1, "--predictor", "W=open('x')"], "'open' is not a function here"),
        ([*M1, "--seed", "x"], "--seed"),
        ([*M1, "--output", "study.xlsx"], "expected .csv"),
        ([*M1, "--output", "no/such/folder/study.csv"], "no/such/folder"),
    ],
)
def test_errors_are_one_line_on_stderr_with_code_1(arguments, message):
    result = _run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_file_of_equations_is_named(tmp_path):
    options = [*M1[:1], *M1[3:], "--equations", tmp_path / "none.txt"]
    result = _run(*options)
    assert result.exit_code == 1
    assert "none.txt" in result.stderr


def test_missing_options_are_usage_errors():
    assert _run("simulate", "--formula", "y ~ 1 + (1 | g)").exit_code == 2
