"""`find_design`: the smallest designs that reach a power or a width, and the cheapest of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, ModelError, NestlingError
from nestling.random.streams import seed_sequence
from nestling.results.drawn import Drawn
from nestling.studies.curve_text import chosen_effects
from nestling.studies.design_costs import cost_of, ranges_of
from nestling.studies.engines import engine_of
from nestling.studies.plan import Plan, make_plan, share, sims
from nestling.studies.power_study import one_power
from nestling.studies.precision_curve import positive
from nestling.studies.search import Search, strength_of_power
from nestling.studies.study_text import design_text
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class FoundDesigns(Summarised):
    """The smallest designs that reach a target.

    Attributes
    ----------
    plan : Plan
        Its design has the sizes that were not searched.
    effect : str
    target : float
        The power, or the width of the interval, that is wanted.
    is_power : bool
    alpha : float
    units : tuple of str
        The units whose sizes were searched; for each size of the second, the smallest of the
        first was looked for.
    table : DataFrame
        One row per size of the second unit: the sizes, `rows`, `cost`, `power` with its
        Monte-Carlo interval (or `width`), `reached`; NaN where the largest size is not enough.
    tried : DataFrame
        Every design that was simulated, with its replicates.
    curves : tuple of (float, float)
        Per row of `table`: a and b of the variance a + b / size along the first unit, in the
        scale of the target.
    """

    plan: Plan
    effect: str
    target: float
    is_power: bool
    alpha: float
    units: tuple[str, ...]
    table: pd.DataFrame
    tried: pd.DataFrame
    curves: tuple[tuple[float, float], ...]

    plot = Drawn("nestling.plots.study_designs:DesignsPlot")

    @property
    def best(self) -> Design:
        """The cheapest design that reaches the target.

        Raises
        ------
        ModelError
            When none does.
        """
        reached = self.table[self.table["reached"]]
        if not len(reached):
            raise ModelError(
                f"No design within these sizes reaches {self._said}. Allow larger sizes."
            )
        row = reached.iloc[int(reached["cost"].argmin())]
        return self.plan.design.sized(**{unit: int(row[unit]) for unit in self.units})

    @property
    def _said(self) -> str:
        what = "power" if self.is_power else "width"
        return f"{what} {self.target:g} for {self.effect}"

    def __str__(self) -> str:
        """Return the smallest designs and the cheapest of them."""
        spent = int(self.tried["n"].sum())
        drawn = self.plan.predictors
        head = [
            f"Smallest designs for {self._said} in {self.plan.truth.formula.text}",
            f"{len(self.tried)} designs tried, {spent} replicates; predictors {drawn}",
            "",
            self.table.to_string(index=False, float_format=lambda v: f"{v:.4g}", na_rep=""),
            "",
        ]
        if self.table["reached"].any():
            head.append(f"Cheapest: {design_text(self.best)}")
        else:
            head.append("No design within these sizes reaches the target.")
        return "\n".join(head)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def find_design(
    truth: Any,
    design: Any,
    sizes: Any,
    *,
    power: float | None = None,
    width: float | None = None,
    effect: str | None = None,
    cost: Mapping[str, float] | Callable[[Design], float] | None = None,
    n_sims: int = 1000,
    points: int = 6,
    alpha: float = 0.05,
    test: str = "satterthwaite",
    formula: Any = None,
    reml: bool = True,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int = 1,
) -> FoundDesigns:
    """Search for the smallest designs with a power or a width, and the cheapest of them.

    Parameters
    ----------
    truth : Population
    design : Design
    sizes : mapping
        One or two units with their least and greatest size: {'Cluster': (10, 200),
        'ID': (5, 50)}. For sizes of the second the smallest number of the first is found.
    power : float, optional
        Target power; 0.8 when `width` is not given.
    width : float, optional
        Target mean width of the 1 - alpha confidence interval, instead of power.
    effect : str, optional
        The effect that is to be found; needed when the model has several.
    cost : mapping or callable, optional
        What one unit costs, {'Cluster': 300, 'ID': 10}, counted over the whole study; or a
        function of the design. By default the number of rows.
    n_sims : int
        Replicates at the designs that are returned; fewer are spent on the way.
    points : int
        How many sizes of the second unit are tried, evenly spaced by ratio.
    alpha, test, formula, reml, predictors, seed, n_jobs
        As in `nl.power`; one test.

    Returns
    -------
    FoundDesigns
        `table`, `best` (the cheapest design), `plot()`.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DesignError
        For arguments that cannot be.

    Notes
    -----
    The variance of an estimate is nearly a + b / size, and the normal quantile of the power says
    how large the effect is against it. This curve, fitted to the designs tried so far, says which
    to try next; it also smooths their Monte-Carlo error, so the power of a design that is
    returned may lie on either side of the target by that error.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> found = nl.find_design(truth, nl.nested(g=10, id=5), {"g": (5, 100), "id": (3, 12)},
    ...                        n_sims=400, points=3, predictors="fixed", seed=1,
    ...                        cost={"g": 20, "id": 1})
    >>> found.table["id"].tolist()
    [3, 6, 12]
    >>> found.table["g"].is_monotonic_decreasing
    True
    """
    if power is not None and width is not None:
        raise ArgumentError("power= and width= are two targets; give one.")
    if not isinstance(test, str):
        raise ArgumentTypeError(f"test={test!r}; a search needs one test, such as 'satterthwaite'.")
    is_power = width is None
    target = (
        positive(width, "width")
        if not is_power
        else share(0.8 if power is None else power, "power")
    )
    sure, n_sims, seed = share(alpha, "alpha"), sims(n_sims), seed_sequence(seed)
    plan = make_plan(
        truth, design, formula=formula, reml=reml, test=test, predictors=predictors, seed=seed
    )
    first, others = ranges_of(sizes, plan.design, points)
    price = cost_of(cost, plan.design)
    chosen = _effect(effect, plan)
    wanted = strength_of_power(target, 10**9, sure) if is_power else 1.0 / target
    found, tried, curves = [], [], []
    for other in others:

        def measure(size: int, n: int, other: dict[str, int] = other) -> float:
            sizes_now = {first.name: size} | other
            row = _measured(
                plan, sizes_now, chosen, n, sure, seed=seed, n_jobs=n_jobs, formula=formula
            )
            tried.append(sizes_now | row | {"n": n})
            if not is_power:
                return 1.0 / row["width"]
            return strength_of_power(row["power"], n, sure)

        search = Search(measure, first.least, first.most, wanted, n_sims)
        size = search.run()
        curves.append(search.curve())
        found.append(_line(plan, first.name, size, other, tried, price, is_power))
    import pandas as pd

    units = (first.name, *others[0])
    return FoundDesigns(
        plan, chosen, target, is_power, sure, units, pd.DataFrame(found), pd.DataFrame(tried),
        tuple(curves),
    )  # fmt: skip


def _effect(effect: str | None, plan: Plan) -> str:
    """Return the effect that is looked for, the only one if it is not named."""
    _, names = engine_of(plan)
    found = chosen_effects(effect, names.fixed)
    if len(found) > 1:
        raise ArgumentError(
            f"The model has several effects; say which is to be found: effect={found[0]!r}. "
            f"There are {', '.join(map(repr, found))}."
        )
    return found[0]


def _measured(
    plan: Plan, sizes: dict[str, int], effect: str, n: int, alpha: float, **options: Any
) -> dict[str, float]:
    """Simulate one design."""
    try:
        study = one_power(
            plan.truth, plan.design.sized(**sizes), n, alpha=alpha, test=plan.tests[0],
            reml=plan.reml, predictors=plan.predictors, progress=False, **options,
        )  # fmt: skip
    except NestlingError as error:
        said = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        raise type(error)(f"At {said}: {error}") from error
    table = study.simulated
    row = table[table["effect"] == effect]
    return {
        name: float(row[name].iloc[0]) for name in ("power", "lower", "upper", "width", "type1")
    }


def _line(
    plan: Plan,
    unit: str,
    size: int | None,
    other: dict[str, int],
    tried: list[dict[str, Any]],
    price: Callable[[Design], float],
    is_power: bool,
) -> dict[str, Any]:
    """Return one row of the table."""
    measures = ("power", "lower", "upper", "type1", "width") if is_power else ("width", "power")
    if size is None:
        return {unit: np.nan, **other, "rows": np.nan, "cost": np.nan,
                **dict.fromkeys(measures, np.nan), "reached": False}  # fmt: skip
    sizes = {unit: size} | other
    last = [row for row in tried if all(row[name] == sizes[name] for name in sizes)]
    best = max(last, key=lambda row: int(row["n"]))
    # sizes that every study draws anew have a typical number of rows
    design = plan.design.sized(**sizes).draw(0)
    return {**sizes, "rows": design.n, "cost": price(design),
            **{name: best[name] for name in measures}, "reached": True}  # fmt: skip
