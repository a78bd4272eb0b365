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
def test_runner_writes_a_table_and_a_plot(tmp_path, capsys):
    from benchmarks.__main__ import main

    chosen = ["--problems", "penicillin", "--engines", "nestling", "--repeats", "1"]
    (outcome,) = main([*chosen, "--output", str(tmp_path)])
    (timing,) = outcome.timings
    assert len(timing.seconds) == 1, timing.note
    assert "| penicillin | 144 | nestling |" in (tmp_path / "times.md").read_text()
    assert "penicillin" in capsys.readouterr().out
    assert (tmp_path / "times.png").stat().st_size > 0


@pytest.mark.usefixtures("benchmarks")
def test_an_unknown_problem_is_refused_with_the_names():
    from benchmarks.__main__ import main

    with pytest.raises(SystemExit, match="No problem is called 'm9'"):
        main(["--problems", "m9"])
