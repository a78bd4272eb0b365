"""statsmodels' MixedLM: one grouping factor."""

from typing import Any

from benchmarks.engines import bars, installed
from benchmarks.job import Job


def version() -> str | None:
    """Return the installed version."""
    return installed("statsmodels")


def start(job: Job) -> tuple[Any, Any]:
    """Return the call and how to read its answer."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    data = job.frame()
    ((group, names),) = bars(job)
    fixed, random = _formulas(names)
    if job.task == "matrices":
        model = MixedLM.from_formula(fixed, data, re_formula=random, groups=group)
        y, X, g, Z = model.endog, model.exog, model.groups, model.exog_re
        return lambda: MixedLM(y, X, groups=g, exog_re=Z).fit(reml=True), _answer
    return (
        lambda: MixedLM.from_formula(fixed, data, re_formula=random, groups=group).fit(reml=True),
        _answer,
    )


def _formulas(names: list[str]) -> tuple[str, str]:
    return "y ~ " + " + ".join(["1", *names]), "~ " + " + ".join(["1", *names])


def _answer(fit: Any) -> dict[str, Any]:
    return {"beta": [float(b) for b in fit.fe_params]}
