"""A study on a real cluster of two worker processes: the same result, also when one is killed."""

import os

import numpy as np
import pytest
from joblib import parallel_config

import nestling as nl
from nestling.studies.run import run
from nestling.studies.workers import workers_of
from same_replicates import same
from toy_engine import Kept, Toy, Where

distributed = pytest.importorskip("dask.distributed")

TRUTH = nl.Population(
    "y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.4}, {"g": 0.5}, 1, {"x": nl.normal(0, 1)}
)
DESIGN = nl.nested(g=8, id=4)

# The cluster's own threads and sockets close when they like, after a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore::UserWarning:distributed"),
    pytest.mark.filterwarnings("ignore::UserWarning:dask"),
]


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made,
        distributed.Client(made),
    ):
        yield made


def test_a_study_on_a_cluster_is_the_study(cluster):
    alone = nl.power(TRUTH, DESIGN, 1100, seed=1)
    with parallel_config(backend="dask"):
        there = nl.power(TRUTH, DESIGN, 1100, seed=1)
    assert np.array_equal(alone.replicates.fixed, there.replicates.fixed)
    assert np.array_equal(
        alone.replicates.df["satterthwaite"], there.replicates.df["satterthwaite"]
    )
    assert alone.table.equals(there.table)


def test_without_a_number_all_of_the_cluster_is_used(cluster):
    with parallel_config(backend="dask"):
        assert workers_of(None) == 2
        there = run(Where(), 80)
    processes = set(there.fixed[:, 0].astype(int))
    assert os.getpid() not in processes
    assert 1 <= len(processes) <= 2


@pytest.mark.parametrize("name", ["study", "study.duckdb"])
def test_a_cluster_does_not_see_the_store(cluster, tmp_path, name):
    alone = nl.power(TRUTH, DESIGN, 600, seed=1)
    with parallel_config(backend="dask"):
        there = nl.power(TRUTH, DESIGN, 600, seed=1, store=tmp_path / name)
    again = nl.power(TRUTH, DESIGN, 600, store=tmp_path / name)
    same(there.replicates, alone.replicates)
    same(again.replicates, alone.replicates)


def test_a_killed_worker_of_a_cluster_changes_nothing(cluster, tmp_path):
    store = Kept()
    with parallel_config(backend="dask"):
        found = run(Toy(kill=tmp_path / "killed"), 40, store=store)
    assert len(store.parts) == 10
    assert (tmp_path / "killed").exists()
    assert found.index.tolist() == list(range(40))
    assert found.fixed[:, 0].tolist() == list(range(40))
