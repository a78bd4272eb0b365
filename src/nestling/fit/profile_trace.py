"""One point of a profile: the other coordinates at their optimum, as far as a model knows it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.newton import minimise
from nestling.fit.profile_surface import Slice, Surface, slice_at

TIGHT = 1e-8
"""A point counts as measured when the model promises to lower the deviance by no more."""
MANY, FEW = 60, 10
"""Evaluations to spend on one point, with exact second derivatives and with learned ones."""
FLAT = 1e-11
"""Share of the largest curvature below which there is none."""
LEVEL = 1e-6
"""Slopes that count as none along directions without curvature."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The profile at one value of the parameter.

    Attributes
    ----------
    z : array
        All coordinates, those other than the parameter at their optimum.
    index : int
        Which one is the parameter.
    value, slope, curvature : float
        Profile deviance and its derivatives to the parameter.
    follow : array
        Derivatives of z to the parameter; zero for those coordinates that do not move because
        the parameter is at its bound.
    promise : float
        How much the quadratic model has taken off the measured deviance to arrive at `value`;
        infinite where the point is no optimum and `value` just what was measured.
    """

    z: FloatArray
    index: int
    value: float
    slope: float
    curvature: float
    follow: FloatArray
    promise: float

    @property
    def parameter(self) -> float:
        """Value of the parameter."""
        return float(self.z[self.index])

    def zeta(self, low: float) -> float:
        """Return the root of the rise above `low`."""
        return float(np.sqrt(max(self.value - low, 0.0)))

    def undercuts(self, low: float) -> bool:
        """Whether this point surely lies below `low`, so that `low` is no optimum."""
        return self.promise < TIGHT and self.value < low - 10.0 * TIGHT - 1e-12 * abs(low)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def trace_at(
    surface: Surface, z: FloatArray, free: IntArray | None = None, *, tolerance: float
) -> Trace:
    """Optimise the free coordinates until the model promises less than `tolerance`.

    A search may ask for the deviance at the end of the world and be refused there; that is no
    concern of the user's.

    Raises
    ------
    numpy.linalg.LinAlgError
        When the deviance has no value at z.
    """
    index = surface.coordinates.index
    free = np.flatnonzero(np.arange(len(z)) != index) if free is None else free

    def measure(values: FloatArray) -> Slice:
        return slice_at(surface, z, free, values)

    point = measure(z[free])
    model = Model.of(point)
    if model.promise > tolerance:
        point = _optimum(surface, measure, point, tolerance)
        model = Model.of(point)
    whole = point.whole
    coupling = whole.hessian[index, free]
    moved, follow = whole.z.copy(), np.zeros(len(z))
    moved[free] += model.step
    follow[free] = -model.solve(coupling)
    curvature = whole.hessian[index, index] + coupling @ follow[free]
    follow[index] = 1.0
    return Trace(
        z=moved,
        index=index,
        value=point.criterion - (model.promise if np.isfinite(model.promise) else 0.0),
        slope=float(whole.gradient[index] + coupling @ model.step),
        curvature=float(curvature),
        follow=follow,
        promise=model.promise,
    )


def _optimum(
    surface: Surface, measure: Callable[[FloatArray], Slice], point: Slice, tolerance: float
) -> Slice:
    """Minimise from a measured point."""
    exact = surface.problem.structure.exact
    tries = MANY if exact else FEW
    point, path = minimise(measure, point, tolerance=tolerance, max_evaluations=tries)
    if path.converged or exact:
        return point
    # what was learned has misled: forget it, and let the optimiser learn for itself
    surface.secant.rest()
    start = measure(point.theta)
    point, _ = minimise(measure, start, tolerance=tolerance, exact=False, max_evaluations=MANY)
    surface.secant.resume()
    return point


@dataclass(frozen=True, slots=True)
class Model:
    """The quadratic model around a point, and the step to its optimum.

    Without an optimum within reach it promises infinitely much.
    """

    values: FloatArray
    vectors: FloatArray
    step: FloatArray
    promise: float

    @classmethod
    def of(cls, point: Slice) -> "Model":
        """Model the deviance around a measured point."""
        if not len(point.theta):
            return cls(np.empty(0), np.empty((0, 0)), np.empty(0), 0.0)
        values, vectors = np.linalg.eigh(point.hessian)
        slope = vectors.T @ point.gradient
        flat = FLAT * float(np.abs(values).max())
        steep = values > flat
        # along flat directions stand still: what is not identified does not matter
        coordinates = np.where(steep, -slope / np.where(steep, values, 1.0), 0.0)
        reach = 4.0 * max(1.0, float(point.theta @ point.theta))
        level = values[0] >= -flat and (steep.all() or np.abs(slope[~steep]).max() <= LEVEL)
        if not level or coordinates @ coordinates > reach:
            return cls(values, vectors, np.zeros(len(values)), np.inf)
        return cls(values, vectors, vectors @ coordinates, float(-0.5 * slope @ coordinates))

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve with the Hessian, standing still along directions without curvature."""
        steep = self.values > 1e-9 * max(float(np.abs(self.values).max(initial=0.0)), 1e-300)
        inverse = np.where(steep, 1.0 / np.where(steep, self.values, 1.0), 0.0)
        return np.asarray(self.vectors @ (inverse * (self.vectors.T @ right)))
