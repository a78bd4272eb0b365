"""Trust-region Newton for a smooth function with exact or approximate second derivatives."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from nestling.arrays import FloatArray


class Point(Protocol):
    """A function's value and derivatives at one place."""

    @property
    def theta(self) -> FloatArray: ...  # noqa: D102  the class says it
    @property
    def criterion(self) -> float: ...  # noqa: D102
    @property
    def gradient(self) -> FloatArray: ...  # noqa: D102
    @property
    def hessian(self) -> FloatArray: ...  # noqa: D102


P = TypeVar("P", bound=Point)


@dataclass(frozen=True, slots=True)
class Path:
    """How the search went.

    Attributes
    ----------
    thetas : list of (m,) arrays
    criteria : list of float
        Every evaluation in order; infinite where the function has no value.
    converged : bool
    """

    thetas: list[FloatArray]
    criteria: list[float]
    converged: bool


def minimise(
    evaluate: Callable[[FloatArray], P],
    start: P,
    *,
    tolerance: float,
    exact: bool = True,
    max_evaluations: int = 100,
) -> tuple[P, Path]:
    """Minimise from an evaluated start.

    Where the second derivatives are not `exact`, the change of the gradient over the last step
    corrects them (a BFGS update), which makes the last steps superlinear again.

    1. solve the quadratic model inside the trust region, 2. stop when it promises less than
    `tolerance`, after one last full step, 3. accept the step if the promise is kept at all,
    4. resize the region by how well it was kept.

    Source: Nocedal and Wright, Numerical Optimization (2006), chapter 4.
    """
    current, model = start, Quadratic.of(start.hessian, start.gradient)
    radius = 2.0 * max(1.0, _norm(start.theta))
    thetas, criteria = [start.theta], [start.criterion]
    while len(thetas) < max_evaluations:
        step, promise = model.step(radius)
        length = _norm(step)
        last = promise < tolerance and (exact or _settled(step, current.theta, 1e-6))
        if last and length > 0.9 * radius:
            # a small region promises little anywhere: only the free step can tell
            last = False
            done = model.promise < 1e-10 * (1.0 + abs(current.criterion))
        else:
            done = last and promise < 1e-4 * tolerance and _settled(step, current.theta, 3e-8)
        if done:
            return current, Path(thetas, criteria, converged=True)
        theta = current.theta + step
        trial = _attempt(evaluate, theta)
        thetas.append(theta)
        criteria.append(np.inf if trial is None else trial.criterion)
        ahead, gain = model, -np.inf
        if trial is not None:
            ahead = _model_at(trial, None if exact else (step, trial.gradient - current.gradient))
            gain = _gain(current, trial, promise, model, ahead)
        if last:
            best = trial if trial is not None and gain >= -tolerance else current
            return best, Path(thetas, criteria, converged=True)
        kept = gain / promise
        if kept < 0.25:
            radius = 0.25 * length
        elif kept > 0.75 and length > 0.9 * radius:
            radius *= 3.0
        if trial is not None and kept > 1e-4:
            current, model = trial, ahead
        elif radius < 1e-12 * (1.0 + _norm(current.theta)):
            break
    return current, Path(thetas, criteria, converged=False)


def _norm(vector: FloatArray) -> float:
    return math.sqrt(float(vector @ vector))


def _attempt(evaluate: Callable[[FloatArray], P], theta: FloatArray) -> P | None:
    """Evaluate, or return None where the function has no value."""
    try:
        return evaluate(theta)
    except np.linalg.LinAlgError:
        return None


def _model_at(point: Point, moved: tuple[FloatArray, FloatArray] | None) -> "Quadratic":
    """Return the model at a point, corrected by a step and the change of the gradient over it."""
    hessian = point.hessian if moved is None else _corrected(point.hessian, *moved)
    return Quadratic.of(hessian, point.gradient)


def _gain(current: P, trial: P, promise: float, model: "Quadratic", ahead: "Quadratic") -> float:
    """Return how far the function fell; the gradient tells where rounding hides the answer."""
    size = 1.0 + abs(current.criterion)
    gain = current.criterion - trial.criterion + 1e-13 * size
    if max(promise, abs(gain)) < 1e-9 * size and ahead.promise < model.promise:
        return max(gain, promise)
    return gain


def _settled(step: FloatArray, theta: FloatArray, share: float) -> bool:
    """Whether a step is too short to matter to any element, even one that hardly matters itself.

    A flat criterion is no proof that a weakly determined element has arrived; and steps that
    only shrink by a factor leave an error of their own order, where Newton's leave its square.
    """
    return bool((np.abs(step) <= share * (np.abs(theta) + 1e-2)).all())


