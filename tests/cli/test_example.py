"""`nestling example`: a file that every command runs."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nestling.cli.app import app
from nestling.cli.example import STUDY
from nestling.cli.study_file import KEYS
from nestling.simulate.listed import DEPARTURES, DESIGNS, EFFECTS, FAMILIES, PREDICTORS, SPREADS


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_the_file_is_printed():
    assert run("example").stdout == STUDY
    assert max(map(len, STUDY.splitlines())) <= 100
    assert set(tomllib.loads(STUDY)) >= {"simulate", "power", "recovery", "curve", "search"}


def test_the_file_is_written_once(tmp_path):
    path = str(tmp_path / "study.toml")
    assert run("example", "-o", path).exit_code == 0
    again = run("example", "-o", path)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert (tmp_path / "study.toml").read_text(encoding="utf-8") == STUDY


@pytest.mark.parametrize("command", ["simulate", "power", "recovery", "curve", "search"])
def test_every_command_runs_it(command, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    few = [] if command == "simulate" else ["--n-sims", "4"]
    result = run(command, str(path), *few)
    assert result.exit_code == 0, result.output


def test_the_documentation_shows_it_and_lists_all_calls():
    page = (Path(__file__).parents[2] / "docs/files.md").read_text(encoding="utf-8")
    assert f"```toml\n{STUDY}```" in page
    for calls in (SPREADS, EFFECTS, PREDICTORS, DEPARTURES, FAMILIES, DESIGNS):
        assert all(f"`{name}`" in page for name in calls)
    for section in ("title", *KEYS):
        assert f"`{section}`" in page or f"[{section}]" in page


def test_the_mistake_of_the_documentation_is_reported_as_it_says(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs/files.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(STUDY.replace("bernoulli", "bernouli"), encoding="utf-8")
    said = run("simulate", "study.toml").stderr
    assert said in page
