"""One point of a profile: the other coordinates at their optimum, as far as a model knows it."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.newton import minimise, trust_region_step
from nestling.fit.profile_surface import Slice, Surface, slice_at


@dataclass(frozen=True, slots=True)
class Trace:
    """The profile at one value of the parameter.

    Attributes
    ----------
    parameter : float
    others : array
        The other coordinates at their optimum.
    value, slope, curvature : float
        Profile deviance and its derivatives to the parameter.
    follow : array
        Derivatives of the other coordinates' optimum to the parameter; zero for those that do
        not move because the parameter is at its bound.
    promise : float
        How much the quadratic model has taken off the measured deviance to arrive at `value`.
    """

    parameter: float
    others: FloatArray
    value: float
    slope: float
    curvature: float
    follow: FloatArray
    promise: float

    def zeta(self, low: float) -> float:
        """Return the root of the rise above `low`."""
        return float(np.sqrt(max(self.value - low, 0.0)))


def trace_at(
    surface: Surface, z: FloatArray, free: IntArray | None = None, *, tolerance: float
) -> Trace:
    """Optimise the free coordinates until the model promises less than `tolerance`.

    Average information is no basis for such trust: where the structure has no exact Hessian the
    optimum is always approached to a promise of 1e-8.
    """
    exact = surface.problem.structure.exact
    index = surface.coordinates.index
    others = np.delete(np.arange(len(z)), index)
    free = others if free is None else free

    def measure(values: FloatArray) -> Slice:
        return slice_at(surface, z, free, values)

    point = measure(z[free])
    model = Model.of(point)
    if model.promise > (tolerance if exact else 1e-8):
        tolerance = tolerance if exact else 1e-8
        point, _ = minimise(measure, point, tolerance=tolerance, exact=exact)
        model = Model.of(point)
    whole = point.whole
    coupling = whole.hessian[index, free]
    moved, follow = whole.z.copy(), np.zeros(len(z))
    moved[free] += model.step
    follow[free] = -model.solve(coupling)
    return Trace(
        parameter=float(z[index]),
        others=moved[others],
        value=point.criterion - model.promise,
        slope=float(whole.gradient[index] + coupling @ model.step),
        curvature=float(whole.hessian[index, index] + coupling @ follow[free]),
        follow=follow[others],
        promise=model.promise,
    )


@dataclass(frozen=True, slots=True)
class Model:
    """The quadratic model around a point, and the step to its optimum."""

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
        radius = 2.0 * max(1.0, float(np.linalg.norm(point.theta)))
        if values[0] > 1e-12 * values[-1]:
            coordinates = -(vectors.T @ point.gradient) / values
            if coordinates @ coordinates <= radius**2:
                step = vectors @ coordinates
                return cls(values, vectors, step, float(-0.5 * point.gradient @ step))
        return cls(values, vectors, *trust_region_step(point.hessian, point.gradient, radius))

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve with the Hessian, standing still along directions without curvature."""
        steep = self.values > 1e-9 * max(float(np.abs(self.values).max(initial=0.0)), 1e-300)
        inverse = np.where(steep, 1.0 / np.where(steep, self.values, 1.0), 0.0)
        return np.asarray(self.vectors @ (inverse * (self.vectors.T @ right)))
