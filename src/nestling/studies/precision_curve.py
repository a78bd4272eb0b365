"""`precision_curve`: widths of confidence intervals along sizes or values of a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError
from nestling.results.drawn import Drawn
from nestling.studies.along import Along, along_of
from nestling.studies.curve_text import chosen_effects, curve_html, curve_lines
from nestling.studies.monotone import reached, rising
from nestling.studies.monte_carlo import columns_mean, columns_sd
from nestling.studies.plan import make_plan, share, sims
from nestling.studies.points import points_of
from nestling.studies.power_rows import rows_tested
from nestling.studies.power_study import Power
from nestling.studies.questions import read_questions
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionCurve(Summarised):
    """Widths of confidence intervals at several points.

    Attributes
    ----------
    along : Along
        What changes, and its values.
    studies : tuple of Power
        One per value.
    effects : tuple of str
        The effects that are shown.
    target : float or None
        The width that is wanted.
    confidence : float
        Of the intervals whose width is shown.
    """

    along: Along
    studies: tuple[Power, ...]
    effects: tuple[str, ...]
    target: float | None
    confidence: float

    plot = Drawn("nestling.plots.study_curve:CurvePlot")

    @property
    def table(self) -> pd.DataFrame:
        """One row per effect, test and point.

        `effect`, `test`, `size` (or `value` of a parameter), `width` (mean width of the
        confidence interval) with its Monte-Carlo interval `lower` and `upper`, `smooth` (the
        width that never rises with size), `emp_se` (SD of the estimates) and `n`.
        """
        return _table(self)

    def smallest(self, target: float | None = None) -> pd.DataFrame:
        """Return the smallest size at which intervals are as narrow as wanted.

        Parameters
        ----------
        target : float, optional
            Mean width; by default that of the call.

        Returns
        -------
        DataFrame
            One row per effect and test: `smallest`, NaN where the curve does not get there.
            Widths are smoothed to the nearest curve that never rises and taken as straight
            between its points; sizes are rounded up.

        Raises
        ------
        ArgumentError
            Without a target, or along a parameter.
        """
        return _smallest(self, self.target if target is None else positive(target, "target"))

    def __str__(self) -> str:
        """Return the table."""
        return "\n".join(curve_lines("Precision", self.along, self.studies, self.table))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return curve_html("Precision", self.along, self.studies, self.table)


def precision_curve(
    truth: Any,
    design: Any,
    along: Any,
    n_sims: int = 200,
    *,
    effect: Any = None,
    target: float | None = None,
    confidence: float = 0.95,
    test: Any = "satterthwaite",
    hypotheses: Any = None,
    formula: Any = None,
    reml: bool = True,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    store: Any = None,
) -> PrecisionCurve:
    """Simulate a study at several sizes and measure how wide its confidence intervals are.

    Parameters
    ----------
    truth : Population
    design : Design
        The sizes that `along` does not change.
    along : mapping
        As in `nl.power_curve`.
    n_sims : int
        Replicates at each point; widths need fewer than powers.
    effect : str or list of str, optional
        The effects and contrasts that are shown; by default all but the intercept.
    target : float, optional
        The mean width that is wanted.
    confidence : float
        Of the intervals.
    test : {"z", "satterthwaite", "kenward-roger"} or list of them
        Degrees of freedom of the intervals.
    hypotheses : mapping, str or list of str, optional
        Contrasts by name, {"difference": "X - Z"}, as in `nl.power`.
    formula, reml, predictors, seed, n_jobs, progress, store
        As in `nl.power_curve`.

    Returns
    -------
    PrecisionCurve

    Raises
    ------
    ArgumentError, ArgumentTypeError, DesignError
        For arguments that cannot be.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> curve = nl.precision_curve(truth, nl.nested(g=10, id=5), {"g": [10, 20, 40]}, 100,
    ...                            predictors="fixed", target=0.4, seed=1)
    >>> bool(20 <= curve.smallest()["smallest"][0] <= 40)
    True
    """
    wanted = None if target is None else positive(target, "target")
    sure = share(confidence, "confidence")
    plan = make_plan(
        truth, design, formula=formula, reml=reml, test=test, predictors=predictors, seed=0
    )
    read = along_of(along, plan.truth, plan.design)
    read_questions(hypotheses, variances=False)
    studies = points_of(
        truth, design, read, sims(n_sims), seed=seed, store=store, test=test, formula=formula,
        hypotheses=hypotheses, reml=reml, predictors=predictors, n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    return PrecisionCurve(read, studies, _effects(effect, studies[0]), wanted, sure)


def _effects(effect: Any, study: Power) -> tuple[str, ...]:
    """Return the effects that are shown; joint hypotheses have no interval."""
    asked = study.names.asked
    joint = {each.name for each in asked.hypotheses if each.joint} if asked is not None else set()
    given = (effect,) if isinstance(effect, str) else effect or ()
    wanted = [name for name in given if name in joint]
    if wanted:
        raise ArgumentError(
            f"effect={wanted[0]!r} is a hypothesis of several statements, which have no interval "
            "together. nl.power_curve shows its power."
        )
    return chosen_effects(effect, [name for name in study.tested if name not in joint])


def positive(value: Any, name: str) -> float:
    """Check a width that is wanted."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if isinstance(value, bool) or not 0.0 < number < np.inf:
        raise ArgumentError(f"{name}={value!r}; expected the width that is wanted, above 0.")
    return number