@dataclass(frozen=True, slots=True)
class Quadratic:
    """The quadratic model g's + s'Hs / 2 in the eigen coordinates of H.

    Attributes
    ----------
    values : (m,) array
        Eigenvalues of H, ascending.
    vectors : (m, m) array
    slope : (m,) array
        Gradient in those coordinates.
    """

    values: FloatArray
    vectors: FloatArray
    slope: FloatArray

    @classmethod
    def of(cls, hessian: FloatArray, gradient: FloatArray) -> "Quadratic":
        """Take second and first derivatives."""
        values, vectors = np.linalg.eigh(hessian)
        return cls(values, vectors, gradient @ vectors)

    @property
    def flat(self) -> float:
        """The curvature that rounding cannot tell from none."""
        return 1e-14 * max(abs(float(self.values[0])), abs(float(self.values[-1])), 1e-300)

    @property
    def promise(self) -> float:
        """The decrease that the model promises without a trust region."""
        if self.values[0] < -self.flat:
            return np.inf
        return float(0.5 * (self.slope**2 / np.maximum(self.values, self.flat)).sum())

    def step(self, radius: float) -> tuple[FloatArray, float]:
        """Return the minimiser over |s| <= radius, and the decrease it promises."""
        values, slope = self.values, self.slope
        if values[0] > self.flat:
            coordinates = -slope / values
            if _norm(coordinates) <= radius:
                return self.vectors @ coordinates, -0.5 * float(slope @ coordinates)
        coordinates = _on_boundary(values, slope, radius, self.flat)
        promise = -(slope @ coordinates + 0.5 * coordinates @ (values * coordinates))
        return self.vectors @ coordinates, float(promise)


def _corrected(hessian: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Make a Hessian map the last step to the change of the gradient, keeping it definite."""
    image = hessian @ step
    along, curvature = float(step @ image), float(step @ change)
    if min(along, curvature) <= 1e-8 * float(np.linalg.norm(step) * np.linalg.norm(change)):
        return hessian
    update = np.outer(change, change) / curvature - np.outer(image, image) / along
    return np.asarray(hessian + update)


def trust_region_step(
    hessian: FloatArray, gradient: FloatArray, radius: float
) -> tuple[FloatArray, float]:
    """Return the minimiser of g's + s'Hs / 2 over |s| <= radius, and the decrease it promises.

    By the eigenvalues of H (a few dozen parameters at most), so that negative curvature and the
    hard case, a gradient without component along it, are met exactly.

    Examples
    --------
    >>> import numpy as np
    >>> step, promise = trust_region_step(np.diag([2.0, 4.0]), np.array([2.0, -4.0]), 10.0)
    >>> step.tolist(), promise
    ([-1.0, 1.0], 3.0)
    """
    return Quadratic.of(hessian, gradient).step(radius)


def _on_boundary(values: FloatArray, slope: FloatArray, radius: float, flat: float) -> FloatArray:
    """Solve (H + shift I) s = -g with |s| = radius, shift >= 0, in eigen coordinates."""
    active = np.abs(slope) > 1e-14 * max(float(np.abs(slope).max()), 1e-300)
    lowest = float(values[0])
    if lowest > -flat:  # semi-definite: along flat directions without slope do not move
        inside = np.where(values > flat, -slope / np.where(values > flat, values, 1.0), 0.0)
        blocked = (active & (values <= flat) & (np.abs(slope) > 1e-9)).any()
        if not blocked and float(np.linalg.norm(inside)) <= radius:
            return inside
    low = max(0.0, -lowest)
    shifted = values + low
    free = shifted > flat
    inside = np.where(free, -slope / np.where(free, shifted, 1.0), 0.0)
    length = float(np.linalg.norm(inside))
    if not (active & ~free).any() and length <= radius:
        if lowest < -flat:  # hard case: complete the step along the most negative curvature
            inside[0] += np.sqrt(max(radius**2 - length**2, 0.0))
        return inside
    shift = low + max(float(np.linalg.norm(slope)) / radius, flat)
    lower, upper = low, np.inf
    least = max(1e-2 * flat, 1e-290)  # a shift that rounds to the lowest eigenvalue's leaves zero
    for _ in range(60):
        lifted = np.maximum(values + shift, least)
        coordinates = -slope / lifted
        length = float(np.linalg.norm(coordinates))
        if abs(length - radius) < 1e-3 * radius:
            break
        if length > radius:
            lower = shift
        else:
            upper = shift
        curve = float(coordinates @ (coordinates / lifted))
        proposal = shift + (length**2 / curve) * (length - radius) / radius
        middle = 0.5 * (lower + upper) if np.isfinite(upper) else 2.0 * shift + flat
        shift = proposal if lower < proposal < upper else middle
    return np.asarray(coordinates)
