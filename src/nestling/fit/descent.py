"""From a start down to an optimum: Newton, the boundary, and axes that suit the criterion."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.boundary import certify, plainly_inside, snapped
from nestling.fit.criterion import Evaluation, Problem, evaluate
from nestling.fit.newton import minimise
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.statistics.layout import Layout

PATIENCE = 12
"""Evaluations before the axes of theta are turned."""

TURNS = 8
"""How often they are turned before the search is given up."""

Trace = list[tuple[FloatArray, float]]
"""Every theta that was evaluated, in the axes of the basis, with its criterion."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A point, and the problem in whose axes of theta it was evaluated.

    The axes may be turned; criterion, slopes and all that concerns Sigma are the same in all.
    """

    posed: Problem
    point: Evaluation

    def roots(self) -> tuple[FloatArray, ...]:
        """Return T of each grouping factor."""
        return self.posed.parameters.roots(self.point.theta)

    def theta(self, problem: Problem) -> FloatArray:
        """Return theta in the axes of a problem."""
        if self.posed is problem:
            return self.point.theta
        return problem.parameters.triangular(self.roots())


@dataclass(frozen=True, slots=True)
class Descent:
    """Where a descent ended, whether that is an optimum, and whether it is on the boundary."""

    point: Evaluation
    settled: bool
    singular: bool


def descend(problem: Problem, layout: Layout, start: Standpoint, trace: Trace) -> Descent:
    """Go down to an optimum.

    1. Newton, 2. set variances that all but vanished to zero if the criterion allows, 3. sign
    test on the boundary; leave it and go on if it is a saddle from which there is something to
    gain.
    """
    place, left = start, None
    for _ in range(8):
        place, converged = _search(problem, layout, place, trace)
        point, theta = place.point, place.theta(problem)
        if place.posed is problem and left is None and plainly_inside(problem, layout, theta):
            return Descent(point, converged, singular=False)
        noise = 1e-12 * (1.0 + abs(point.criterion))
        zeroed = snapped(problem, layout, theta)
        if zeroed is not None:
            candidate = evaluate(problem, zeroed)
            trace.append((zeroed, candidate.criterion))
            if candidate.criterion <= point.criterion + noise:
                place = Standpoint(problem, candidate)
        if place.posed is not problem:
            place = Standpoint(problem, evaluate(problem, theta))
            trace.append((theta, place.point.criterion))
        point = place.point
        if left is not None and point.criterion > left.criterion - noise:
            point = left
            break
        certificate = certify(problem, layout, point)
        if certificate.escape is None:
            break
        left = point
        place = turned_to(problem, layout, problem.parameters.roots(certificate.escape))
    else:
        converged = False
    return Descent(point, converged, any(certificate.singular))


def _search(
    problem: Problem, layout: Layout, start: Standpoint, trace: Trace
) -> tuple[Standpoint, bool]:
    """Minimise by Newton; when that takes long, turn the axes of theta and go on."""
    exact = problem.structure.exact
    place = start
    for _ in range(TURNS):
        point, path = minimise(
            partial(evaluate, place.posed),
            place.point,
            tolerance=1e-9 if exact else 1e-10,
            exact=exact,
            max_evaluations=PATIENCE,
        )
        thetas = path.thetas
        if place.posed is not problem:
            visited = [place.posed.parameters.roots(theta) for theta in thetas]
            thetas = [problem.parameters.triangular(roots) for roots in visited]
        trace += zip(thetas, path.criteria, strict=True)
        before, place = place, Standpoint(place.posed, point)
        if path.converged:
            break
        try:
            turned = turned_to(problem, layout, place.roots())
        except np.linalg.LinAlgError:  # at the edge of what has a value
            break
        place = _leap(problem, layout, before, turned, trace)
    return place, path.converged


def _leap(
    problem: Problem, layout: Layout, before: Standpoint, place: Standpoint, trace: Trace
) -> Standpoint:
    """Go on in the direction of the last steps, straight in Sigma, as far as it leads down."""
    moves = [
        (T @ T.T, T @ T.T - S @ S.T) for T, S in zip(place.roots(), before.roots(), strict=True)
    ]
    slope = sum(
        float((D * move).sum()) for D, (_, move) in zip(place.point.slopes, moves, strict=True)
    )
    if slope >= 0.0:
        return place
    share = 1e3
    for Sigma, move in moves:
        root = symmetric_root(Sigma, 1e-12)
        inside = np.linalg.solve(root, np.linalg.solve(root, move).T)
        lowest = float(np.linalg.eigvalsh(inside)[0])
        if lowest < 0.0:
            share = min(share, -1.0 / lowest)
    for part in (1.0, 0.3, 0.1):
        roots = tuple(
            lower_root(symmetric_root(Sigma + part * share * move)) for Sigma, move in moves
        )
        try:
            ahead = turned_to(problem, layout, roots)
        except np.linalg.LinAlgError:
            continue
        trace.append((ahead.theta(problem), ahead.point.criterion))
        if ahead.point.criterion < place.point.criterion:
            return ahead
    return place


def turned_to(problem: Problem, layout: Layout, roots: tuple[FloatArray, ...]) -> Standpoint:
    """Evaluate with the principal axes of each Sigma as the axes of theta.

    Where the first diagonal elements of a triangular T vanish before the others, the criterion
    has a curved valley. In these axes, longest first, it has none.
    """
    posed = replace(problem, parameters=problem.parameters.turned(layout, roots))
    return Standpoint(posed, evaluate(posed, posed.parameters.triangular(roots)))
