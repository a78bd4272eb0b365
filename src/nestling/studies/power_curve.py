"""`power_curve`: power along sizes of the design or values of a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.results.drawn import Drawn
from nestling.studies.along import Along, along_of
from nestling.studies.curve_text import chosen_effects, curve_html, curve_lines
from nestling.studies.monotone import reached, rising
from nestling.studies.plan import make_plan, share, sims
from nestling.studies.points import points_of
from nestling.studies.power_study import Power
from nestling.studies.questions import read_questions
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("effect", "test", "power", "lower", "upper", "type1", "type1_lower", "type1_upper", "n")


@dataclass(frozen=True, slots=True, eq=False)
class PowerCurve(Summarised):
    """Power at several points.

    Attributes
    ----------
    along : Along
        What changes, and its values.
    studies : tuple of Power
        One per value.
    effects : tuple of str
        The effects that are shown.
    target : float
        The power that is wanted.
    """

    along: Along
    studies: tuple[Power, ...]
    effects: tuple[str, ...]
    target: float

    plot = Drawn("nestling.plots.study_curve:CurvePlot")

    @property
    def table(self) -> pd.DataFrame:
        """One row per effect, test and point.

        `effect`, `test`, `size` (or `value` of a parameter), `power` with its Monte-Carlo
        interval `lower` and `upper`, `smooth` (the power that never falls along the curve),
        `type1` with its interval and `n`, the replicates.
        """
        return _table(self)

    def smallest(self, target: float | None = None) -> pd.DataFrame:
        """Return the smallest size (or effect) that reaches a power.

        Parameters
        ----------
        target : float, optional
            Power that is wanted; by default that of the call.

        Returns
        -------
        DataFrame
            One row per effect and test: `smallest`, and `from` and `to`, the sizes at which the
            upper and the lower Monte-Carlo limits of the power reach the target. NaN where the
            curve does not get there.

        Notes
        -----
        The powers are smoothed to the nearest curve that never falls (weighted by replicates),
        and taken as straight between its points; sizes are rounded up. An effect is the smaller,
        the nearer it is to zero.

        Raises
        ------
        ArgumentError
            Along a variance: power falls with it.
        """
        return _smallest(self, self.target if target is None else share(target, "target"))

    def __str__(self) -> str:
        """Return the table and the smallest sizes."""
        said = [] if not self.along.rising else _said(self)
        return "\n".join([*curve_lines("Power", self.along, self.studies, self.table), *said])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return curve_html("Power", self.along, self.studies, self.table)


def power_curve(
    truth: Any,
    design: Any,
    along: Any,
    n_sims: int = 1000,
    *,
    effect: Any = None,
    target: float = 0.8,
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
) -> PowerCurve:
    """Simulate a study at several sizes, or with several values of a parameter.

    Parameters
    ----------
    truth : Population
    design : Design
        The sizes that `along` does not change.
    along : mapping
        What changes, and its values: {'Cluster': [10, 20, 40]} for the number of units,
        {'fixed': {'X': [0.1, 0.2]}}, {'random': {'Cluster': [1, 2]}} or {'residual': [1, 2]}
        for a parameter.
    n_sims : int
        Replicates at each point.
    effect : str or list of str, optional
        The effects and hypotheses that are shown; by default all but the intercept.
    target : float
        The power that is wanted.
    alpha, test, hypotheses, variances, formula, reml, level, predictors, seed, n_jobs, progress, \
