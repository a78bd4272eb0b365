"""Coordinates in which a parameter of the user's is a coordinate of its own.

The natural coordinates of a model are theta (the lower triangles of the T in Sigma = T T', in
some frame of random effects), log sigma^2 less a constant, and the value of a held coefficient.
Each class below exchanges those that stand in the way of one parameter:

- a residual SD is one already, and so is a coefficient;
- an SD is sigma times the first element of T when its random effect comes first;
- a correlation is the sine of the angle of T's second row when its two effects come first.

So every profile is a minimisation without constraints over the remaining coordinates.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.theta_map import ThetaMap
from nestling.linalg.factor import lower_root
from nestling.statistics.layout import Place

LEAST_SIGMA = 1e-5
"""A residual SD below this share of its estimate counts as zero."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Other axes for the random effects of one term.

    Attributes
    ----------
    place : Place
        Of the term.
    axes : (k, k) array
        Effects in the frame are these rows times the effects in the basis.
    inverse : (k, k) array
    positions : (k, k) array of int
        Where in theta each element of the term's T stands; -1 above the diagonal.
    """

    place: Place
    axes: FloatArray
    inverse: FloatArray
    positions: IntArray

    @classmethod
    def of(cls, parameters: ThetaMap, place: Place, first: FloatArray) -> "Frame":
        """Make these combinations (r, k) of a term's effects the first axes, at unit length.

        The other axes are orthonormal to them.
        """
        first = first / np.linalg.norm(first, axis=1, keepdims=True)
        complement = np.linalg.qr(first.T, mode="complete")[0][:, len(first) :].T
        axes = np.concatenate([first, complement])
        entries = parameters.entries[place.factor]
        positions = np.full((entries.width, entries.width), -1)
        positions[entries.row, entries.column] = entries.position
        part = slice(place.start, place.start + place.width)
        return cls(place, axes, np.linalg.inv(axes), positions[part, part])


class Coordinates(Protocol):
    """Coordinates z of a model, one of which is the parameter of interest.

    Attributes
    ----------
    index : int
        Which one.
    frame : Frame or None
        The frame in which theta is meant.
    combination : (p,) array or None
        The coefficients whose value the last natural coordinate is.
    bounds : tuple of float
        Where the parameter's domain ends.
    exchanged : array of int
        Positions in theta that are not elements of T.
    """

    @property
    def index(self) -> int: ...  # noqa: D102  the class says it
    @property
    def frame(self) -> Frame | None: ...  # noqa: D102
    @property
    def combination(self) -> FloatArray | None: ...  # noqa: D102
    @property
    def bounds(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def exchanged(self) -> IntArray: ...  # noqa: D102

    def of_natural(self, x: FloatArray) -> FloatArray:
        """Return z at natural coordinates x."""
        ...

    def natural(self, z: FloatArray) -> FloatArray:
        """Return natural coordinates at z."""
        ...

    def pull(
        self, z: FloatArray, gradient: FloatArray, hessian: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """From derivatives in natural coordinates to derivatives in z."""
        ...

    def at_bound(self, z: FloatArray) -> tuple[FloatArray, IntArray]:
        """Move z onto the bound nearest to the parameter's value; say which others stay free."""
        ...


