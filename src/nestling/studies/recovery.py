"""`recovery`: whether the fit gives back what was put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.results.compare import named_values
from nestling.results.drawn import Drawn
from nestling.results.lmer_fit import LmerFit
from nestling.studies.engines import engine_of
from nestling.studies.monte_carlo import (
    columns_mean,
    columns_sd,
    critical,
    shares,
    worst_share_error,
)
from nestling.studies.plan import Plan, Test, error_wanted, make_plan, share, sims
from nestling.studies.profile_coverage import profile_coverage
from nestling.studies.replay import replay
from nestling.studies.replicates import Names, Replicates
from nestling.studies.run import run
from nestling.studies.store import open_store, stored_seed
from nestling.studies.study_text import html_of, lines_of
from nestling.studies.summary import Summarised
from nestling.studies.surprise import Surprise, surprise
from nestling.studies.variances import variance_names, variances

if TYPE_CHECKING:
    import pandas as pd

ZERO = 1e-4
"""Estimated SDs below this share of sigma, and correlations as close to one, are at the edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Recovery(Summarised):
    """How well estimates recover the true values.

    Attributes
    ----------
    plan : Plan
    names : Names
    replicates : Replicates
    level : float
        Of the intervals whose coverage is counted.
    """

    plan: Plan
    names: Names
    replicates: Replicates
    level: float

    plot = Drawn("nestling.plots.study_recovery:RecoveryPlot")

    @property
    def table(self) -> pd.DataFrame:
        """One row per parameter and, for fixed effects, test; then variances and ICCs.

        `truth`, `mean`, `bias`, `relative_bias`, `emp_se`, `model_se`, `rmse`, `coverage` and
        `at_zero` (share of replicates with the estimate on the boundary), each performance
        measure with its Monte-Carlo standard error `mcse_...`.
        """
        return _table(self)

    def replay(self, index: int) -> tuple[pd.DataFrame, LmerFit]:
        """Return data and fit of one replicate.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 1)
        >>> study = nl.recovery(truth, nl.nested(g=10, id=5), n_sims=10, seed=1)
        >>> data, fit = study.replay(7)
        >>> fit.nobs
        50
        """
        return replay(self.plan, self.replicates, index)

    def profile_coverage(
        self, n_sims: int | None = None, *, n_jobs: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """Count how often profile likelihood intervals hold the true values.

        Parameters
        ----------
        n_sims : int, optional
            The first so many replicates; all of them when absent. Each is made again with its
            rows and profiled, which takes some ten milliseconds.
        n_jobs : int, optional
            Processes, as in `nl.recovery`.
        progress : bool, optional
            Show a progress bar; by default in a terminal, after a second.

        Returns
        -------
        DataFrame
            Per parameter, SDs and correlations included: `coverage` with its Monte-Carlo standard
            error, the shares of replicates with the truth below and above the interval, mean
            `width`, and `n`, the replicates with both limits.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 1)
        >>> study = nl.recovery(truth, nl.nested(g=20, id=5), n_sims=40, seed=1)
        >>> study.profile_coverage(20).index.tolist()
        ['sd_(Intercept)|g', 'sigma', '(Intercept)']
        """
        return profile_coverage(
            self.plan, self.names, self.replicates, self.level, n_sims, n_jobs, progress
        )

    def surprise(self, data: Any) -> Surprise:
        """Return where the estimates of one data set stand among the replicates'.

        Parameters
        ----------
        data : DataFrame or LmerFit
            Fitted with the study's model when it is no fit.

        Returns
        -------
        Surprise
            Its `table` has per parameter the share of replicates below and a two-sided
            Monte-Carlo p value, in which the data set counts as one of the replicates.

        Raises
        ------
        ArgumentError
            When the fit is of another model.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 1)
        >>> design = nl.nested(g=10, id=5)
        >>> study = nl.recovery(truth, design, n_sims=99, seed=1)
        >>> far = truth.replace(fixed={"(Intercept)": 9}).simulate(design, seed=2)
        >>> float(study.surprise(far).table.loc["(Intercept)", "p"])
        0.02
        """
        return surprise(self.plan, self.names, self.replicates, data)

    def __str__(self) -> str:
        """Return the table with what the study was."""
        return "\n".join(lines_of("Recovery", self.plan, self.replicates, self.table))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of("Recovery", self.plan, self.replicates, self.table)


def recovery(
    truth: Any,
    design: Any,
    n_sims: int = 1000,
    *,
    formula: Any = None,
    reml: bool = True,
    test: Any = "satterthwaite",
    level: float = 0.95,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    store: Any = None,
    mcse: float | None = None,
) -> Recovery:
    """Simulate a study many times and compare estimates with the truth.

    Parameters
    ----------
    truth : Population
    design : Design
    n_sims : int
        Replicates.
    formula : str or Equations, optional
        The model that is fitted, when it is not the truth's.
    reml : bool
        REML (default) or maximum likelihood.
    test : {"z", "satterthwaite", "kenward-roger"} or list of them
        Degrees of freedom of the intervals of fixed effects.
    level : float
        Confidence level of those intervals.
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
        A folder or DuckDB file to which finished replicates are written as they come, as in
        `nl.power`, which can use the same replicates.
    mcse : float, optional
        Stop before `n_sims` when the Monte-Carlo standard errors of all coverages are at most
        this.

    Returns
    -------
    Recovery
        Its `table` has bias, empirical and model standard error, RMSE, coverage and their
        Monte-Carlo standard errors.

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
    Measures and their Monte-Carlo errors are those of Morris, White and Crowther (2019).
    Replicates that fail have no estimates and are left out, with their number reported.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 1}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> study = nl.recovery(truth, nl.nested(g=20, id=10), n_sims=40, seed=1)
    >>> study.table.index.tolist()
    ['(Intercept)', 'X', 'sd_(Intercept)|g', 'sigma', 'var_(Intercept)|g', 'sigma^2', 'icc_g']
    """
    plan = make_plan(
        truth,
        design,
        formula=formula,
        reml=reml,
        test=test,
        predictors=predictors,
        seed=stored_seed(store, seed),
    )
    n_sims, level, wanted = sims(n_sims), share(level, "level"), error_wanted(mcse)
    engine, names = engine_of(plan)

    def error(replicates: Replicates) -> float:
        return _coverage_error(Recovery(plan, names, replicates, level))

    with open_store(store, plan, names, engine.at_once) as kept:
        replicates = run(
            engine,
            n_sims,
            n_jobs=n_jobs,
            progress=progress,
            store=kept,
            error=None if wanted is None else error,
            mcse=wanted or 0.0,
        )
    return Recovery(plan, names, replicates, level)


def covered(study: Recovery, test: Test) -> tuple[BoolArray, BoolArray]:
    """Return which intervals hold the true value, and which are known, (R, p)."""
    replicates = study.replicates
    true = study.plan.true_beta(study.names.fixed)
    half = critical(study.level, replicates.df[test]) * replicates.se[test]
    inside = np.abs(replicates.fixed - true) <= half
    return inside, np.isfinite(half) & np.isfinite(true)


def _coverage_error(study: Recovery) -> float:
    """Return the largest Monte-Carlo standard error of a coverage."""
    worst = 0.0
    for test in study.plan.tests:
        hits, n, _ = shares(*covered(study, test))
        worst = max(worst, worst_share_error(hits, n))
    return worst


def _table(study: Recovery) -> pd.DataFrame:
    import pandas as pd

    plan, replicates, names = study.plan, study.replicates, study.names
    several = len(plan.tests) > 1
    true = plan.true_beta(names.fixed)
    parts = []
    for test in plan.tests:
        part = performance(replicates.fixed, true)
        se = replicates.se[test]
        part |= _model_error(se, part["emp_se"]) | _coverage(*covered(study, test))
        frame = pd.DataFrame(part, index=list(names.fixed))
        if several:
            frame.insert(0, "test", test)
        parts.append(frame)
    known = named_values(plan.truth.parameters) if plan.same_scale else {}
    target = np.array([known.get(name, np.nan) for name in names.spreads])
    spreads = pd.DataFrame(performance(replicates.spreads, target), index=list(names.spreads))
    spreads["at_zero"] = _at_edge(replicates.spreads, names.spreads)
    derived = pd.DataFrame(
        performance(
            variances(replicates.spreads, names.spreads),
            variances(target[None], names.spreads)[0],
        ),
        index=list(variance_names(names.spreads)),
    )
    return pd.concat([*parts, spreads, derived]).rename_axis("effect")


def performance(values: FloatArray, truth: FloatArray) -> dict[str, FloatArray]:
    """Return bias, empirical SE and RMSE of estimates (R, P), each with its MCSE."""
    n = np.isfinite(values).sum(axis=0).astype(float)
    error = values - truth
    squares = error**2
    with np.errstate(invalid="ignore", divide="ignore"):
        sd, mean = columns_sd(values), columns_mean(values)
        rmse = np.sqrt(columns_mean(squares))
        return {
            "truth": truth,
            "mean": mean,
            "bias": mean - truth,
            "mcse_bias": sd / np.sqrt(n),
            "relative_bias": (mean - truth) / np.where(truth == 0.0, np.nan, truth),
            "emp_se": sd,
            "mcse_emp_se": sd / np.sqrt(2.0 * (n - 1.0)),
            "rmse": rmse,
            # the delta method on the mean square
            "mcse_rmse": columns_sd(squares) / np.sqrt(n) / (2.0 * rmse),
        }


def _model_error(se: FloatArray, empirical: FloatArray) -> dict[str, FloatArray]:
    """Return the root mean square of the model's standard errors, with its MCSE."""
    n = np.isfinite(se).sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        model = np.sqrt(columns_mean(se**2))
        return {
            "model_se": model,
            "mcse_model_se": columns_sd(se**2) / np.sqrt(4.0 * n * model**2),
            "relative_se": model / empirical - 1.0,
        }


def _coverage(inside: BoolArray, valid: BoolArray) -> dict[str, FloatArray]:
    n = valid.sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, (inside & valid).sum(axis=0) / n, np.nan)
        return {"coverage": share, "mcse_coverage": np.sqrt(share * (1.0 - share) / n)}


def _at_edge(values: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the share of replicates with each SD at zero or each correlation at one or none."""
    sigma = values[:, names.index("sigma")]
    found = []
    for position, name in enumerate(names):
        column = values[:, position]
        done = np.isfinite(sigma)
        if name.startswith("cor_"):
            with np.errstate(invalid="ignore"):
                edge = ~(np.abs(column) < 1.0 - ZERO)
        else:
            with np.errstate(invalid="ignore"):
                edge = column < ZERO * sigma
        found.append(float(edge[done].mean()) if done.any() else np.nan)
    return np.array(found)
