"""The benchmark runner runs; no time is asserted."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    yield
    for name in [n for n in sys.modules if n.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.mark.usefixtures("benchmarks")
def test_runner_writes_a_table(tmp_path, capsys):
    from benchmarks.__main__ import main

    chosen = ["--problems", "m2-first", "--engines", "nestling", "--repeats", "1", "--no-plot"]
    (outcome,) = main([*chosen, "--output", str(tmp_path)])
    (timing,) = outcome.timings
    assert len(timing.seconds) == 1, timing.note
    assert "| m2-first | 1,000 | nestling |" in (tmp_path / "times.md").read_text()
    assert "m2-first" in capsys.readouterr().out
    assert not (tmp_path / "times.png").exists()


@pytest.mark.usefixtures("benchmarks")
def test_plot(tmp_path):
    from benchmarks.plot import plot
    from benchmarks.problems import PROBLEMS
    from benchmarks.runner import Outcome, Timing

    outcomes = [
        Outcome(PROBLEMS[f"rows-1e{k}"], 10**k, 10**k * 24, [Timing("nestling", [10.0 ** (k - 6)])])
        for k in (3, 4)
    ]
    plot(outcomes, 1e10, tmp_path / "times.png")
    assert (tmp_path / "times.png").stat().st_size > 0


@pytest.mark.usefixtures("benchmarks")
def test_a_problem_without_its_data_is_left_out(monkeypatch, tmp_path):
    from benchmarks import __main__ as runner

    monkeypatch.setattr(runner.lme4, "version", lambda: None)
    given = ["--problems", "insteval-real", "--no-plot", "--output", str(tmp_path)]
    assert runner.main(given) == []
    assert "- left out, without lme4's data: insteval-real" in (tmp_path / "times.md").read_text()


@pytest.mark.usefixtures("benchmarks")
def test_an_unknown_problem_is_refused_with_the_names():
    from benchmarks.__main__ import main

    with pytest.raises(SystemExit, match="No problem is called 'm9'"):
        main(["--problems", "m9"])
