"""The ML deviance as a function of coordinates that hold the parameter of interest."""

from dataclasses import dataclass, field

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.criterion import Problem
from nestling.fit.profile_coordinates import Coordinates
from nestling.fit.profile_deviance import Deviance, Held, deviance
from nestling.fit.profile_secant import Secant
from nestling.linalg.factor import lower_root


@dataclass(frozen=True, slots=True)
class Measured:
    """The deviance and its derivatives at coordinates z."""

    z: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True, slots=True)
class Surface:
    """A problem seen in one parameter's coordinates.

    Attributes
    ----------
    problem : Problem
        By maximum likelihood.
    coordinates : Coordinates
    origin : float
        The log sigma^2 from which the coordinate counts.
    secant : Secant
        What has been learned about second derivatives that the structure does not give exactly.
    """

    problem: Problem
    coordinates: Coordinates
    origin: float
    secant: Secant = field(default_factory=Secant, repr=False, compare=False)

    def optimum(self, theta: FloatArray, held: float = 0.0) -> FloatArray:
        """Return z of the estimates: theta in the basis, and the held combination's value."""
        parameters, frame = self.problem.parameters, self.coordinates.frame
        if frame is not None:
            roots = parameters.roots(theta)
            place = frame.place
            part = slice(place.start, place.start + place.width)
            T = roots[place.factor][part, part]
            roots[place.factor][part, part] = lower_root(frame.axes @ T)
            theta = parameters.theta(roots)
        extras = [0.0] if self.coordinates.combination is None else [0.0, held]
        return self.coordinates.of_natural(np.concatenate([theta, extras]))

    def theta(self, z: FloatArray) -> FloatArray:
        """Return theta in the basis at z."""
        parameters = self.problem.parameters
        x = self.coordinates.natural(z)
        roots = parameters.roots(x[: len(parameters)])
        return parameters.triangular(self._in_basis(roots))

    def _in_basis(self, roots: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        frame = self.coordinates.frame
        if frame is None:
            return roots
        moved = list(roots)
        place = frame.place
        part = slice(place.start, place.start + place.width)
        T = frame.inverse @ moved[place.factor][part, part]
        moved[place.factor] = moved[place.factor].copy()
        # any root of Sigma will do but where a triangular one is asked for
        moved[place.factor][part, part] = T if self.problem.structure.exact else lower_root(T)
        return tuple(moved)

    def measure(self, z: FloatArray) -> Measured:
        """Evaluate: coordinates to Sigma and sigma, the deviance, and the chain rule back."""
        coordinates, parameters = self.coordinates, self.problem.parameters
        m = len(parameters)
        x = coordinates.natural(z)
        roots = parameters.roots(x[:m])
        held = None
        if coordinates.combination is not None:
            held = Held(coordinates.combination, float(x[m + 1]))
        at = deviance(self.problem, self._in_basis(roots), self.origin + float(x[m]), held)
        gradient, hessian = self._chain(at, roots)
        gradient, hessian = coordinates.pull(z, gradient, hessian)
        if not self.problem.structure.exact:
            hessian = self.secant.corrected(z, gradient, hessian)
        return Measured(z, at.value, gradient, hessian)

    def _chain(self, at: Deviance, roots: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray]:
        """From derivatives in Sigma to derivatives in the frame's theta."""
        parameters, frame = self.problem.parameters, self.coordinates.frame
        m = len(parameters)
        slopes, directions = list(at.slopes), list(parameters.directions(roots))
        if frame is not None:
            f, place = frame.place.factor, frame.place
            part = slice(place.start, place.start + place.width)
            B = np.eye(parameters.widths[f])
            B[part, part] = frame.inverse
            slopes[f] = B.T @ slopes[f] @ B
            directions[f] = B @ directions[f] @ B.T
        jacobian = np.eye(len(at.hessian))
        for each, E in zip(parameters.entries, directions, strict=True):
            jacobian[each.position, :m] = E[:, each.row, each.column].T
        hessian = jacobian.T @ at.hessian @ jacobian
        corner = hessian[:m, :m]
        parameters.add_second_derivative(corner, tuple(slopes))
        gradient = np.concatenate([parameters.gradient(tuple(slopes), roots), at.gradient])
        return gradient, hessian


@dataclass(frozen=True, slots=True)
class Slice:
    """A measured point as a function of some coordinates, the others held."""

    theta: FloatArray
    criterion: float
    gradient: FloatArray
    hessian: FloatArray
    whole: Measured


def slice_at(surface: Surface, z: FloatArray, free: IntArray, values: FloatArray) -> Slice:
    """Measure at z with the free coordinates at these values."""
    moved = z.copy()
    moved[free] = values
    whole = surface.measure(moved)
    return Slice(values, whole.value, whole.gradient[free], whole.hessian[free][:, free], whole)
