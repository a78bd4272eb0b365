"""nestling itself."""

from typing import Any

from benchmarks.engines import installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("nestling")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer."""
    import nestling as nl

    if job.task.startswith("power"):
        return _study(job)
    data = job.arrays() if job.task == "first" else job.frame()
    if job.task in {"fit", "first"}:
        return lambda: nl.lmer(job.formula, data), _answer
    fit = nl.lmer(job.formula, data)
    if job.task == "refit":
        Y = job.new_responses()
        return lambda: fit.refit(Y), _refits
    if job.task == "profile":
        return lambda: fit.confint(method="profile"), _limits
    from nestling.results.lmer import fit_matrices

    return lambda: fit_matrices(fit.call, fit.matrices, fit.frame), _answer


def _study(job: Job) -> tuple[Any, Any]:
    """Power of every fixed effect with Satterthwaite tests, and all estimates."""
    import nestling as nl
    from benchmarks.problems import PROBLEMS

    problem = PROBLEMS[job.name]
    truth, design = problem.population(), problem.design()
    drawn = "redrawn" if job.task == "power-redrawn" else "fixed"

    def call() -> Any:
        return nl.power(
            truth, design, job.responses, seed=1, predictors=drawn, n_jobs=1, progress=False
        )

    return call, lambda study: {
        "beta": [],
        "done": len(study.replicates),
    }


def _answer(fit: Any) -> dict[str, Any]:
    return {
        "criterion": float(fit.criterion),
        "beta": fit.fixef.to_list(),
        "evaluations": fit.solution.convergence.evaluations,
    }


def _refits(many: Any) -> dict[str, Any]:
    return {"criterion": float(many.criterion[0]), "beta": list(many.beta[0]), "done": len(many)}


def _limits(table: Any) -> dict[str, Any]:
    return {"beta": [float(table.loc["sigma"].iloc[0]), float(table.loc["sigma"].iloc[1])]}
