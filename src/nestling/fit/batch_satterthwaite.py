"""Degrees of freedom after Satterthwaite for many responses at once.

df = 2 v^2 / (g'A g) for the variance v = l' vcov l of an estimate, with g the gradient of v in
the covariance parameters (theta, log sigma) and A twice the inverse Hessian of the criterion in
them, sigma not profiled out. All derivatives are exact. The residual variance is a factor of v
and of g and cancels.

On the boundary the direction of a variance that is zero does not move v. A direction along which
the criterion is flat or bends down carries no information; the parameters are held there, as
lmerTest does.
"""

from dataclasses import replace

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.batch import BatchKernel, BatchSensitivity, ResponseBlocks, in_pieces
from nestling.fit.batch_solve import BatchSolution, kernel_of, piece_of
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Problem, evaluate
from nestling.fit.second_order import blocks_at, forms, grams, trace_products
from nestling.linalg.packed import doubling, pack, pairs
from nestling.linalg.stacked import cholesky, solve_lower
from nestling.statistics.sufficient import SufficientStatistics

SMALL = 1e-8
"""Eigenvalues below this share of the largest count as zero: the data do not tell them."""

CLEAR = 1e-4
"""Pivots above this share of the diagonal say that no eigenvalue is near zero."""


def batch_satterthwaite(
    problem: Problem,
    design: SufficientStatistics,
    responses: ResponseBlocks,
    solution: BatchSolution,
    contrasts: FloatArray,
) -> FloatArray:
    """Return the degrees of freedom of contrasts (c, p) of the fixed effects, (c, R).

    The contrasts are those of the basis' fixed effects: L of the user's are L G there, with
    G = `basis.transform[:-1, :-1]`.
    """
    return degrees_of_freedom(batch_sensitivity(problem, design, responses, solution), contrasts)


def batch_sensitivity(
    problem: Problem,
    design: SufficientStatistics,
    responses: ResponseBlocks,
    solution: BatchSolution,
) -> BatchSensitivity:
    """Return what the degrees of freedom of any contrasts need."""
    kernel = kernel_of(problem, design, responses)
    index = np.arange(len(responses))
    if kernel is None:
        each = [_alone(problem, design, responses, solution.theta[:, r], int(r)) for r in index]
        return BatchSensitivity(
            *(np.stack([getattr(s, name) for s in each], axis=-1) for name in _FIELDS)
        )
    return sensitivity_of(kernel, solution)


def sensitivity_of(kernel: BatchKernel, solution: BatchSolution) -> BatchSensitivity:
    """Return what degrees of freedom need, for the replicates of a kernel at their optima."""
    index = np.arange(solution.theta.shape[1])
    return in_pieces(kernel.sensitivity, index, solution.theta, piece_of(kernel))


_FIELDS = ("hessian", "unscaled", "grams")


def degrees_of_freedom(sensitivity: BatchSensitivity, contrasts: FloatArray) -> FloatArray:
    """Return 2 v^2 / var(v), (c, R), for contrasts (c, p); (c, p, R) are each replicate's own."""
    each = "cpr" if contrasts.ndim == 3 else "cp"
    w = np.einsum(f"{each},pqr->qcr", contrasts, sensitivity.unscaled)
    v = np.einsum(f"{each},pcr->cr", contrasts, w)
    weights = zip(pairs(len(w)), doubling(len(w)), strict=True)
    products = np.empty((sensitivity.grams.shape[1], *v.shape))
    for i, ((a, b), double) in enumerate(weights):
        products[i] = double * w[a] * w[b]
    gradient = np.empty((len(sensitivity.hessian), *v.shape))
    gradient[:-1] = np.einsum("mir,icr->mcr", sensitivity.grams, products)
    gradient[-1] = 2.0 * v
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(v**2 / _inverse_form(sensitivity.hessian, gradient))


def _inverse_form(hessian: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return g'H^-1 g, (c, R), over the directions in which H (m, m, R) is positive."""
    size = np.sqrt(np.abs(np.einsum("mmr->mr", hessian)))
    scale = np.where(size > 0.0, size, 1.0)
    scaled = hessian / (scale[:, None] * scale)
    g = gradient / scale[:, None]
    lower = cholesky(scaled)
    half = solve_lower(lower, g)
    form = (half**2).sum(axis=0)
    with np.errstate(invalid="ignore"):
        clear = np.einsum("mmr->mr", lower).min(axis=0) ** 2 > CLEAR
    rest = np.flatnonzero(~clear & np.isfinite(scaled).all(axis=(0, 1)))
    if len(rest):
        values, vectors = np.linalg.eigh(scaled[:, :, rest].transpose(2, 0, 1))
        known = values > SMALL * values[:, -1:]
        inverse = np.where(known, 1.0 / np.where(known, values, 1.0), 0.0)
        turned = np.einsum("rmi,mcr->ric", vectors, g[:, :, rest])
        form[:, rest] = np.einsum("ric,ri->cr", turned**2, inverse)
    return np.asarray(form)


def _alone(
    problem: Problem,
    design: SufficientStatistics,
    responses: ResponseBlocks,
    theta: FloatArray,
    r: int,
) -> BatchSensitivity:
    """Return the sensitivity for one response, without the axis of the responses."""
    statistics = responses.statistics(design, r)
    own = replace(problem, structure=structure_of(statistics), constant=0.0)
    point = evaluate(own, theta)
    blocks, parameters = blocks_at(own, point), own.parameters
    directions = parameters.directions(parameters.roots(point.theta))
    s = forms(blocks, directions)
    curvature = point.factorisation.curvature(directions, blocks.score(reml=own.reml))
    curvature = curvature + blocks.rate / blocks.square * np.outer(s, s)
    if not own.structure.exact:
        traces = trace_products(own.structure, statistics, blocks, directions, reml=own.reml)
        curvature = 2.0 * curvature - traces
    parameters.add_second_derivative(curvature, point.slopes)
    m = len(s)
    hessian = np.empty((m + 1, m + 1))
    hessian[:m, :m] = curvature
    hessian[m, :m] = hessian[:m, m] = 2.0 * blocks.rate * s
    hessian[m, m] = 4.0 * own.nu
    inverse = np.linalg.inv(blocks.root)
    moved = inverse.T @ grams(blocks, directions) @ inverse
    return BatchSensitivity(hessian, point.unscaled, pack(moved.transpose(1, 2, 0)).T)
