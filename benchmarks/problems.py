"""The problems: what is simulated, what is asked, and which engines can do it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

import nestling as nl

Task = Literal["fit", "matrices", "refit", "profile", "first", "power", "power-redrawn"]

LME4_LIKE = ("nestling", "lme4", "glmm", "mixedlm", "lme_python")
ONE_FACTOR = (*LME4_LIKE, "statsmodels")
STUDIES = ("nestling", "mcpower", "lme4")
REPLICATES = 10_000

INTERCEPTS = (*LME4_LIKE, "gpboost")  # gpboost's slopes are uncorrelated: another model


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to be timed.

    `effects` gives per grouping factor the effects that vary; `rows` draws that many rows of
    the design, so that crossing is partial; `size` is the place on the axis of a growth curve;
    `source` is a data set of lme4's that is taken in place of a simulated one; `fixed` are
    predictors without random slopes; in a study `responses` is the number of replicates.
    """

    name: str
    effects: tuple[tuple[str, tuple[str, ...]], ...]
    design: Callable[[], nl.Design]
    engines: tuple[str, ...]
    task: Task = "fit"
    rows: int | None = None
    responses: int = 0
    size: float | None = None
    source: str | None = None
    fixed: tuple[str, ...] = ()

    @property
    def predictors(self) -> tuple[str, ...]:
        """All columns beside ids and response."""
        varying = (x for _, names in self.effects for x in names)
        return tuple(dict.fromkeys((*varying, *self.fixed)))

    @property
    def formula(self) -> str:
        """In lme4's syntax."""
        bars = [f"({' + '.join(('1', *names))} | {group})" for group, names in self.effects]
        return f"y ~ {' + '.join(('1', *self.predictors, *bars))}"

    def population(self) -> nl.Population:
        """Return the truth: variances from 1 upwards, correlations 0.3, residual variance 3."""
        return nl.Population(
            self.formula,
            fixed={"(Intercept)": 2.0, **dict.fromkeys(self.predictors, 1.0)},
            random={group: nl.cov(_covariance(1 + len(names))) for group, names in self.effects},
            residual=3,
            predictors={x: nl.normal(0, 1) for x in self.predictors},
        )


def _covariance(k: int) -> np.ndarray:
    sd = np.sqrt(np.linspace(1, 2, k))
    return (0.3 + 0.7 * np.eye(k)) * np.outer(sd, sd)


def _x(k: int) -> tuple[str, ...]:
    return tuple(f"X{i}" for i in range(1, k + 1))


def _one(
    name: str,
    groups: int,
    each: int,
    slopes: int,
    engines: Sequence[str] = ONE_FACTOR,
    **more: Any,
) -> Problem:
    """One grouping factor."""
    return Problem(
        name,
        (("g", _x(slopes)),),
        lambda: nl.nested(g=groups, row=each),
        tuple(engines),
        **more,
    )


def _study(name: str, task: Task, each: int, slopes: int) -> Problem:
    """Test every fixed effect in many replicates."""
    suffix = "-redrawn" if task == "power-redrawn" else ""
    return _one(
        f"power-{name}{suffix}",
        20,
        each,
        slopes,
        STUDIES if task == "power" else STUDIES[:2],
        task=task,
        responses=REPLICATES,
        fixed=("X1",),
    )


def _instructors() -> nl.Design:
    """2,972 students by 1,128 instructors, these in 14 departments."""
    return nl.crossed(nl.nested(s=2972), nl.nested(dept=14, d=[80] * 8 + [81] * 4 + [82] * 2))


def _two(name: str, first: int, second: int, slopes: tuple[int, int], **more: Any) -> Problem:
    """Two crossed factors."""
    engines = LME4_LIKE if any(slopes) else INTERCEPTS
    return Problem(
        name,
        (("s", _x(slopes[0])), ("i", _x(slopes[1]))),
        lambda: nl.crossed(s=first, i=second),
        engines,
        **more,
    )


MAIN = (
    _one("m2", 20, 50, 1),
    _one(
        "m2-matrices", 20, 50, 1, ("nestling", "lme4", "statsmodels", "lme_python"), task="matrices"
    ),
    _one("m2-refit-1000", 20, 50, 1, LME4_LIKE, task="refit", responses=1000),
    _one("m2-profile", 20, 50, 1, ("nestling", "lme4"), task="profile"),
    _one("m2-first", 20, 50, 1, task="first"),
    *(
        _study(name, task, each, slopes)
        for task in ("power", "power-redrawn")
        for name, each, slopes in (("m2", 50, 1), ("intercept", 50, 0), ("intercept-x100", 5000, 0))
    ),
    _one("sleepstudy", 18, 10, 1),
    _one("200x20-q3", 200, 20, 2),
    _one("200x20-q4", 200, 20, 3),
    _two("penicillin", 24, 6, (0, 0)),
    Problem(
        "insteval",
        (("s", ()), ("d", ()), ("dept", ())),
        _instructors,
        INTERCEPTS,
        rows=73_421,
    ),
    _two("maximal-16", 60, 40, (3, 2)),
    _two("maximal-36", 60, 40, (5, 4)),
    Problem(
        "nested-1e6",
        (("pupil", ()), ("school", ())),
        lambda: nl.nested(school=1_000, pupil=100, row=10),
        INTERCEPTS,
    ),
    _one("slope-1e5", 100_000, 10, 1),
    _one("intercept-1e6", 1_000_000, 10, 0, (*ONE_FACTOR, "gpboost")),
)

CURVES = {
    "rows": [_one(f"rows-1e{k}", 100, 10**k // 100, 1, size=10**k) for k in (3, 4, 5, 6, 7)],
    "groups": [_one(f"groups-1e{k}", 10**k, 10, 1, size=10**k) for k in (1, 2, 3, 4, 5, 6)],
    "parameters": [
        _one(f"parameters-{q * (q + 1) // 2}", 200, 40, q - 1, size=q * (q + 1) // 2)
        for q in (1, 2, 3, 4, 6, 8)
    ],
    "levels": [
        _two(f"levels-{m}", 3000, m, (0, 0), rows=60_000, size=m)
        for m in (20, 50, 100, 300, 1000, 2000)
    ],
}
AXES = {
    "rows": "rows (100 groups, random slope)",
    "groups": "groups of 10 rows, random slope",
    "parameters": "covariance parameters (200 groups of 40)",
    "levels": "levels of the second crossed factor (60,000 rows)",
}

REAL = Problem(
    "insteval-real",
    (("s", ()), ("d", ()), ("dept", ())),
    _instructors,
    INTERCEPTS,
    source="InstEval",
)

PROBLEMS = {p.name: p for p in (*MAIN, REAL, *(p for curve in CURVES.values() for p in curve))}
