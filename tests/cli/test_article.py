import sys

from typer.testing import CliRunner

from nestling.cli.app import app
from nestling.cli.article_models import MODELS


def test_all_sections_are_printed():
    result = CliRunner().invoke(app, ["article", "--no-figures"])
    assert result.exit_code == 0
    headings = ["(m0)", "(m1)", "(m2)", "(m3)"]
    places = [result.stdout.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "wrote" not in result.stdout


def test_without_matplotlib_the_text_stays_and_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("nestling.cli.article_models.MODELS", MODELS[:1])
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = CliRunner().invoke(app, ["article", "--output", str(tmp_path / "figures")])
    assert result.exit_code == 1
    assert "(m0)" in result.stdout
    assert "nestling[plot]" in result.stderr


def test_figures_go_to_the_folder_named(tmp_path, monkeypatch):
    monkeypatch.setattr("nestling.cli.article_models.MODELS", MODELS[:1])  # drawing takes time
    folder = tmp_path / "a" / "figures"
    result = CliRunner().invoke(app, ["article", "--output", str(folder)])
    assert result.exit_code == 0
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert all(f"wrote {folder / name}" in result.stdout for name in names)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["article", "--output", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert "file" in result.stderr
