"""GPBoost's GPModel: random intercepts, by maximum likelihood (it has no REML)."""

from typing import Any

import numpy as np

from benchmarks.engines import bars, installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("gpboost")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer."""
    import gpboost

    data = job.arrays()
    groups = np.column_stack([data[group] for group, _ in bars(job)])
    X = np.ones((job.n, 1))

    def fit() -> Any:
        model = gpboost.GPModel(group_data=groups, likelihood="gaussian", num_parallel_threads=1)
        return model.fit(y=data["y"], X=X)

    return fit, _answer


def _answer(model: Any) -> dict[str, Any]:
    return {"beta": [float(b) for b in np.ravel(model.get_coef(format_pandas=False))[:1]]}
