"""Running: interrupts, stop rules, processes that die."""

from dataclasses import dataclass

import numpy as np
import pytest

import nestling as nl
from nestling.studies.power import power
from nestling.studies.recovery import recovery
from nestling.studies.replicates import Names, failed
from nestling.studies.run import run
from toy_engine import Kept, Toy

TRUTH = nl.Population(
    "y ~ x + (1 | g)",
    {"(Intercept)": 1, "x": 0.4},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1), "nothing": nl.constant(0)},
    offset="nothing",  # keeps replicates apart: they go by rows, 16 in a chunk
)
DESIGN = nl.nested(g=8, id=4)
NAMES = Names(("x",), ("sigma",))


def test_an_interrupt_returns_what_is_there():
    found = run(Toy(interrupt_at=9), 20)
    assert found.index.tolist() == list(range(8))
    assert "interrupted after 8 of 20" in found.note


def test_an_interrupt_before_anything_is_one():
    with pytest.raises(KeyboardInterrupt):
        run(Toy(interrupt_at=0), 20)


def test_the_text_says_that_a_study_was_interrupted(monkeypatch):
    from nestling.studies.by_rows import ByRows

    whole = ByRows.chunk

    def stopped(self, indices):
        if 20 in indices:
            raise KeyboardInterrupt
        return whole(self, indices)

    monkeypatch.setattr(ByRows, "chunk", stopped)
    study = power(TRUTH, DESIGN, 40, seed=1)
    assert "interrupted after 16 of 40 replicates" in str(study)


def test_a_killed_worker_changes_nothing(tmp_path):
    store = Kept()
    found = run(Toy(kill=tmp_path / "killed"), 24, n_jobs=2, store=store)
    assert (tmp_path / "killed").exists()
    assert found.index.tolist() == list(range(24))
    assert found.fixed[:, 0].tolist() == list(range(24))
    assert len(store.parts) == 6


def test_all_failures_stop_the_study():
    @dataclass
    class Hopeless:
        at_once: int = 16

        def chunk(self, indices):
            from nestling.studies.replicates import joined

            return joined([failed(i, NAMES, ("z",), "fit", "no rows.") for i in indices])

    with pytest.raises(nl.errors.ModelError, match="first 64 replicates failed"):
        run(Hopeless(), 1000)


def test_the_stop_rule_counts_replicates_not_time():
    alone = power(TRUTH, DESIGN, 2000, seed=1, mcse=0.07)
    together = power(TRUTH, DESIGN, 2000, seed=1, mcse=0.07, n_jobs=2)
    n = len(alone.replicates)
    assert n < 200
    assert np.array_equal(alone.replicates.fixed, together.replicates.fixed)
    assert "stopped at a Monte-Carlo standard error of 0.07" in str(alone)
    table = alone.table
    errors = np.sqrt(table["power"] * (1 - table["power"]) / n)
    assert errors.max() < 0.07 * 1.05


def test_a_stop_rule_that_is_not_reached_says_so():
    study = recovery(TRUTH, DESIGN, 40, seed=1, mcse=0.001)
    assert len(study.replicates) == 40
    assert "still 0.0" in str(study)


def test_recovery_stops_by_coverage():
    study = recovery(TRUTH, DESIGN, 20_000, seed=1, mcse=0.005, predictors="fixed")
    assert 1024 <= len(study.replicates) < 4000
    assert study.table["mcse_coverage"].max() < 0.0055


@pytest.mark.parametrize("mcse", [0, -1, "small", True])
def test_bad_stop_rules_are_refused(mcse):
    with pytest.raises(nl.errors.ArgumentError, match="mcse"):
        power(TRUTH, DESIGN, 10, mcse=mcse)
