"""Many responses to one design, solved together.

One grouping factor and nested ones go through a batched kernel. Of crossed factors the replicates
share the start, for which the design is factorised once; then each goes on alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch import BatchKernel, BatchValue, ResponseBlocks, in_pieces
from nestling.fit.batch_boundary import certified_batch, snapped_batch
from nestling.fit.batch_nested import NestedBatch
from nestling.fit.batch_newton import minimise_batch
from nestling.fit.batch_one_factor import OneFactorBatch
from nestling.fit.batch_start import guesses, moments_at, shared_forms
from nestling.fit.choose import is_nested, structure_of
from nestling.fit.criterion import Problem
from nestling.fit.solve import Status, solve
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import SufficientStatistics

CELLS = 1 << 13
"""Levels times responses that are carried together: what a processor's cache holds."""


@dataclass(frozen=True, slots=True)
class BatchSolution:
    """The optima of R responses, in the basis.

    Attributes
    ----------
    theta : (m, R) array
    criterion, square : (R,) arrays
        Without the problem's constant.
    beta : (p, R) array
    unscaled : (p, p, R) array
        (X'V^-1 X)^-1.
    status : tuple of str
        As in `Convergence.status`, per response.
    evaluations : (R,) array of int
    """

    theta: FloatArray
    criterion: FloatArray
    square: FloatArray
    beta: FloatArray
    unscaled: FloatArray
    status: tuple[Status, ...]
    evaluations: IntArray


def solve_batch(
    problem: Problem,
    design: SufficientStatistics,
    layout: Layout,
    responses: ResponseBlocks,
    start: FloatArray,
) -> BatchSolution:
    """Find the optimum for every response; `start` is a theta in the basis that is near.

    1. MIVQUE at `start` for all responses, 2. Newton for all of them together, 3. the sign test
    on the boundary, 4. what did not converge or is a saddle is solved alone.
    """
    kernel = kernel_of(problem, design, responses)
    if kernel is None:
        return _one_by_one(problem, design, layout, responses, start)
    statistics = partial(responses.statistics, design)
    return solve_together(problem, layout, kernel, len(responses), statistics, start)


def solve_together(
    problem: Problem,
    layout: Layout,
    kernel: BatchKernel,
    n: int,
    statistics: Callable[[int], SufficientStatistics],
    start: FloatArray,
) -> BatchSolution:
    """Find the optima of the `n` replicates of a kernel; `statistics` are those of one of them.

    `problem` gives the moments at `start`: of the design that the replicates share, or of one
    that is like theirs.
    """
    everything = np.arange(n)
    piece = piece_of(kernel)
    near = start[:, None]
    parts = [everything[a : a + piece] for a in range(0, len(everything), piece)]
    forms, square = (
        np.concatenate(part, axis=-1)
        for part in zip(*(kernel.forms(index, near) for index in parts), strict=True)
    )
    first = guesses(moments_at(problem, start), forms, square, start, problem, layout)
    theta, value, path = minimise_batch(kernel, first, piece)
    doubtful = ~path.converged
    status: list[Status] = ["optimum"] * len(everything)
    boundary, unsure = _at_boundary(problem, layout, kernel, piece, theta, value)
    for r in np.flatnonzero(boundary):
        status[r] = "optimum on the boundary"
    evaluations = path.evaluations
    for r in np.flatnonzero(doubtful | unsure):
        alone, status[r], more = _alone(problem, layout, statistics(int(r)), theta[:, r])
        theta[:, r] = alone[0]
        for f, found in zip(fields(value), alone[1:], strict=True):
            getattr(value, f.name)[..., r] = found
        evaluations[r] += more
    return BatchSolution(
        theta=theta,
        criterion=value.criterion,
        square=value.square,
        beta=value.beta,
        unscaled=value.unscaled,
        status=tuple(status),
        evaluations=evaluations,
    )


