"""The time of a study: how replicates are made, and the arithmetic of a clock."""

from itertools import count

import pytest

import nestling as nl
from nestling.studies import study_time as module
from nestling.studies.study_time import StudyTime, duration

ROWS = "rows, simulated and fitted one replicate at a time"
STACKED = "rows of many replicates, fitted together"
CELLS = "cells of rows, drawn as sums and fitted together"
SHARED = "responses to one design, drawn as sums and fitted together"

TRUTH = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
                      {"X": nl.normal(0, 1)})  # fmt: skip
DESIGN = nl.nested(g=10, i=20)
CASES = {
    "fixed predictors": (TRUTH, DESIGN, {"predictors": "fixed"}, SHARED),
    "redrawn predictors": (TRUTH, DESIGN, {}, CELLS),
    "few rows in a cell": (TRUTH, nl.nested(g=10, i=4), {}, STACKED),
    "a departure": (TRUTH.replace(departures=nl.ar1(0.3, by="g")), DESIGN, {}, ROWS),
    "Kenward-Roger": (TRUTH, DESIGN, {"test": "kenward-roger"}, CELLS),
    "a crossed factor": (
        nl.Population("y ~ 1 + (1 | s) + (1 | w)", {"(Intercept)": 0}, {"s": 1, "w": 1}, 1),
        nl.crossed(s=5, w=5), {}, ROWS,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("truth", "design", "options", "how"), CASES.values(), ids=CASES)
def test_it_says_how_replicates_are_made(truth, design, options, how, monkeypatch):
    monkeypatch.setattr(module, "LONG", 0.0)
    found = nl.study_time(truth, design, 500, **options)
    assert found.how == (how,)
    assert found.n_sims == 500
    assert how in str(found)


def test_several_models_take_their_times_together(monkeypatch):
    ticks = count()
    monkeypatch.setattr(module, "perf_counter", lambda: float(next(ticks)))
    models = {"one": "y ~ X + (1 | g)", "two": "y ~ 1 + (1 | g)"}
    found = nl.study_time(TRUTH, DESIGN, 100, formula=models, n_jobs=2)
    # by this clock everything takes a second, and one replicate is long enough
    assert (found.preparation, found.per_replicate, found.processes) == (2.0, 2.0, 2)
    assert found.seconds == 2.0 + 100 * 2.0 / 2
    assert found.how == (STACKED, STACKED)


def test_replicates_are_added_until_they_take_long_enough(monkeypatch):
    class Engine:
        at_once, how, made = 100, ROWS, []

        def chunk(self, indices):
            self.made.append(len(indices))

    clock = iter([0.0, 0.01, 1.0, 1.04, 2.0, 2.16, 3.0, 3.64])
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    assert module._per_replicate(Engine(), 1000) == pytest.approx(0.01)
    assert Engine.made == [1, 4, 16, 64]


def test_text():
    shown = str(StudyTime(10_000, (CELLS, CELLS), 0.1, 0.0012, 4))
    assert shown == (
        f"10,000 replicates take about 3.1 s in 4 processes.\nA replicate takes 1.2 ms: {CELLS}."
    )
    assert "in one process" in str(StudyTime(10, (ROWS,), 0.0, 0.1, 1))


@pytest.mark.parametrize("seconds", [10.0**k for k in range(-9, 7)])
def test_durations_are_read_back(seconds):
    number, _, unit = duration(seconds).partition(" ")
    size = {"hours": 3600, "minutes": 60, "s": 1, "ms": 1e-3, "microseconds": 1e-6}.get(unit)
    if size is None:
        assert seconds < 1e-6
    else:
        # two digits
        assert float(number) * size == pytest.approx(seconds, rel=0.06)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"n_sims": 1}, "n_sims"), ({"n_jobs": 0}, "n_jobs"), ({"test": "T"}, "test"),
     ({"design": 3}, "design"), ({"hypotheses": {}}, "hypotheses"), ({"formula": {}}, "formula")],
)  # fmt: skip
def test_bad_arguments(change, says):
    with pytest.raises(nl.errors.NestlingError, match=says):
        nl.study_time(**{"truth": TRUTH, "design": DESIGN, **change})
