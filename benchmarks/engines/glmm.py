"""glmm: https://pypi.org/project/glmm/ (Rust engine)."""

from typing import Any

from benchmarks.engines import each, installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("glmm")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer.

    Satterthwaite degrees of freedom are left out: the other engines do not compute them either.
    """
    import glmm

    def fit(data: Any) -> Any:
        return glmm.fit(data, job.formula, satterthwaite=False)

    if job.task == "refit":
        arrays, Y = job.arrays(), job.new_responses()
        return lambda: each(lambda y: fit({**arrays, "y": y}), Y, job.budget), _refits
    data = job.arrays() if job.task == "first" else job.frame()
    return lambda: fit(data), _answer


def _answer(fit: Any) -> dict[str, Any]:
    return {"criterion": -2 * float(fit.loglik), "beta": [float(b) for b in fit.beta]}


def _refits(many: list[Any]) -> dict[str, Any]:
    return {**_answer(many[0]), "done": len(many)}
