"""From sufficient statistics to the optimum of the criterion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Evaluation, Problem, evaluate, profile
from nestling.fit.descent import Standpoint, Trace, descend, turned_to
from nestling.fit.start import first_guess, second_guess
from nestling.fit.theta_map import ThetaMap
from nestling.statistics.basis import Basis
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import SufficientStatistics

LONG_WAY = 10
"""More evaluations than this are unusual."""

Status = Literal["optimum", "optimum on the boundary", "not converged"]


@dataclass(frozen=True, slots=True)
class Convergence:
    """How the optimum was found, and what is known about it.

    Attributes
    ----------
    status : str
        'optimum', 'optimum on the boundary' (certified by the sign test) or 'not converged'.
    gradient : (n_theta,) array
        Of the criterion to theta, in the rotated coordinates in which it was found.
    evaluations : int
        Of the criterion with its derivatives.
    trace : tuple of (theta, criterion)
        Every evaluation, in order.
    remedy : str
        What to do about it; empty when there is nothing to do.
    """

    status: Status
    gradient: FloatArray
    evaluations: int
    trace: tuple[tuple[FloatArray, float], ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Solution:
    """The optimum in the basis, with the problem it solves."""

    problem: Problem
    layout: Layout
    point: Evaluation
    convergence: Convergence


def pose(statistics: SufficientStatistics, basis: Basis, layout: Layout, *, reml: bool) -> Problem:
    """Arrange sufficient statistics as a problem to evaluate."""
    n, p = statistics.n, statistics.n_fixed
    nu = n - p if reml else n
    constant = 2.0 * nu * float(np.log(basis.response_scale)) - statistics.log_weights
    if reml:
        constant += 2.0 * basis.log_scale
    return Problem(structure_of(statistics), ThetaMap.of(layout), n, p, reml, constant)


def solve(
    problem: Problem,
    statistics: SufficientStatistics,
    layout: Layout,
    theta: FloatArray | None = None,
) -> Solution:
    """Find the optimum, from MIVQUE(0) or from a given theta in the basis.

    1. start, 2. descend, 3. after a long way to the boundary descend from the other start too,
    and keep the better: there the criterion may have several optima.
    """
    trace: Trace = []
    if theta is not None:
        starts = [Standpoint(problem, evaluate(problem, theta))]
    else:
        starts = _starts(problem, statistics, layout)
        trace += [(each.theta(problem), each.point.criterion) for each in starts[1:]]
    found = descend(problem, layout, starts[0], trace)
    if found.singular and len(trace) > LONG_WAY and len(starts) > 1:
        other = descend(problem, layout, starts[1], trace)
        if other.settled and other.point.criterion < found.point.criterion:
            found = other
    status: Status = "not converged"
    remedy = (
        "The search stopped without reaching an optimum: check the model for terms the data "
        "cannot tell apart, and leave out the least plausible."
    )
    if found.settled:
        status = "optimum on the boundary" if found.singular else "optimum"
        remedy = (
            "A variance is zero or a correlation is one at the optimum: the data do not support "
            "the term; leave it out or remove its correlations (||)."
            if found.singular
            else ""
        )
    point = found.point
    convergence = Convergence(status, point.gradient, len(trace), tuple(trace), remedy)
    return Solution(problem, layout, point, convergence)


def _starts(problem: Problem, statistics: SufficientStatistics, layout: Layout) -> list[Standpoint]:
    """Evaluate at MIVQUE(0), and where that lies outside the space at another guess, best first."""
    guess = first_guess(statistics, problem.parameters, layout)
    if guess.interior:
        return [Standpoint(problem, evaluate(problem, guess.theta))]
    first = turned_to(problem, layout, problem.parameters.roots(guess.theta))
    if not problem.structure.exact:
        return [first]
    second = second_guess(problem, layout)
    if second.drowned:
        second = second_guess(problem, layout, second.theta)
    other = turned_to(problem, layout, problem.parameters.roots(second.theta))
    return sorted((first, other), key=lambda each: each.point.criterion)


def criterion_at(problem: Problem, theta: FloatArray) -> float:
    """Return the criterion alone at a theta in the basis."""
    return profile(problem, problem.structure.factorise(problem.parameters.roots(theta)))[3]
