"""mixedlm: https://pypi.org/project/mixedlm/ (lme4's interface, Rust parts)."""

from typing import Any

from benchmarks.engines import each, installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("mixedlm")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer."""
    import mixedlm

    data = job.frame()
    if job.task == "refit":
        fit, Y = mixedlm.lmer(job.formula, data), job.new_responses()
        return lambda: each(fit.refit, Y, job.budget), _refits
    return lambda: mixedlm.lmer(job.formula, data), _answer


def _answer(fit: Any) -> dict[str, Any]:
    return {"criterion": float(fit.REMLcrit()), "beta": [float(b) for b in fit.beta]}


def _refits(many: list[Any]) -> dict[str, Any]:
    return {**_answer(many[0]), "done": len(many)}
