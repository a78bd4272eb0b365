"""`study_time`: how long a study will take, from a few of its replicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan, sims
from nestling.studies.power_models import check_models
from nestling.studies.questions import read_questions
from nestling.studies.run import Engine
from nestling.studies.workers import workers_of

LONG = 0.25
"""Seconds of replicates from which a rate is taken; more are made until they take as long."""


@dataclass(frozen=True, slots=True)
class StudyTime:
    """How long a study will take.

    Attributes
    ----------
    n_sims : int
    how : tuple of str
        How replicates are made, once per fitted model.
    preparation : float
        Seconds before the first replicate.
    per_replicate : float
        Seconds that one process takes for a replicate, all models together.
    processes : int
    """

    n_sims: int
    how: tuple[str, ...]
    preparation: float
    per_replicate: float
    processes: int

    @property
    def seconds(self) -> float:
        """The whole study, without what starting processes takes."""
        return self.preparation + self.n_sims * self.per_replicate / self.processes

    def __str__(self) -> str:
        processes = "one process" if self.processes == 1 else f"{self.processes} processes"
        lines = [f"{self.n_sims:,} replicates take about {duration(self.seconds)} in {processes}."]
        lines.append(f"A replicate takes {duration(self.per_replicate)}: ")
        return "\n".join([lines[0], lines[1] + "; ".join(dict.fromkeys(self.how)) + "."])

    __repr__ = __str__


def study_time(
    truth: Any,
    design: Any,
    n_sims: int = 1000,
    *,
    test: Any = "satterthwaite",
    hypotheses: Any = None,
    variances: Any = False,
    formula: Any = None,
    reml: bool = True,
    predictors: str = "redrawn",
    n_jobs: int | None = None,
) -> StudyTime:
    """Tell how long `nl.power` or `nl.recovery` will take, from a few of their replicates.

    Parameters
    ----------
    truth, design, n_sims, test, hypotheses, variances, formula, reml, predictors, n_jobs
        As in `nl.power`.

    Returns
    -------
    StudyTime
        `seconds`, `per_replicate`, and `how` replicates are made.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DesignError
        For arguments that cannot be.

    Notes
    -----
    A quarter of a second of replicates is made on this machine, or one, if that takes longer.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> time = nl.study_time(truth, nl.nested(g=20, id=50), 10_000)
    >>> time.how
    ('cells of rows, drawn as sums and fitted together',)
    >>> time.seconds < 600
    True
    """
    n, processes = sims(n_sims), workers_of(n_jobs)
    if isinstance(formula, Mapping):
        check_models(formula)
    formulas = list(formula.values()) if isinstance(formula, Mapping) else [formula]
    questions = read_questions(hypotheses, variances)
    how: list[str] = []
    preparation = each = 0.0
    for model in formulas:
        plan = make_plan(
            truth, design, formula=model, reml=reml, test=test, predictors=predictors, seed=0,
            questions=questions,
        )  # fmt: skip
        start = perf_counter()
        engine, _ = engine_of(plan, rows=isinstance(formula, Mapping))
        preparation += perf_counter() - start
        how.append(engine.how)
        each += _per_replicate(engine, n)
    return StudyTime(n, tuple(how), preparation, each, processes)


def _per_replicate(engine: Engine, n_sims: int) -> float:
    """Make more and more replicates, until they take long enough to be timed."""
    most, count = min(engine.at_once, n_sims), 1
    while True:
        start = perf_counter()
        engine.chunk(range(count))
        elapsed = perf_counter() - start
        if elapsed >= LONG or count == most:
            return elapsed / count
        count = min(most, 4 * count)


def duration(seconds: float) -> str:
    """Write a time as people say it.

    Examples
    --------
    >>> [duration(s) for s in (0.00007, 0.0123, 4.21, 75, 5400, 200_000)]
    ['70 microseconds', '12 ms', '4.2 s', '75 s', '90 minutes', '56 hours']
    """
    units = ((7200.0, 3600.0, "hours"), (120.0, 60.0, "minutes"), (1.0, 1.0, "s"),
             (1e-3, 1e-3, "ms"), (1e-6, 1e-6, "microseconds"))  # fmt: skip
    for least, size, unit in units:
        if seconds >= least:
            number = seconds / size
            return f"{number:.0f} {unit}" if number >= 10.0 else f"{number:.2g} {unit}"
    return "less than a microsecond"
