"""lme-python: https://pypi.org/project/lme-python/ (Rust engine, polars frames)."""

from typing import Any

from benchmarks.engines import each, installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("lme-python")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer."""
    import lme_python
    import polars as pl

    data = pl.DataFrame(job.arrays())
    if job.task == "matrices":
        prepared = lme_python.prepare_lmer(job.formula, data)
        return lambda: lme_python.fit_prepared(prepared, reml=True), _answer
    if job.task == "refit":
        prepared, Y = lme_python.prepare_lmer(job.formula, data), job.new_responses()
        return lambda: each(lambda y: prepared.fit(y=y.tolist()), Y, job.budget), _refits
    return lambda: lme_python.lmer(job.formula, data=data, reml=True), _answer


def _answer(fit: Any) -> dict[str, Any]:
    return {"criterion": float(fit.reml_criterion), "beta": [float(b) for b in fit.coefficients]}


def _refits(many: list[Any]) -> dict[str, Any]:
    return {**_answer(many[0]), "done": len(many)}
