"""From sufficient statistics to the optimum of the criterion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.boundary import certify, snapped
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Evaluation, Problem, evaluate, profile
from nestling.fit.newton import minimise
from nestling.fit.theta_map import ThetaMap
from nestling.fit.start import first_guess, second_guess
from nestling.statistics.basis import Basis
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import SufficientStatistics

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

    1. start, 2. Newton, 3. set variances that all but vanished to zero if the criterion allows,
    4. sign test on the boundary; leave it and go on if it is a saddle.
    """
    tolerance = 1e-9 if problem.structure.exact else 1e-10
    trace: list[tuple[FloatArray, float]] = []

    def measured(at: FloatArray) -> Evaluation:
        return evaluate(problem, at)

    point = measured(theta) if theta is not None else _start(problem, statistics, layout, trace)
    for _ in range(8):
        point, path = minimise(measured, point, tolerance=tolerance, exact=problem.structure.exact)
        trace += zip(path.thetas, path.criteria, strict=True)
        zeroed = snapped(problem, layout, point.theta)
        if zeroed is not None:
            candidate = measured(zeroed)
            trace.append((zeroed, candidate.criterion))
            if candidate.criterion <= point.criterion + 1e-12 * (1.0 + abs(point.criterion)):
                point = candidate
        certificate = certify(problem, layout, point)
        if certificate.escape is None:
            break
        point = measured(certificate.escape)
    status: Status = "not converged"
    remedy = (
        "The search stopped without reaching an optimum: check the model for terms the data "
        "cannot tell apart, and leave out the least plausible."
    )
    if path.converged and certificate.escape is None:
        singular = any(certificate.singular)
        status = "optimum on the boundary" if singular else "optimum"
        remedy = (
            "A variance is zero or a correlation is one at the optimum: the data do not support "
            "the term; leave it out or remove its correlations (||)."
            if singular
            else ""
        )
    convergence = Convergence(status, point.gradient, len(trace), tuple(trace), remedy)
    return Solution(problem, layout, point, convergence)


def _start(
    problem: Problem,
    statistics: SufficientStatistics,
    layout: Layout,
    trace: list[tuple[FloatArray, float]],
) -> Evaluation:
    """Evaluate at MIVQUE(0), or where that lies outside the space at the better of two guesses."""
    guess = first_guess(statistics, problem.parameters, layout)
    point = evaluate(problem, guess.theta)
    if guess.interior or not problem.structure.exact:
        return point
    other = evaluate(problem, second_guess(problem, layout).theta)
    better, worse = sorted((point, other), key=lambda each: each.criterion)
    trace.append((worse.theta, worse.criterion))
    return better


def criterion_at(problem: Problem, theta: FloatArray) -> float:
    """Return the criterion alone at a theta in the basis."""
    return profile(problem, problem.structure.factorise(problem.parameters.roots(theta)))[3]
