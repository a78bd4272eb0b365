"""The record of a power study, and how it is made for one fitted model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.results.drawn import Drawn
from nestling.results.lmer_fit import LmerFit
from nestling.studies.approximation import approximate
from nestling.studies.engines import engine_of
from nestling.studies.monte_carlo import worst_share_error
from nestling.studies.plan import Plan, error_wanted, make_plan, share, sims
from nestling.studies.power_rows import columns_of, rows_tested
from nestling.studies.power_text import notes_of
from nestling.studies.questions import read_questions
from nestling.studies.replay import replay
from nestling.studies.replicates import Names, Replicates
from nestling.studies.run import run
from nestling.studies.store import open_store, stored_seed
from nestling.studies.study_text import html_of, lines_of
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Power(Summarised):
    """Power of the tests of all fixed effects, and of what else was asked.

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

        `effect`, `test`, `kind` (fixed, contrast, joint or variance), `truth`, `power` with its
        exact Monte-Carlo interval `lower` and `upper`, `approx` (the power by noncentral t and F
        distributions, without simulation, as a cross-check), `type1` (the rate at which the same
        test rejects when the hypothesis is true) with `type1_lower` and `type1_upper`, `type_s`
        (share of the significant estimates that have the wrong sign), `type_m` (by how much
        significant estimates exaggerate on average), `mean_estimate`, `width` (mean width of the
        1 - alpha interval) and `n`, the replicates that could be tested.
        """
        table = self.simulated
        rows = list(zip(table["effect"], table["test"], strict=True))
        approx = approximate(self.plan, self.names, self.alpha, rows)
        table.insert(list(table).index("type1"), "approx", approx)
        return table

    @property
    def simulated(self) -> pd.DataFrame:
        """The table without its approximate powers."""
        return _simulated(self)

    @property
    def tested(self) -> tuple[str, ...]:
        """Names of the fixed effects, then of the hypotheses and random effects that are tested."""
        asked = self.names.asked
        return self.names.fixed if asked is None else (*self.names.fixed, *asked.names)

    def sentence(self, effect: str, test: str | None = None) -> str:
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
        lines = lines_of("Power", self.plan, self.replicates, self._shown)
        return "\n".join([*lines, *notes_of(self)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = html_of("Power", self.plan, self.replicates, self._shown)
        return shown + "".join(f"<p>{note}</p>" for note in notes_of(self) if note)

    @property
    def _shown(self) -> pd.DataFrame:
        table = self.table
        return table.set_index("effect").drop(columns=["type1_lower", "type1_upper"])


def one_power(
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
    rows: bool = False,
) -> Power:
    """Make the study of one fitted model; see `nl.power`.

    With `rows` all replicates have rows, those that every other model sees.
    """
    plan = make_plan(
        truth,
        design,
        formula=formula,
        reml=reml,
        test=test,
        predictors=predictors,
        seed=stored_seed(store, seed),
        questions=read_questions(hypotheses, variances),
    )
    n_sims, alpha, level = sims(n_sims), share(alpha, "alpha"), share(level, "level")
    wanted = error_wanted(mcse)
    engine, names = engine_of(plan, rows=rows)

    def error(replicates: Replicates) -> float:
        return _share_error(Power(plan, names, replicates, alpha, level))

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
    return Power(plan, names, replicates, alpha, level)


def _share_error(study: Power) -> float:
    """Return the largest Monte-Carlo standard error of a power or a type-I rate."""
    worst = 0.0
    for rows in rows_tested(study.plan, study.names, study.replicates, study.alpha):
        for p_value in (rows.p_value, rows.p_null):
            known = np.isfinite(p_value)
            hits = ((p_value < study.alpha) & known).sum(axis=0).astype(float)
            worst = max(worst, worst_share_error(hits, known.sum(axis=0).astype(float)))
    return worst


def _simulated(study: Power) -> pd.DataFrame:
    import pandas as pd

    parts = [
        pd.DataFrame(
            {"effect": list(rows.effects), "test": rows.test, "kind": rows.kind}
            | columns_of(rows, study.alpha, study.level)
        )
        for rows in rows_tested(study.plan, study.names, study.replicates, study.alpha)
    ]
    return pd.concat(parts, ignore_index=True)
