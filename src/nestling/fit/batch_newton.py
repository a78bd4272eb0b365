"""Newton for many replicates at once: each has its own trust region, and leaves when it is done."""

from dataclasses import dataclass, fields

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch import BatchKernel, BatchPoint, BatchValue, in_pieces, take
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
    kernel: BatchKernel, start: FloatArray, piece: int, max_evaluations: int = 40
) -> tuple[FloatArray, BatchValue, BatchPath]:
    """Minimise every replicate's criterion from its own start, (m, R), `piece` at a time.

    The rules are those of `nestling.fit.newton.minimise`, replicate by replicate. After the last
    step, which promises less than the tolerance, the criterion alone is evaluated.
    """
    R = start.shape[1]
    active = np.arange(R)
    current = in_pieces(kernel.point, active, start, piece)
    theta, criterion = start.copy(), current.criterion.copy()
    radius = 2.0 * np.maximum(1.0, np.linalg.norm(start, axis=0))
    evaluations = np.ones(R, dtype=np.intp)
    converged = np.zeros(R, dtype=bool)
    final = start.copy()
    for _ in range(max_evaluations):
        step, promise = _steps(current, radius[active])
        small = promise < TOLERANCE
        theta[:, active], criterion[active] = current.theta, current.criterion
        final[:, active] = current.theta + np.where(small, step, 0.0)
        converged[active] = small
        going = np.flatnonzero(~small & np.isfinite(promise))
        if not len(going):
            break
        active, current = active[going], take(current, going)
        step, promise = step[:, going], promise[going]
        trial = in_pieces(kernel.point, active, current.theta + step, piece)
        evaluations[active] += 1
        noise = 1e-13 * (1.0 + np.abs(current.criterion))
        with np.errstate(invalid="ignore"):
            kept = (current.criterion - trial.criterion + noise) / promise
        length = np.linalg.norm(step, axis=0)
        bound = radius[active]
        bound = np.where(~(kept >= 0.25), 0.25 * length, bound)
        bound = np.where((kept > 0.75) & (length > 0.9 * radius[active]), 3.0 * bound, bound)
        radius[active] = bound
        current = _merge(current, trial, kept > 1e-4)
    value = in_pieces(kernel.value, np.arange(R), final, piece)
    evaluations += (final != theta).any(axis=0)
    slack = TOLERANCE + 1e-13 * (1.0 + np.abs(criterion))
    worse = np.flatnonzero(~(value.criterion <= criterion + slack))
    if len(worse):
        final[:, worse] = theta[:, worse]
        before = in_pieces(kernel.value, worse, final[:, worse], piece)
        for f in fields(value):
            getattr(value, f.name)[..., worse] = getattr(before, f.name)
    return final, value, BatchPath(evaluations, converged & np.isfinite(value.criterion))


def _steps(point: BatchPoint, radius: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton steps where they exist and fit the region, trust-region steps elsewhere.

    A replicate without derivatives gets no step, and NaN for its promise.
    """
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
            step[:, r], promise[r] = 0.0, np.nan
    return step, promise


def _merge(current: BatchPoint, trial: BatchPoint, accept: BoolArray) -> BatchPoint:
    if accept.all():
        return trial
    return BatchPoint(
        *(
            np.where(accept, getattr(trial, f.name), getattr(current, f.name))
            for f in fields(current)
        )
    )