@dataclass(frozen=True, slots=True)
class Itself:
    """A natural coordinate as it is: log sigma^2, or a coefficient."""

    index: int
    frame: None
    combination: FloatArray | None
    bounds: tuple[float, float]

    @property
    def exchanged(self) -> IntArray:
        """See `Coordinates`."""
        return np.empty(0, dtype=np.intp)

    @classmethod
    def residual(cls, parameters: ThetaMap) -> "Itself":
        """Log sigma^2."""
        return cls(len(parameters), None, None, (2.0 * float(np.log(LEAST_SIGMA)), np.inf))

    @classmethod
    def coefficient(cls, parameters: ThetaMap, combination: FloatArray) -> "Itself":
        """Take the value of a combination of the fixed effects in the basis."""
        return cls(len(parameters) + 1, None, combination, (-np.inf, np.inf))

    def of_natural(self, x: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        return x

    def natural(self, z: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        return z

    def pull(
        self, z: FloatArray, gradient: FloatArray, hessian: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """See `Coordinates`."""
        del z
        return gradient, hessian

    def at_bound(self, z: FloatArray) -> tuple[FloatArray, IntArray]:
        """See `Coordinates`."""
        moved = z.copy()
        moved[self.index] = _nearest(self.bounds, z[self.index])
        return moved, np.delete(np.arange(len(z)), self.index)


@dataclass(frozen=True, slots=True)
class Spread:
    """The SD of the frame's first effect, in units of the estimated sigma: T_00 sigma."""

    frame: Frame
    size: int

    combination = None
    bounds = (0.0, np.inf)

    @property
    def index(self) -> int:
        """See `Coordinates`."""
        return int(self.frame.positions[0, 0])

    @property
    def exchanged(self) -> IntArray:
        """See `Coordinates`."""
        return self.frame.positions[:1, 0]

    def of_natural(self, x: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        z = x.copy()
        z[self.index] *= np.exp(0.5 * x[self.size])
        return z

    def natural(self, z: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        x = z.copy()
        x[self.index] *= np.exp(-0.5 * z[self.size])
        return x

    def pull(
        self, z: FloatArray, gradient: FloatArray, hessian: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """See `Coordinates`."""
        i, s = self.index, self.size
        rate = float(np.exp(-0.5 * z[s]))
        element, slope = z[i] * rate, gradient[i]
        jacobian = np.eye(len(z))
        jacobian[i, i], jacobian[i, s] = rate, -0.5 * element
        hessian = jacobian.T @ hessian @ jacobian
        hessian[i, s] -= 0.5 * rate * slope
        hessian[s, i] = hessian[i, s]
        hessian[s, s] += 0.25 * element * slope
        return jacobian.T @ gradient, hessian

    def at_bound(self, z: FloatArray) -> tuple[FloatArray, IntArray]:
        """See `Coordinates`: at zero the covariances with the effect vanish, too."""
        moved, positions = z.copy(), self.frame.positions
        k = len(positions)
        T = np.where(positions < 0, 0.0, z[positions])
        T[0, 0] *= np.exp(-0.5 * z[self.size])
        rest = lower_root(T[1:]) if k > 1 else T[1:, 1:]
        moved[positions[:, 0]] = 0.0
        rows, columns = np.tril_indices(k - 1)
        moved[positions[1:, 1:][rows, columns]] = rest[rows, columns]
        return moved, np.delete(np.arange(len(z)), positions[:, 0])


@dataclass(frozen=True, slots=True)
class Correlation:
    """The angle whose sine is the correlation of the frame's first two effects.

    Their relative SDs are squares of coordinates, so that no step can turn a sign: T_00 = u^2,
    T_10 = w^2 sin(angle), T_11 = w^2 cos(angle).
    """

    frame: Frame

    combination = None
    bounds = (-np.pi / 2.0, np.pi / 2.0)

    @property
    def index(self) -> int:
        """See `Coordinates`."""
        return int(self.frame.positions[1, 1])

    @property
    def exchanged(self) -> IntArray:
        """See `Coordinates`."""
        return np.array(self._positions())

    def _positions(self) -> tuple[int, int, int]:
        positions = self.frame.positions
        return int(positions[0, 0]), int(positions[1, 0]), int(positions[1, 1])

    def of_natural(self, x: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        i, j, c = self._positions()
        z = x.copy()
        z[i] = np.sqrt(x[i])
        z[j] = np.sqrt(np.hypot(x[j], x[c]))
        z[c] = np.arctan2(x[j], x[c])
        return z

    def natural(self, z: FloatArray) -> FloatArray:
        """See `Coordinates`."""
        i, j, c = self._positions()
        x = z.copy()
        x[i] = z[i] ** 2
        x[j], x[c] = z[j] ** 2 * np.sin(z[c]), z[j] ** 2 * np.cos(z[c])
        return x

    def pull(
        self, z: FloatArray, gradient: FloatArray, hessian: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """See `Coordinates`."""
        i, j, c = self._positions()
        sine, cosine, w = float(np.sin(z[c])), float(np.cos(z[c])), z[j]
        jacobian = np.eye(len(z))
        jacobian[i, i] = 2.0 * z[i]
        jacobian[[j, c], j] = 2.0 * w * sine, 2.0 * w * cosine
        jacobian[[j, c], c] = w**2 * cosine, -(w**2) * sine
        hessian = jacobian.T @ hessian @ jacobian
        hessian[i, i] += 2.0 * gradient[i]
        along = gradient[j] * sine + gradient[c] * cosine
        across = gradient[j] * cosine - gradient[c] * sine
        hessian[j, j] += 2.0 * along
        hessian[j, c] += 2.0 * w * across
        hessian[c, j] = hessian[j, c]
        hessian[c, c] -= w**2 * along
        return jacobian.T @ gradient, hessian

    def at_bound(self, z: FloatArray) -> tuple[FloatArray, IntArray]:
        """See `Coordinates`."""
        moved = z.copy()
        moved[self.index] = _nearest(self.bounds, z[self.index])
        return moved, np.delete(np.arange(len(z)), self.index)


def _nearest(bounds: tuple[float, float], value: float) -> float:
    return min(bounds, key=lambda bound: abs(bound - value))
