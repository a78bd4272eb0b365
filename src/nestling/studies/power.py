"""`power`: how often each effect is found, and how often it would be when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestling.studies.power_models import PowerByModel, power_by_model
from nestling.studies.power_study import Power, one_power

__all__ = ["Power", "PowerByModel", "power"]


def power(
    truth: Any,
    design: Any,
    n_sims: int = 1000,
    *,
    alpha: float = 0.05,
    test: Any = "satterthwaite",
    hypotheses: Any = None,
    variances: Any = False,
    formula: Any = None,
    reml: bool = True,
    level: float = 0.95,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    store: Any = None,
    mcse: float | None = None,
) -> Power | PowerByModel:
    """Simulate a study many times and count how often each effect is found.

    Parameters
    ----------
    truth : Population
    design : Design
    n_sims : int
        Replicates.
    alpha : float
        Level of the two-sided tests.
    test : {"z", "satterthwaite", "kenward-roger", "lrt"} or list of them
        Side by side from the same replicates; "lrt" are likelihood-ratio tests of fits by ML.
    hypotheses : mapping, str or list of str, optional
        Contrasts and joint hypotheses by name, tested beside all fixed effects, in the language
        of `fit.test`: {"difference": "X - Z", "both": ["X", "Z"], "at 2": "X + 2*X:Z"}.
    variances : bool or list of str
        Test random effects too, as `fit.ranova(boundary=True)` does: all that it tests, or those
        that are named as it names them, such as 'X in (1 + X | g)' or the term '(1 + X | g)'.
        Each has replicates of its own in which its variance is zero, for the type-I rate.
    formula : str, Equations or mapping, optional
        The model that is fitted, when it is not the truth's. Several by name,
        {"with slope": "y ~ X + (1 + X | g)", "without": "y ~ X + (1 | g)"}, are fitted to the
        same data.
    reml : bool
        REML (default) or maximum likelihood.
    level : float
        Of the Monte-Carlo intervals (Clopper and Pearson).
    predictors : {"redrawn", "fixed"}
        Draw the predictors anew in every replicate, or once for all: then no rows are needed
        and thousands of replicates take a second.
    seed : int, SeedSequence, optional
        One seed, one result, for any number of jobs.
    n_jobs : int, optional
        Processes; -1 for one per processor, -2 for all but one. By default 1, or what
        `joblib.parallel_config` says where the call is inside it.
    progress : bool, optional
        Show a progress bar; by default in a terminal, after a second.
    store : path, optional
        A folder to which finished replicates are written as they come. The same call finds them
        there: a study that was stopped at any moment goes on, and ends as if it had not been. A
        name ending in .parquet makes a folder of Parquet files (needs pyarrow), which pandas,
        polars, DuckDB and R's arrow read as one table. A name ending in .duckdb (or .db) makes
        one DuckDB file (needs duckdb) with a table `replicates`.
    mcse : float, optional
        Stop before `n_sims` when the Monte-Carlo standard errors of all powers and type-I rates
        are at most this.

    Returns
    -------
    Power
        Its `table` has power, type-I rate, type S and type M errors of every effect. Of several
        models a `PowerByModel`: the same table with a column `model`, and the study of each.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DesignError
        For arguments that cannot be, and a store of other settings.
    DataError
        When the store cannot be read or written.
    ModelError
        When no replicate can be fitted.

    Notes
    -----
    The type-I rate needs no further simulation: adding X beta to a response moves the estimates
    by beta and leaves variances, standard errors and degrees of freedom as they are, so testing
    an effect against its true value rejects exactly as often as testing it against zero when it
    is zero. It says whether the test keeps its promise in this design; where it does not, power
    is not comparable. Likelihood-ratio tests compare with fits whose effects have their true
    values. Only of variances the type-I rate needs data without them, from the same streams.

    `approx` takes variances at their true values with the degrees of freedom of their expected
    information: power by noncentral t and F distributions, averaged over ten designs where
    predictors are redrawn. It checks the simulation and is checked by it.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> study = nl.power(truth, nl.nested(g=20, id=5), n_sims=40, seed=1)
    >>> study.table["effect"].tolist()
    ['(Intercept)', 'X']

    A contrast, the variance of the intercepts and two tests in the same run:

    >>> study = nl.power(truth, nl.nested(g=20, id=5), 40, predictors="fixed", seed=1,
    ...                  test=["satterthwaite", "lrt"], variances=True,
    ...                  hypotheses={"at 2": "(Intercept) + 2*X"})
    >>> study.table.groupby("kind").size().to_dict()
    {'contrast': 2, 'fixed': 4, 'variance': 1}

    Two models fitted to the same data:

    >>> models = {"with g": "y ~ X + (1 | g)", "of means": "y ~ 1 + (1 | g)"}
    >>> study = nl.power(truth, nl.nested(g=20, id=5), 20, formula=models, seed=1)
    >>> study.table["model"].unique().tolist()
    ['with g', 'of means']
    """
    arguments: dict[str, Any] = {
        "alpha": alpha, "test": test, "hypotheses": hypotheses, "variances": variances,
        "reml": reml, "level": level, "predictors": predictors, "seed": seed, "n_jobs": n_jobs,
        "progress": progress, "store": store, "mcse": mcse,
    }  # fmt: skip
    if isinstance(formula, Mapping):
        return power_by_model(truth, design, n_sims, formula, **arguments)
    return one_power(truth, design, n_sims, formula=formula, **arguments)
