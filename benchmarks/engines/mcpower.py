"""MCPower: https://pypi.org/project/mcpower/ (Rust engine). Power studies only."""

from typing import Any

from benchmarks.engines import installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("mcpower")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer.

    The variances are the problem's over its residual variance of 3: MCPower's residual SD is 1.
    It gives no estimates, and draws predictors anew in every replicate.
    """
    from mcpower import MCPower

    from benchmarks.problems import PROBLEMS

    problem = PROBLEMS[job.name]
    term = problem.population().parameters.terms[0]
    slopes = list(term.names[1:])
    model = MCPower(f"y = X1 + {_bar(slopes)}", family="lme")
    model.set_simulations(job.responses)
    model.set_seed(1)
    variances = term.covariance.diagonal() / 3.0
    more: dict[str, Any] = {}
    if slopes:
        more["random_slopes"] = slopes
        more |= {"slope_variance": float(variances[1]), "slope_intercept_corr": 0.3}
    icc = float(variances[0] / (1 + variances[0]))
    model.set_cluster("g", ICC=icc, n_clusters=20, **more)
    model.set_effects(f"X1={1 / 3**0.5:.6f}")

    def call() -> Any:
        return model.find_power(job.n, n_sims=job.responses, verbose=False, progress_callback=False)

    return call, lambda _: {"beta": [], "done": job.responses}


def _bar(slopes: list[str]) -> str:
    return f"({' + '.join(['1', *slopes])}|g)"
