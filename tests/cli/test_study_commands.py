"""The commands power, recovery, curve and search: what Python would do, printed and written."""

import re
from dataclasses import replace
from functools import wraps
from html.parser import HTMLParser

import pandas as pd
import pytest
from typer.testing import CliRunner

import nestling as nl
from nestling.cli.app import app
from nestling.data.files import read_file
from nestling.studies import power
from study_files import STUDY

TRUTH = nl.Population(
    "y ~ Z + X + (1 | school)",
    {"(Intercept)": 2, "Z": nl.d(0.5), "X": 0.3},
    {"school": nl.icc(0.15)},
    1,
    {"Z": nl.bernoulli(0.5, level="school"), "X": nl.normal(0, 1)},
)
DESIGN = nl.nested(school=12, pupil=5)
FAST = {"n_sims": 20, "predictors": "fixed", "seed": 707}
STUDIES = {
    "power": lambda **given: nl.power(TRUTH, DESIGN, **FAST | given),
    "recovery": lambda **given: nl.recovery(TRUTH, DESIGN, **FAST | given),
    "curve": lambda **given: nl.power_curve(TRUTH, DESIGN, {"school": [6, 12]}, **FAST | given),
    "search": lambda **given: nl.find_design(
        TRUTH, DESIGN, {"school": [6, 20], "pupil": [4, 5]}, effect="X", **FAST | given
    ),
}


@pytest.fixture(autouse=True)
def study(tmp_path, monkeypatch):
    """A study file in the folder in which commands run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "study.toml"
    text = STUDY.replace("school = [6, 20] }", "school = [6, 20], pupil = [4, 5] }")
    text += '[recovery]\nn_sims = 20\npredictors = "fixed"\n'
    path.write_text(text, encoding="utf-8")
    return path


def run(command, *options):
    result = CliRunner().invoke(app, [command, "study.toml", *map(str, options)])
    assert result.exit_code == 0, result.output
    return result.stdout


class Checked(HTMLParser):
    """Tags that are opened and not closed, and what a page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.loaded = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.loaded += [
            value
            for name, value in attrs
            if name in {"src", "href", "xlink:href"} and not value.startswith("#")
        ]
        if tag not in {"meta", "br", "link", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("command", STUDIES)
def test_text_and_table_are_those_of_python(command):
    expected = STUDIES[command]()
    assert run(command, "-o", "table.csv").startswith(
        f"{expected}\n\nWrote {len(expected.table)} rows to table.csv."
    )
    table = expected.table if command != "recovery" else expected.table.reset_index()
    pd.testing.assert_frame_equal(
        read_file("table.csv"), table, check_exact=True, check_dtype=False
    )


@pytest.mark.parametrize("command", STUDIES)
def test_options_override_the_file(command):
    said = run(command, "--n-sims", 10, "--seed", 3)
    assert said == f"{STUDIES[command](n_sims=10, seed=3)}\n"


@pytest.mark.parametrize("command", STUDIES)
def test_the_report_is_one_page_that_loads_nothing(command, study):
    assert "Wrote report.html." in run(command, "--html", "report.html")
    page = (study.parent / "report.html").read_text(encoding="utf-8")
    checked = Checked()
    checked.feed(page)
    assert checked.open == []
    assert {"h1", "h2", "style", "table", "svg", "pre", "footer"} <= checked.seen
    assert checked.loaded == []
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    headings = re.findall("<h2>(.*?)</h2>", page)
    assert headings == ["Result", "Figure", "Population", "Design", "Study file"]
    assert "<title>Schools</title>" in page
    assert "formula = &quot;y ~ Z + X + (1 | school)&quot;" in page


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("power", "20 replicates and Satterthwaite tests, the power for Z is"),
        ("curve", "Smallest school with power 0.8 for X (satterthwaite): "),
        ("search", "The cheapest design that reaches the target: "),
    ],
)
def test_the_report_says_the_result_in_words(command, sentence, study):
    run(command, "--html", "report.html")
    assert sentence in (study.parent / "report.html").read_text(encoding="utf-8")


def test_the_same_study_has_the_same_report(study):
    pages = []
    for _ in range(2):
        run("power", "--html", "report.html")
        pages.append((study.parent / "report.html").read_bytes())
    assert pages[0] == pages[1]


def test_hypotheses_stand_in_the_file_and_the_report(study):
    asked = "hypotheses = { difference = 'X - Z' }\nvariances = true\n"
    study.write_text(study.read_text().replace("[power]\n", f"[power]\n{asked}"))
    expected = STUDIES["power"](hypotheses={"difference": "X - Z"}, variances=True)
    assert run("power", "--html", "report.html").startswith(f"{expected}\n")
    page = (study.parent / "report.html").read_text(encoding="utf-8")
    assert "the power for difference is" in page
    assert "the power for (1 | school) is" in page


