"""Profile likelihood limits of a model's parameters, on the user's scale."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ConvergenceWarning, ProfileWarning
from nestling.fit.profile_limits import ceiling_of, limits, optimum_of
from nestling.fit.profile_trace import Trace
from nestling.fit.solve import solve
from nestling.results.profile_parameters import ParameterName, ProfiledParameter, profiled

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

MAX_RESTARTS = 4


def profile_limits(
    fit: LmerFit, names: tuple[ParameterName, ...], height: float
) -> list[tuple[float, float]]:
    """Return both limits of each parameter, where the ML deviance has risen by height^2.

    NaN with a `ProfileWarning` where the search failed.
    """
    ml = by_maximum_likelihood(fit)
    for _ in range(MAX_RESTARTS):
        found, lower = _limits(ml, names, height)
        if lower is None:
            break
        ml = lower
    for what, pair in zip(names, found, strict=True):
        if np.isnan(pair).any():
            warnings.warn(
                f"The profile of {what.name!r} could not be followed to the wanted level, so the "
                "limit is given as NaN. Check the model for terms the data cannot tell apart, or "
                "ask for method='wald'.",
                ProfileWarning,
                stacklevel=4,
            )
    return found


def by_maximum_likelihood(fit: LmerFit) -> LmerFit:
    """Return the fit whose deviance is profiled."""
    ml = fit.refitted(reml=False)
    if ml.convergence.status == "not converged":
        warnings.warn(
            "The profile starts from a maximum likelihood fit that did not converge. "
            f"{ml.convergence.remedy}",
            ConvergenceWarning,
            stacklevel=5,
        )
    return ml


def _limits(
    ml: LmerFit, names: tuple[ParameterName, ...], height: float
) -> tuple[list[tuple[float, float]], LmerFit | None]:
    """Find all limits; on meeting a point below the optimum return the fit that it leads to."""
    found: dict[ParameterName, tuple[float, float]] = {}
    ceilings: dict[tuple[int, int], float] = {}
    # SDs first: what they show at zero bounds the profiles of their correlations
    for what in sorted(names, key=lambda each: each.kind != "sd"):
        parameter = profiled(ml, what)
        start = optimum_of(parameter.surface, parameter.estimate)
        if start.undercuts(ml.criterion):
            return [], improved(ml, parameter, start)
        ceiling = lowest_ceiling(ml, what, ceilings)
        pair = limits(parameter.surface, start, height, ceiling)
        for crossing in pair:
            if crossing.status == "lower":
                return [], improved(ml, parameter, crossing.trace)
        if what.kind == "sd":
            # an SD that reaches the height above zero has risen at least that far at zero
            risen = pair[0].status == "reached"
            ceilings[what.term, what.effects[0]] = np.inf if risen else abs(pair[0].zeta)
        below, above = (parameter.units.value(crossing.parameter) for crossing in pair)
        found[what] = below, above
    return [found[what] for what in names], None


def lowest_ceiling(ml: LmerFit, what: ParameterName, known: dict[tuple[int, int], float]) -> float:
    """Return how far the profile of a correlation can rise: to where either variance vanishes.

    Infinity for other parameters. `known` holds zeta at zero by term and effect, and is added to.
    """
    ceiling = np.inf
    for effect in what.effects if what.kind == "correlation" else ():
        key = (what.term, effect)
        if key not in known:
            spread = profiled(ml, ParameterName("", "sd", what.term, (effect,)))
            start = optimum_of(spread.surface, spread.estimate)
            known[key] = ceiling_of(spread.surface, start)
        ceiling = min(ceiling, known[key])
    return ceiling


def improved(ml: LmerFit, parameter: ProfiledParameter, point: Trace) -> LmerFit:
    """Fit again from a point on a profile that lies below the optimum."""
    solution = ml.solution
    theta = parameter.surface.theta(point.z)
    found = solve(solution.problem, ml.statistics, solution.layout, theta)
    return replace(ml, solution=found)
