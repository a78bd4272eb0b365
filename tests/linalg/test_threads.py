"""BLAS is held to one thread inside, and let go outside."""

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from builders import MODELS, STRUCTURES, pose_model, theta_at
from nestling.fit.criterion import evaluate
from nestling.linalg import threads
from nestling.linalg.threads import one_blas_thread


def _threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.mark.parametrize("scipy", [False, True])
@pytest.mark.parametrize(("order", "inside"), [(500, {1}), (10, {2})])
def test_threads(order, inside, scipy):
    import scipy.linalg.lapack

    with threadpool_limits(limits=2, user_api="blas"):
        if _threads() != {2}:
            pytest.skip("this BLAS does not take two threads")
        with one_blas_thread(order, scipy=scipy):
            assert _threads() == inside
        assert _threads() == {2}


def test_structures_ask_for_it(monkeypatch):
    orders = []
    monkeypatch.setattr(
        threads, "_controller", lambda *, scipy: orders.append(scipy) or _Controller()
    )
    for structure in ("dense", "crossed"):
        posed = pose_model(MODELS["crossed slopes"], structure=STRUCTURES[structure])
        monkeypatch.setattr(threads, "SHARED", 1)
        evaluate(posed.problem, theta_at(posed, "interior"))
    assert set(orders) == {False, True}


class _Controller:
    def limit(self, *, limits):
        assert limits == 1
        return one_blas_thread(0)
