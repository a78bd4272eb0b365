"""Newton for many replicates at once: each has its own trust region, converged ones drop out."""

from dataclasses import dataclass, fields

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch import BatchDesign, BatchPoint, Responses, evaluate_batch
from nestling.fit.newton import trust_region_step
from nestling.linalg.stacked import cholesky, solve_lower

TOLERANCE = 1e-9
"""A replicate is done when its next step promises to lower the criterion by less."""


@dataclass(frozen=True, slots=True)
class BatchPath:
    """How each replicate's search went.

    Attributes
    ----------
    evaluations : (R,) array of int
    converged : (R,) array of bool
    """

    evaluations: IntArray
    converged: BoolArray


def minimise_batch(
    design: BatchDesign, responses: Responses, start: FloatArray, max_evaluations: int = 40
) -> tuple[BatchPoint, BatchPath]:
    """Minimise every replicate's criterion from its own start, (m, R).

    The rules are those of `nestling.fit.newton.minimise`, replicate by replicate.
    """
    R = start.shape[1]
    final = evaluate_batch(design, responses, start)
    radius = 2.0 * np.maximum(1.0, np.linalg.norm(start, axis=0))
    evaluations = np.ones(R, dtype=np.intp)
    converged = np.zeros(R, dtype=bool)
    active = np.arange(R)
    current, mine = final, responses
    for _ in range(max_evaluations):
        step, promise = _steps(current, radius[active])
        done = promise < 1e-4 * TOLERANCE
        converged[active[done]] = True
        if done.any():
            keep = np.flatnonzero(~done)
            active, current, mine = active[keep], _take(current, keep), mine.take(keep)
            step, promise = step[:, keep], promise[keep]
        if not len(active):
            break
        trial = evaluate_batch(design, mine, current.theta + step)
        evaluations[active] += 1
        noise = 1e-13 * (1.0 + np.abs(current.criterion))
        last = promise < TOLERANCE
        with np.errstate(invalid="ignore"):
            kept = (current.criterion - trial.criterion + noise) / promise
        length = np.linalg.norm(step, axis=0)
        bound = radius[active]
        bound = np.where(kept < 0.25, 0.25 * length, bound)
        bound = np.where((kept > 0.75) & (length > 0.9 * radius[active]), 3.0 * bound, bound)
        radius[active] = bound
        slack = np.where(last, TOLERANCE + noise, 0.0)
        accept = (kept > 1e-4) | (trial.criterion <= current.criterion + slack) & last
        current = _merge(current, trial, accept)
        _write(final, current, active)
        converged[active[last]] = True
        keep = np.flatnonzero(~last)
        active, current, mine = active[keep], _take(current, keep), mine.take(keep)
    return final, BatchPath(evaluations, converged)


def _steps(point: BatchPoint, radius: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton steps where they exist and fit the region, trust-region steps elsewhere."""
    lower = cholesky(point.hessian)
    half = solve_lower(lower, -point.gradient[:, None])
    m = len(point.gradient)
    step = np.empty_like(point.gradient)
    for i in reversed(range(m)):
        inner = np.einsum("ar,ar->r", lower[i + 1 :, i], step[i + 1 :])
        step[i] = (half[i, 0] - inner) / lower[i, i]
    promise = 0.5 * np.einsum("ar,ar->r", half[:, 0], half[:, 0])
    with np.errstate(invalid="ignore"):
        plain = np.isfinite(promise) & (np.linalg.norm(step, axis=0) <= radius)
    for r in np.flatnonzero(~plain):
        if np.isfinite(point.hessian[:, :, r]).all() and np.isfinite(point.gradient[:, r]).all():
            step[:, r], promise[r] = trust_region_step(
                point.hessian[:, :, r], point.gradient[:, r], float(radius[r])
            )
        else:
            step[:, r], promise[r] = 0.0, 0.0
    return step, promise


def _take(point: BatchPoint, index: IntArray) -> BatchPoint:
    return BatchPoint(*(getattr(point, f.name)[..., index] for f in fields(point)))


def _merge(current: BatchPoint, trial: BatchPoint, accept: BoolArray) -> BatchPoint:
    return BatchPoint(
        *(
            np.where(accept, getattr(trial, f.name), getattr(current, f.name))
            for f in fields(current)
        )
    )


def _write(final: BatchPoint, current: BatchPoint, active: IntArray) -> None:
    for f in fields(final):
        getattr(final, f.name)[..., active] = getattr(current, f.name)
