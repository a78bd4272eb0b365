"""`find_design`: the smallest designs that reach a power or a width, and the cheapest of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, NestlingError
from nestling.report.progress import progress_bar
from nestling.studies.curve_text import chosen_effects
from nestling.studies.design_costs import cost_of, ranges_of
from nestling.studies.engines import engine_of
from nestling.studies.found_designs import FoundDesigns
from nestling.studies.place import Place, place_of
from nestling.studies.plan import Plan, make_plan, share, sims
from nestling.studies.power_study import one_power
from nestling.studies.precision_curve import positive
from nestling.studies.questions import read_questions
from nestling.studies.search import Search, strength_of_power
from nestling.studies.store import seed_inside


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
    hypotheses: Any = None,
    variances: Any = False,
    formula: Any = None,
    reml: bool = True,
    predictors: str = "redrawn",
    seed: Any = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    store: Any = None,
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
        The effect, hypothesis or random effect that is to be found; needed when there are several.
    cost : mapping or callable, optional
        What one unit costs, {'Cluster': 300, 'ID': 10}, counted over the whole study; or a
        function of the design. By default the number of rows.
    n_sims : int
        Replicates at the designs that are returned; fewer are spent on the way.
    points : int
        How many sizes of the second unit are tried, evenly spaced by ratio.
    alpha, test, hypotheses, variances, formula, reml, predictors, seed, n_jobs
        As in `nl.power`; one test.
    progress : bool, optional
        Show a progress bar over the sizes of the second unit; by default in a terminal, after a
        second.
    store : path, optional
        As in `nl.power`, with one study per design that is tried: the same call goes on from what
        is there.

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
    sure, n_sims = share(alpha, "alpha"), sims(n_sims)
    place = None if store is None else place_of(store)
    questions = read_questions(hypotheses, variances)

    def planned(seed: Any) -> Plan:
        return make_plan(
            truth, design, formula=formula, reml=reml, test=test, predictors=predictors, seed=seed,
            questions=questions,
        )  # fmt: skip

    first, others = ranges_of(sizes, planned(0).design, points)
    plan = planned(seed_inside(place, seed))
    price = cost_of(cost, plan.design)
    chosen = _effect(effect, plan, is_power=is_power)
    wanted = strength_of_power(target, 10**9, sure) if is_power else 1.0 / target
    options = {
        "test": test, "hypotheses": hypotheses, "variances": variances, "formula": formula,
        "seed": plan.seed, "n_jobs": n_jobs,
    }  # fmt: skip
    found, tried, curves = [], [], []
    with progress_bar(len(others), "size", progress=progress) as bar:
        for other in others:

            def measure(size: int, n: int, other: dict[str, int] = other) -> float:
                sizes_now = {first.name: size} | other
                if bar is not None:
                    bar.set_postfix_str(_said(sizes_now))
                kept = place and _inside(place, sizes_now)
                row = _measured(plan, sizes_now, chosen, n, sure, store=kept, **options)
                tried.append(sizes_now | row | {"n": n})
                if not is_power:
                    return 1.0 / row["width"]
                return strength_of_power(row["power"], n, sure)

            search = Search(measure, first.least, first.most, wanted, n_sims)
            size = search.run()
            curves.append(search.curve())
            found.append(_line(plan, first.name, size, other, tried, price, is_power))
            if bar is not None:
                bar.update()
    import pandas as pd

    units = (first.name, *others[0])
    return FoundDesigns(
        plan, chosen, target, is_power, sure, units, pd.DataFrame(found), pd.DataFrame(tried),
        tuple(curves),
    )  # fmt: skip


def _inside(place: Place, sizes: Mapping[str, int]) -> Place:
    """Return the place of one design in a store."""
    return place.inside(_said(sizes))


def _said(sizes: Mapping[str, int], equals: str = "=") -> str:
    return ", ".join(f"{unit}{equals}{size}" for unit, size in sizes.items())


def _effect(effect: str | None, plan: Plan, *, is_power: bool) -> str:
    """Return the effect that is looked for, the only one if it is not named."""
    _, names = engine_of(plan)
    asked = names.asked
    others = () if asked is None else asked.names
    found = chosen_effects(effect, (*names.fixed, *others))
    if len(found) > 1:
        raise ArgumentError(
            f"The model has several effects; say which is to be found: effect={found[0]!r}. "
            f"There are {', '.join(map(repr, found))}."
        )
    single = asked is not None and found[0] in {h.name for h in asked.hypotheses if not h.joint}
    if not is_power and (not plan.tests or not (single or found[0] in names.fixed)):
        raise ArgumentError(
            f"width= is the width of an interval, and {found[0]!r} has none with this test. Search "
            "for a power, or for a fixed effect or contrast with test='satterthwaite'."
        )
    return found[0]


def _measured(
    plan: Plan, sizes: dict[str, int], effect: str, n: int, alpha: float, **options: Any
) -> dict[str, float]:
    """Simulate one design."""
    try:
        study = one_power(
            plan.truth, plan.design.sized(**sizes), n, alpha=alpha, reml=plan.reml,
            predictors=plan.predictors, progress=False, **options,
        )  # fmt: skip
    except NestlingError as error:
        raise type(error)(f"At {_said(sizes, ' = ')}: {error}") from error
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