def _table(curve: PrecisionCurve) -> pd.DataFrame:
    import pandas as pd

    found = []
    for effect in curve.effects:
        for test in curve.studies[0].plan.tests:
            measured = np.array([_measured(curve, study, effect, test) for study in curve.studies])
            width, error, emp_se, n = measured.T
            # width falls with size and effects do not change it, but it rises with variance
            sign = -1.0 if curve.along.kind == "size" else 1.0
            smooth = width
            if curve.along.kind != "fixed":
                smooth = sign * rising(sign * width, n)
            columns = {
                "effect": effect, "test": test, curve.along.column: curve.along.values,
                "width": width, "lower": width - 2.0 * error, "upper": width + 2.0 * error,
                "smooth": smooth, "emp_se": emp_se, "n": n.astype(int),
            }  # fmt: skip
            found.append(pd.DataFrame(columns))
    return pd.concat(found, ignore_index=True)


def _measured(
    curve: PrecisionCurve, study: Power, effect: str, test: Any
) -> tuple[float, float, float, float]:
    """Return mean width with its standard error, SD of the estimates, number of intervals."""
    rows = rows_tested(study.plan, study.names, study.replicates, 1.0 - curve.confidence)
    mine = next(each for each in rows if each.test == test and effect in each.effects)
    place = [mine.effects.index(effect)]
    widths = 2.0 * mine.half[:, place]
    n = float(np.isfinite(widths).sum())
    sd = float(columns_sd(widths)[0])
    return (
        float(columns_mean(widths)[0]),
        sd / np.sqrt(max(n, 1.0)),
        float(columns_sd(mine.estimate[:, place])[0]),
        n,
    )


def _smallest(curve: PrecisionCurve, target: float | None) -> pd.DataFrame:
    import pandas as pd

    if target is None:
        raise ArgumentError("No width is wanted; write curve.smallest(target=0.4).")
    if curve.along.kind != "size":
        raise ArgumentError(
            "The smallest size needs a curve along sizes; this one runs along "
            f"{curve.along.name!r}."
        )
    found = []
    for (effect, test), rows in curve.table.groupby(["effect", "test"], sort=False):
        at = rows["size"].to_numpy(dtype=float)
        value = reached(at, -rows["smooth"].to_numpy(dtype=float), -target)
        line = {"effect": effect, "test": test, "target": target}
        found.append(line | {"smallest": np.ceil(value - 1e-9)})
    return pd.DataFrame(found)