def test_several_models_stand_in_the_file(study):
    asked = """[power.formula]
with = "y ~ Z + X + (1 | school)"
without = "y ~ X + (1 | school)"
"""
    study.write_text(f"{study.read_text().split('[power]')[0]}[power]\nn_sims = 5\n{asked}")
    models = {"with": "y ~ Z + X + (1 | school)", "without": "y ~ X + (1 | school)"}
    expected = nl.power(TRUTH, DESIGN, 5, formula=models, seed=707)
    assert run("power", "--html", "report.html", "-o", "table.csv").startswith(f"{expected}\n")
    assert len(read_file("table.csv")) == len(expected.table)
    page = (study.parent / "report.html").read_text(encoding="utf-8")
    assert "with: With 60 rows" in page


def test_a_search_over_one_size_has_no_figure(study):
    study.write_text(STUDY)
    run("search", "--html", "report.html")
    assert "<svg" not in (study.parent / "report.html").read_text(encoding="utf-8")


def test_text_from_the_file_is_text_on_the_page(study):
    study.write_text(study.read_text().replace('"Schools"', '"<script>alert(1)</script>"'))
    run("power", "--html", "report.html")
    assert "<script" not in (study.parent / "report.html").read_text(encoding="utf-8")


def test_a_study_that_was_stopped_goes_on(study):
    first = run("power", "--store", "store")
    chunks = {path.name: path.stat().st_mtime_ns for path in study.parent.glob("store/*")}
    assert chunks
    assert run("power", "--store", "store", "--n-sims", 20) == first
    study.write_text(study.read_text().replace("X = 0.3", "X = 0.4"))
    result = CliRunner().invoke(app, ["power", "study.toml", "--store", "store"])
    assert result.exit_code == 1
    assert "other settings" in result.stderr
    assert "study.toml, line" not in result.stderr


def test_an_interrupted_study_says_what_is_finished(monkeypatch, study):
    @wraps(nl.power)
    def in_part(*args, **options):
        found = nl.power(*args, **options)
        note = "interrupted after 20 of 30 replicates"
        return replace(found, replicates=replace(found.replicates, note=note))

    monkeypatch.setattr(power, "power", in_part)
    result = CliRunner().invoke(app, ["power", "study.toml", "-o", "table.csv"])
    assert result.exit_code == 130
    assert "interrupted after 20" in result.stdout
    assert (study.parent / "table.csv").is_file()


def test_a_store_in_the_file_is_used(study):
    study.write_text(study.read_text().replace("[power]", "[power]\nstore = 'kept'"))
    run("power")
    assert (study.parent / "kept").is_dir()


def test_a_curve_may_be_one_of_precision(study):
    study.write_text(study.read_text().replace("[curve]", "[curve]\nof = 'precision'\ntarget = 1"))
    expected = nl.precision_curve(TRUTH, DESIGN, {"school": [6, 12]}, target=1, **FAST)
    assert run("curve", "--html", "report.html").startswith(f"{expected}\n")
    assert "Smallest school with intervals of width 1 for X" in (
        study.parent / "report.html"
    ).read_text(encoding="utf-8")


def test_a_progress_bar_is_shown_when_asked_for():
    shown = CliRunner().invoke(app, ["power", "study.toml", "--progress"])
    hidden = CliRunner().invoke(app, ["power", "study.toml", "--no-progress"])
    assert "0/20" in shown.stderr
    assert hidden.stderr == ""
    assert shown.stdout == hidden.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "table.xlsx"], "expected .csv"),
        (["-o", "no/such/table.csv"], "there is no folder 'no/such'"),
        (["--html", "report.pdf"], "does not end in .html"),
        (["--html", "no/report.html"], "there is no folder 'no'"),
        (["--jobs", "0"], "n_jobs"),
    ],
)
def test_places_that_cannot_be_are_refused_before_the_work(options, said, monkeypatch):
    monkeypatch.setattr("nestling.studies.run.run", None)
    result = CliRunner().invoke(app, ["power", "study.toml", *options])
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize("command", STUDIES)
def test_without_a_file_it_is_a_usage_error(command):
    assert CliRunner().invoke(app, [command]).exit_code == 2


def test_matplotlib_is_not_needed(monkeypatch, study):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    run("power", "--html", "report.html")
    page = (study.parent / "report.html").read_text(encoding="utf-8")
    assert "Figures need matplotlib" in page


@pytest.mark.parametrize("command", ["power", "recovery"])
def test_the_time_is_told_and_nothing_else_done(command, tmp_path):
    shown = run(command, "--time", "--n-sims", 300, "--store", "kept", "-o", "table.csv")
    assert shown.startswith("300 replicates take about ")
    assert "responses to one design, drawn as sums" in shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.toml"]


def test_a_search_is_kept_and_goes_on(tmp_path):
    first = run("search", "--store", "designs")
    assert len(list((tmp_path / "designs").iterdir())) > 1
    assert run("search", "--store", "designs") == first
