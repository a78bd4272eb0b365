import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from nestling.cli.app import app
from nestling.data.files import write_file

REFERENCE = Path(__file__).parents[1] / "reference"
SLEEP = REFERENCE / "data/sleepstudy.csv"
FORMULA = "Reaction ~ Days + (Days | Subject)"


def _run(*arguments, stdin=None):
    return CliRunner().invoke(app, ["fit", *map(str, arguments)], input=stdin)


def _case(name):
    return json.loads((REFERENCE / f"cases/{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("sleepstudy_slope", []),
        ("sleepstudy_slope_ml", ["--ml"]),
        ("unbal_weights", ["--weights"]),
    ],
)
def test_the_summary_is_lme4s(case, options):
    expected = _case(case)
    options = [
        *options, *(expected["options"][option[2:]] for option in options if option != "--ml"),
    ]  # fmt: skip
    result = _run(REFERENCE / "data" / expected["data"], expected["formula"], *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == expected["results"]["summary_lines_tight"]


def test_an_offset_is_a_column():
    text = _run(REFERENCE / "data/unbal.csv", "y ~ x + (1 | grp)", "--offset", "o").stdout
    other = _run(REFERENCE / "data/unbal.csv", "y ~ x + offset(o) + (1 | grp)").stdout
    assert text.splitlines()[3] == " Offset: o"
    assert text.split("REML criterion")[1] == other.split("REML criterion")[1]


def test_parquet_gives_the_same_summary_as_csv(tmp_path):
    write_file(pd.read_csv(SLEEP), tmp_path / "sleepstudy.parquet")
    assert _run(tmp_path / "sleepstudy.parquet", FORMULA).stdout == _run(SLEEP, FORMULA).stdout


def test_csv_may_come_from_standard_input():
    result = _run("-", FORMULA, stdin=SLEEP.read_text(encoding="utf-8"))
    assert "   Data: stdin" in result.stdout


@pytest.mark.parametrize(
    ("method", "first"), [("profile", "sd_(Intercept)|Subject"), ("wald", "(Intercept)")]
)
def test_limits_are_added(method, first):
    text = _run(SLEEP, FORMULA, "--confint", method).stdout
    lines = text[text.index("Confidence limits") :].splitlines()
    assert lines[0] == f"Confidence limits ({method}):"
    assert lines[1].split() == ["2.5", "%", "97.5", "%"]
    assert lines[2].startswith(first)
    assert "nan" not in text.lower()


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".txt", "Linear mixed"), (".html", "<!DOCTYPE"), (".tex", "\\begin"), (".csv", "effect,")],
)
def test_results_are_written_by_suffix(tmp_path, suffix, start):
    path = tmp_path / f"out{suffix}"
    result = _run(SLEEP, FORMULA, "--output", path)
    assert result.exit_code == 0, result.stderr
    assert path.read_text(encoding="utf-8").startswith(start)
    assert result.stdout.endswith(f"\nWrote {path}.\n")


def test_what_the_reader_should_know_is_added(tmp_path):
    data = pd.read_csv(REFERENCE / "data/Dyestuff2.csv")
    data.loc[0, "Yield"] = None
    write_file(data, tmp_path / "dye.csv")
    text = _run(tmp_path / "dye.csv", "Yield ~ 1 + (1 | Batch)").stdout
    assert "(1 row was left out because a value is missing)" in text
    assert "A variance is zero" in text
    assert max(map(len, text.splitlines())) <= 80


def test_warnings_go_to_stderr(tmp_path):
    data = pd.read_csv(SLEEP).assign(Twice=lambda frame: 2 * frame["Days"])
    write_file(data, tmp_path / "twice.csv")
    result = _run(tmp_path / "twice.csv", "Reaction ~ Days + Twice + (1 | Subject)")
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: ")
    assert "Twice" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv", FORMULA], "There is no file 'none.csv'"),
        ([SLEEP, "Reaction ~ days + (1 | Subject)"], "Did you mean 'Days'"),
        ([SLEEP, "Reaction ~ Days + (1 | "], "Error: "),
        ([SLEEP, "Reaction ~ __import__('os') + (1 | Subject)"], "Error: "),
        ([SLEEP, FORMULA, "--weights", "w"], "'w'"),
        ([SLEEP, FORMULA, "-o", "out.pdf"], "expected one of .txt"),
    ],
)
def test_errors_are_one_line_on_stderr_with_code_1(arguments, message):
    result = _run(*arguments)
    assert result.exit_code == 1
    assert not result.stdout
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [[], [SLEEP], [SLEEP, FORMULA, "--confint", "magic"]])
def test_usage_errors_have_code_2(arguments):
    assert _run(*arguments).exit_code == 2
