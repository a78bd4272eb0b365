"""Newton for many replicates at once: each has its own trust region, and leaves when it is done."""

from dataclasses import dataclass, fields, replace

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
        if not kernel.exact:
            # steps that only shrink by a factor leave an error of their own order
            small &= (np.abs(step) <= 1e-6 * (np.abs(current.theta) + 1e-2)).all(axis=0)
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
        if not kernel.exact:
            trial = _corrected(trial, step, trial.gradient - current.gradient)
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
    finite = np.isfinite(point.hessian).all(axis=(0, 1)) & np.isfinite(point.gradient).all(axis=0)
    step[:, ~finite], promise[~finite] = 0.0, np.nan
    bent = np.flatnonzero(~plain & finite)
    if len(bent):
        step[:, bent], promise[bent] = bounded_steps(
            point.hessian[:, :, bent], point.gradient[:, bent], radius[bent]
        )
    return step, promise


def bounded_steps(
    hessian: FloatArray, gradient: FloatArray, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return `nestling.fit.newton.trust_region_step` of each replicate, by the same iteration.

    The few whose lowest eigenvalue is zero go one by one.
    """
    values, vectors = np.linalg.eigh(hessian.transpose(2, 0, 1))
    slope = np.einsum("rmi,mr->ri", vectors, gradient)
    flat = 1e-14 * np.maximum(np.abs(values).max(axis=1), 1e-300)
    lowest = values[:, 0]
    steep = np.linalg.norm(slope, axis=1)
    # a gradient without component along negative curvature gets a trace of one: which sign it
    # has does not matter
    hard = (lowest < -flat) & (np.abs(slope[:, 0]) <= 1e-10 * steep)
    pushed = slope.copy()
    pushed[hard, 0] = 1e-10 * np.maximum(steep[hard], np.abs(lowest[hard]))
    with np.errstate(all="ignore"):
        free = -slope / values
        inside = (lowest > flat) & (np.linalg.norm(free, axis=1) <= radius)
    lower = np.maximum(0.0, -lowest)
    upper = np.full_like(lower, np.inf)
    shift = lower + np.maximum(steep / radius, flat)
    moving = ~inside
    step = np.where(inside[:, None], free, 0.0)
    for _ in range(60):
        shifted = values + shift[:, None]
        with np.errstate(all="ignore"):
            now = -pushed / shifted
            length = np.linalg.norm(now, axis=1)
            curve = (now**2 / shifted).sum(axis=1)
            proposal = shift + (length**2 / curve) * (length - radius) / radius
        step = np.where(moving[:, None], now, step)
        moving &= ~(np.abs(length - radius) < 1e-3 * radius)
        if not moving.any():
            break
        lower = np.where(length > radius, shift, lower)
        upper = np.where(length > radius, upper, shift)
        with np.errstate(all="ignore"):
            middle = np.where(np.isfinite(upper), 0.5 * (lower + upper), 2.0 * shift + flat)
            good = (lower < proposal) & (proposal < upper)
        shift = np.where(good, proposal, middle)
    promise = -(slope * step + 0.5 * values * step**2).sum(axis=1)
    steps = np.einsum("rmi,ri->mr", vectors, step)
    for r in np.flatnonzero(np.abs(lowest) <= flat):
        steps[:, r], promise[r] = trust_region_step(
            hessian[:, :, r], gradient[:, r], float(radius[r])
        )
    return steps, promise


def _corrected(point: BatchPoint, step: FloatArray, change: FloatArray) -> BatchPoint:
    """Make the Hessians map the last steps to the changes of the gradient, as Newton alone does."""
    image = np.einsum("mnr,nr->mr", point.hessian, step)
    along, curvature = np.einsum("mr,mr->r", step, image), np.einsum("mr,mr->r", step, change)
    size = np.linalg.norm(step, axis=0) * np.linalg.norm(change, axis=0)
    with np.errstate(all="ignore"):
        sound = np.minimum(along, curvature) > 1e-8 * size
        update = change[:, None] * change / curvature - image[:, None] * image / along
    return replace(point, hessian=point.hessian + np.where(sound, update, 0.0))


def _merge(current: BatchPoint, trial: BatchPoint, accept: BoolArray) -> BatchPoint:
    if accept.all():
        return trial
    return BatchPoint(
        *(
            np.where(accept, getattr(trial, f.name), getattr(current, f.name))
            for f in fields(current)
        )
    )