def kernel_of(
    problem: Problem, design: SufficientStatistics, responses: ResponseBlocks
) -> BatchKernel | None:
    """Return the batched kernel of a design, None where there is none."""
    if len(design.factors) == 1:
        return OneFactorBatch.of(problem, design, responses)
    if is_nested(design):
        return NestedBatch.of(problem, design, responses)
    return None


def piece_of(kernel: BatchKernel) -> int:
    """Return how many replicates are carried together."""
    return max(32, CELLS // kernel.cells)


def _one_by_one(
    problem: Problem,
    design: SufficientStatistics,
    layout: Layout,
    responses: ResponseBlocks,
    start: FloatArray,
) -> BatchSolution:
    """Start all from one factorisation of the design, then solve for each alone."""
    forms, square = shared_forms(problem, design, responses, start)
    first = guesses(moments_at(problem, start), forms, square, start, problem, layout)
    alone = [
        _alone(problem, layout, responses.statistics(design, r), first[:, r])
        for r in range(len(responses))
    ]
    columns = zip(*(found for found, _, _ in alone), strict=True)
    theta, criterion, square, beta, unscaled = (np.stack(each, axis=-1) for each in columns)
    return BatchSolution(
        theta=theta,
        criterion=criterion,
        square=square,
        beta=beta,
        unscaled=unscaled,
        status=tuple(status for _, status, _ in alone),
        evaluations=np.array([more for _, _, more in alone]),
    )


def _at_boundary(
    problem: Problem,
    layout: Layout,
    kernel: BatchKernel,
    piece: int,
    theta: FloatArray,
    value: BatchValue,
) -> tuple[BoolArray, BoolArray]:
    """Set vanishing variances to zero where the criterion allows it.

    Changes `theta` and `value`. Returns which replicates are certified optima on the boundary,
    and which must be looked at alone.
    """
    boundary = np.zeros(theta.shape[1], dtype=bool)
    unsure = np.zeros(theta.shape[1], dtype=bool)
    zeroed, small = snapped_batch(problem, layout, theta)
    index = np.flatnonzero(small)
    if not len(index):
        return boundary, unsure
    point = in_pieces(kernel.point, index, zeroed[:, index], piece)
    noise = 1e-12 * (1.0 + np.abs(value.criterion[index]))
    better = point.criterion <= value.criterion[index] + noise
    singular, passed = certified_batch(problem, layout, zeroed[:, index], point.slopes)
    boundary[index] = better & singular & passed
    # a small variance that the criterion keeps is an optimum unless it is as good as zero
    kept, _ = certified_batch(problem, layout, theta[:, index], point.slopes)
    unsure[index] = np.where(better, ~passed, kept)
    accepted = np.flatnonzero(boundary)
    if len(accepted):
        theta[:, accepted] = zeroed[:, accepted]
        found = in_pieces(kernel.value, accepted, theta[:, accepted], piece)
        for f in fields(value):
            getattr(value, f.name)[..., accepted] = getattr(found, f.name)
    return boundary, unsure


def _alone(
    problem: Problem, layout: Layout, statistics: SufficientStatistics, start: FloatArray
) -> tuple[tuple[FloatArray, float, float, FloatArray, FloatArray], Status, int]:
    """Solve for one response; return theta and the fields of its `BatchValue`."""
    own = replace(problem, structure=structure_of(statistics), constant=0.0)
    spent = 0
    for theta in (start, None) if np.isfinite(start).all() else (None,):
        try:
            solution = solve(own, statistics, layout, theta)
        except np.linalg.LinAlgError:
            continue
        spent += solution.convergence.evaluations
        if solution.convergence.status != "not converged":
            break
    else:
        if not spent:  # no criterion anywhere: the response leaves no residuals
            p = problem.p
            nothing = (start, np.nan, 0.0, np.full(p, np.nan), np.full((p, p), np.nan))
            return nothing, "not converged", spent
    point = solution.point
    found = (point.theta, point.criterion, point.square, point.beta, point.unscaled)
    return found, solution.convergence.status, spent
