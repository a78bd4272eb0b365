"""`power`: how often each effect is found, and how often it would be when there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.results.drawn import Drawn
from nestling.results.lmer_fit import LmerFit
from nestling.studies.engines import engine_of
from nestling.studies.monte_carlo import (
    columns_mean,
    critical,
    share_limits,
    shares,
    two_sided,
    worst_share_error,
)
from nestling.studies.plan import Plan, Test, error_wanted, make_plan, share, sims
from nestling.studies.replay import replay
from nestling.studies.replicates import Names, Replicates
from nestling.studies.run import run
from nestling.studies.store import open_store, stored_seed
from nestling.studies.study_text import html_of, lines_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """Power of the tests of all fixed effects.

    Attributes
    ----------
    plan : Plan
    names : Names
    replicates : Replicates
    alpha : float
    level : float
        Of the Monte-Carlo intervals.
    """

    plan: Plan
    names: Names
    replicates: Replicates
    alpha: float
    level: float

    plot = Drawn("nestling.plots.study_power:PowerPlot")

    @property
    def table(self) -> pd.DataFrame:
        """One row per effect and test.

        `effect`, `test`, `truth`, `power` with its exact Monte-Carlo interval `lower` and
        `upper`, `type1` (the rate at which the same test rejects when the effect is zero) with
        `type1_lower` and `type1_upper`, `type_s` (share of the significant estimates that have
        the wrong sign), `type_m` (by how much significant estimates exaggerate on average),
        `mean_estimate`, `width` (mean width of the 1 - alpha interval) and `n`, the replicates
        that could be tested.
        """
        return _table(self)

    def sentence(self, effect: str, test: Test | None = None) -> str:
        """Say one result as a paper would.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
        ...                       predictors={"X": nl.normal(0, 1)})
        >>> study = nl.power(truth, nl.nested(g=20, id=5), n_sims=200, predictors="fixed",
        ...                  test="z", seed=1)
        >>> print(study.sentence("X"))
        With 100 rows (g 20 units, id 100 units, 5 in each g), 200 replicates and z tests, the
        power for X is ...
        """
        from nestling.studies.sentence import sentence

        return sentence(self, effect, test)

    def replay(self, index: int) -> tuple[pd.DataFrame, LmerFit]:
        """Return data and fit of one replicate."""
        return replay(self.plan, self.replicates, index)

    def __str__(self) -> str:
        """Return the table with what the study was."""
        return "\n".join(lines_of("Power", self.plan, self.replicates, self._shown))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of("Power", self.plan, self.replicates, self._shown)

    @property
    def _shown(self) -> pd.DataFrame:
        table = self.table
        return table.set_index("effect").drop(columns=["type1_lower", "type1_upper"])


def power(
    truth: Any,
    design: Any,
    n_sims: int = 1000,
    *,
    alpha: float = 0.05,
    test: Any = "satterthwaite",
    formula: Any = None,
    reml: bool = True,
    level: float = 0.95,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int = 1,
    progress: bool | None = None,
    store: Any = None,
    mcse: float | None = None,
) -> Power:
    """Simulate a study many times and count how often each effect is found.

    Parameters
    ----------
    truth : Population
    design : Design
    n_sims : int
        Replicates.
    alpha : float
        Level of the two-sided tests.
    test : {"z", "satterthwaite", "kenward-roger"} or list of them
        Side by side from the same replicates.
    formula : str or Equations, optional
        The model that is fitted, when it is not the truth's.
    reml : bool
        REML (default) or maximum likelihood.
    level : float
        Of the Monte-Carlo intervals (Clopper and Pearson).
    predictors : {"redrawn", "fixed"}
        Draw the predictors anew in every replicate, or once for all: then no rows are needed
        and thousands of replicates take a second.
    seed : int, SeedSequence, optional
        One seed, one result, for any number of jobs.
    n_jobs : int
        Processes; -1 for one per processor.
    progress : bool, optional
        Show a progress bar; by default in a terminal, after a second.
    store : path, optional
        A folder to which finished replicates are written as they come. The same call finds them
        there: a study that was stopped at any moment goes on, and ends as if it had not been. A
        name ending in .parquet makes a folder of Parquet files (needs pyarrow), which pandas,
        polars, DuckDB and R's arrow read as one table.
    mcse : float, optional
        Stop before `n_sims` when the Monte-Carlo standard errors of all powers and type-I rates
        are at most this.

    Returns
    -------
    Power
        Its `table` has power, type-I rate, type S and type M errors of every effect.

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
    is not comparable.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> study = nl.power(truth, nl.nested(g=20, id=5), n_sims=40, seed=1)
    >>> study.table["effect"].tolist()
    ['(Intercept)', 'X']
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
    n_sims, alpha, level = sims(n_sims), share(alpha, "alpha"), share(level, "level")
    wanted = error_wanted(mcse)
    engine, names = engine_of(plan)

    def error(replicates: Replicates) -> float:
        return _share_error(Power(plan, names, replicates, alpha, level))

    replicates = run(
        engine,
        n_sims,
        n_jobs=n_jobs,
        progress=progress,
        store=open_store(store, plan, names),
        error=None if wanted is None else error,
        mcse=wanted or 0.0,
    )
    return Power(plan, names, replicates, alpha, level)


def _share_error(study: Power) -> float:
    """Return the largest Monte-Carlo standard error of a power or a type-I rate."""
    worst = 0.0
    for test in study.plan.tests:
        columns = _columns(study, test)
        n = columns["n"].astype(float)
        for name in ("power", "type1"):
            known = np.isfinite(columns[name])
            hits = np.where(known, columns[name] * n, 0.0)
            worst = max(worst, worst_share_error(hits, np.where(known, n, 0.0)))
    return worst


def _table(study: Power) -> pd.DataFrame:
    import pandas as pd

    parts = [
        pd.DataFrame({"effect": list(study.names.fixed), "test": test} | _columns(study, test))
        for test in study.plan.tests
    ]
    return pd.concat(parts, ignore_index=True)


def _columns(study: Power, test: Test) -> dict[str, FloatArray]:
    """Return the columns of one test, (p,) each."""
    replicates, alpha = study.replicates, study.alpha
    estimate, se, df = replicates.fixed, replicates.se[test], replicates.df[test]
    truth = study.plan.true_beta(study.names.fixed)
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = two_sided(estimate / se, df)
        p_null = two_sided((estimate - truth) / se, df)
    valid = np.isfinite(p_value)
    found = valid & (p_value < alpha)
    k, n, rate = shares(found, valid)
    lower, upper = share_limits(k, n, study.level)
    known = valid & np.isfinite(truth)
    k0, n0, rate0 = shares(p_null < alpha, known)
    lower0, upper0 = share_limits(k0, n0, study.level)
    significant = np.where(found, estimate, np.nan)
    nonzero = np.isfinite(truth) & (truth != 0.0)
    _, hits, wrong_share = shares(significant * np.sign(truth) < 0.0, found)
    with np.errstate(invalid="ignore", divide="ignore"):
        exaggeration = columns_mean(np.abs(significant)) / np.abs(truth)
    width = 2.0 * columns_mean(critical(1.0 - alpha, df) * se)
    return {
        "truth": truth,
        "power": rate,
        "lower": lower,
        "upper": upper,
        "type1": rate0,
        "type1_lower": lower0,
        "type1_upper": upper0,
        "type_s": np.where(nonzero & (hits > 0), wrong_share, np.nan),
        "type_m": np.where(nonzero & (hits > 0), exaggeration, np.nan),
        "mean_estimate": columns_mean(estimate),
        "width": width,
        "n": n.astype(int),
    }