mcse
        As in `nl.power`. All points have the same seed, so that the curve is smoother than its
        points are sure.
    store : path, optional
        As in `nl.power`, with one folder per point, or in a DuckDB file one `study` per point.

    Returns
    -------
    PowerCurve
        Its `table`, the `smallest` size that reaches the target, its `plot()`.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DesignError
        For arguments that cannot be.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> curve = nl.power_curve(truth, nl.nested(g=10, id=5), {"g": [5, 10, 20]}, 200,
    ...                        predictors="fixed", seed=1)
    >>> curve.table["size"].tolist()
    [5, 10, 20]

    A joint hypothesis along the number of clusters:

    >>> truth = truth.replace(formula="y ~ X + W + (1 | g)", fixed={"W": 0.2},
    ...                       predictors={"W": nl.normal(0, 1)})
    >>> curve = nl.power_curve(truth, nl.nested(g=10, id=5), {"g": [5, 20]}, 200, seed=1,
    ...                        hypotheses={"both": ["X", "W"]}, effect="both")
    >>> curve.table[["effect", "size"]].values.tolist()
    [['both', 5], ['both', 20]]
    """
    wanted = share(target, "target")
    plan = make_plan(
        truth, design, formula=formula, reml=reml, test=test, predictors=predictors, seed=0,
        questions=read_questions(hypotheses, variances),
    )  # fmt: skip
    read = along_of(along, plan.truth, plan.design)
    studies = points_of(
        truth, design, read, sims(n_sims), seed=seed, store=store, alpha=alpha, test=test,
        hypotheses=hypotheses, variances=variances, formula=formula, reml=reml, level=level,
        predictors=predictors, n_jobs=n_jobs, progress=progress, mcse=mcse,
    )  # fmt: skip
    return PowerCurve(read, studies, chosen_effects(effect, studies[0].tested), wanted)


def _table(curve: PowerCurve) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for value, study in zip(curve.along.values, curve.studies, strict=True):
        part = study.simulated[list(COLUMNS)]
        part = part[part["effect"].isin(curve.effects)].copy()
        part.insert(2, curve.along.column, value)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(curve.effects)}
    table = table.sort_values(
        ["effect", "test", curve.along.column],
        key=lambda column: column.map(order) if column.name == "effect" else column,
        ignore_index=True,
    )
    table.insert(6, "smooth", np.nan)
    for _, rows in table.groupby(["effect", "test"], sort=False):
        table.loc[rows.index, "smooth"] = _smooth(curve, rows, str(rows["effect"].iloc[0]))
    return table


def _smooth(curve: PowerCurve, rows: pd.DataFrame, effect: str, which: str = "power") -> FloatArray:
    """Return a curve that only rises, in the order of the rows; falling along variances."""
    values = rows[which].to_numpy(dtype=float)
    weights = rows["n"].to_numpy(dtype=float)
    if curve.along.kind == "fixed" and effect != curve.along.name:
        return values  # another effect's power does not depend on this one
    order = np.argsort(_distance(curve.along, rows), kind="stable")
    fitted = np.empty(len(values))
    fitted[order] = rising(values[order], weights[order])
    return fitted


def _distance(along: Along, rows: pd.DataFrame) -> FloatArray:
    """Return by what power rises: size, distance from zero, or less variance."""
    at = rows[along.column].to_numpy(dtype=float)
    if along.kind == "size":
        return at
    return np.abs(at) if along.kind == "fixed" else -at


def _smallest(curve: PowerCurve, target: float) -> pd.DataFrame:
    import pandas as pd

    from nestling.errors import ArgumentError

    if not curve.along.rising:
        raise ArgumentError(
            f"Power falls along {curve.along.name!r}, so there is no smallest value that reaches "
            f"{target:g}. Its table shows where the curve passes it."
        )
    table, found = curve.table, []
    if curve.along.kind == "fixed":
        table = table[table["effect"] == curve.along.name]
    for (effect, test), rows in table.groupby(["effect", "test"], sort=False):
        at = _distance(curve.along, rows)
        order = np.argsort(at, kind="stable")
        line: dict[str, Any] = {"effect": effect, "test": test, "target": target}
        for name, which in (("smallest", "power"), ("from", "upper"), ("to", "lower")):
            smooth = _smooth(curve, rows, str(effect), which)
            value = reached(at[order], smooth[order], target)
            # 1e-9: a size that is met exactly is not one more
            line[name] = np.ceil(value - 1e-9) if curve.along.kind == "size" else value
        found.append(line)
    return pd.DataFrame(found, columns=["effect", "test", "target", "smallest", "from", "to"])


def _said(curve: PowerCurve) -> list[str]:
    """Say the smallest sizes in words."""
    said = [""]
    if curve.along.kind == "size":
        first, last = curve.along.values[0], curve.along.values[-1]
    else:
        distances = [abs(value) for value in curve.along.values]
        first, last = min(distances), max(distances)
    for row in curve.smallest().to_dict("records"):
        answer = f"{row['smallest']:.4g}"
        if np.isnan(row["smallest"]):
            answer = f"more than {last:g}"
        elif row["smallest"] <= first:
            answer = f"{first:g} or less"
        elif not np.isnan(row["from"]) and not np.isnan(row["to"]):
            answer += f" (between {row['from']:.4g} and {row['to']:.4g})"
        what = f"Power {curve.target:g} for {row['effect']} ({row['test']})"
        said.append(f"{what}: {curve.along.name} {answer}")
    if len(said) > 1:
        said.append("Powers are smoothed to a curve that never falls, straight between its points.")
    return said
