"""Who works: any number of jobs and any backend give the same bits; only the parent stores."""

import subprocess
import sys
from dataclasses import dataclass
from threading import Event, get_ident

import numpy as np
import pytest
from joblib import cpu_count, parallel_config, register_parallel_backend
from joblib.parallel import ThreadingBackend

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.studies.run import run
from nestling.studies.workers import workers_of
from same_replicates import same
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


class Lists(ThreadingBackend):
    """Like Ray's: gives results back all together."""

    supports_return_generator = False


register_parallel_backend("lists", Lists)


@dataclass
class Waiting(Toy):
    """Makes the chunk of one replicate when something has happened."""

    of: int = 0
    wait: Event | None = None

    def chunk(self, indices):
        if self.of in indices and not self.wait.wait(60):
            raise AssertionError("it did not happen")
        return super().chunk(indices)


@pytest.mark.parametrize(
    ("n_jobs", "config", "expected"),
    [
        (None, {}, 1),
        (None, {"backend": "threading", "n_jobs": 3}, 3),
        (None, {"backend": "lists", "n_jobs": 2}, 2),
        (None, {"n_jobs": 2}, 2),
        (1, {"backend": "threading", "n_jobs": 3}, 1),
        (np.int64(2), {}, 2),
        (-1, {}, cpu_count()),
        (-2, {}, max(cpu_count() - 1, 1)),
        (2, {"backend": "threading", "n_jobs": 3}, 2),
    ],
)
def test_number_of_workers(n_jobs, config, expected):
    with parallel_config(**config):
        assert workers_of(n_jobs) == expected


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True, np.float64(2)], ids=str)
def test_numbers_of_jobs_that_are_none(n_jobs):
    with pytest.raises((ArgumentError, ArgumentTypeError), match=r"n_jobs=.*expected"):
        nl.power(TRUTH, DESIGN, 4, seed=1, n_jobs=n_jobs)


def test_plain_studies_leave_joblib_alone():
    code = """
import sys
import nestling as nl
truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 1)
nl.recovery(truth, nl.nested(g=10, id=5), n_sims=10, seed=1)
sys.exit("joblib" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(scope="module")
def alone():
    return nl.power(TRUTH, DESIGN, 100, seed=1, n_jobs=1).replicates


@pytest.mark.parametrize("backend", ["threading", "lists"])
@pytest.mark.parametrize("n_jobs", [2, 5])
def test_backends_give_the_same_bits(alone, backend, n_jobs):
    with parallel_config(backend=backend, n_jobs=n_jobs):
        same(nl.power(TRUTH, DESIGN, 100, seed=1).replicates, alone)


def test_profiles_too():
    study = nl.recovery(TRUTH, DESIGN, 4, seed=1)
    with parallel_config(backend="lists", n_jobs=2):
        there = study.profile_coverage()
    assert study.profile_coverage().equals(there)


@pytest.mark.parametrize("backend", ["threading", "lists"])
def test_the_caller_alone_has_the_store(backend):
    store = Kept()
    with parallel_config(backend=backend, n_jobs=2):
        found = run(Toy(), 50, store=store)
        again = run(Toy(), 50, store=store)
    same(found, again)
    assert found.fixed[:, 0].tolist() == list(range(50))
    assert store.threads == {get_ident()}
    assert len(store.parts) == 13


def test_what_arrives_early_is_stored_at_once():
    store = Kept()
    with parallel_config(backend="threading", n_jobs=2):
        found = run(Waiting(of=0, wait=store.written), 16, store=store)
    assert next(iter(store.parts)) != range(4)
    assert found.index.tolist() == list(range(16))


def test_what_is_stored_in_between_is_not_made_again():
    store = Kept()
    run(Toy(), 40, store=store)
    first, third = store.parts.pop(range(4)), store.parts.pop(range(8, 12))
    with parallel_config(backend="threading", n_jobs=2):
        found = run(Toy(interrupt_at=20), 40, store=store)
    assert found.index.tolist() == list(range(40))
    same(store.parts[range(4)], first)
    same(store.parts[range(8, 12)], third)


@pytest.mark.parametrize("backend", ["threading", "lists"])
def test_a_stop_rule_ends_the_work(backend):
    looks = []

    def error(replicates):
        looks.append(len(replicates))
        return 0.0 if len(replicates) > 20 else 1.0

    with parallel_config(backend=backend, n_jobs=2):
        found = run(Toy(), 40_000, error=error, mcse=0.5)
    assert found.index.tolist() == list(range(looks[-1]))
    assert looks == [4, 8, 12, 16, 20, 24]


def test_an_interrupt_keeps_what_is_there():
    store = Kept(interrupt_at=3)
    with parallel_config(backend="threading", n_jobs=2):
        found = run(Waiting(of=12, wait=store.full), 400, store=store)
    assert "interrupted after" in found.note
    assert found.index.tolist() == list(range(len(found)))
    assert len(store.parts) == 3


def test_an_interrupt_between_lists_keeps_what_is_there():
    store = Kept(interrupt_at=3)
    with parallel_config(backend="lists", n_jobs=2):
        found = run(Toy(), 400, store=store)
    assert found.index.tolist() == list(range(12))
