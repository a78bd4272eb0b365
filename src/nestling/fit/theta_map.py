"""Between the vector theta and the relative covariance factors T of the grouping factors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.linalg.factor import lower_root
from nestling.statistics.layout import Layout


@dataclass(frozen=True, slots=True)
class Entries:
    """The elements of theta that stand in one grouping factor's T (k, k).

    Attributes
    ----------
    position : (m,) array
        Where in theta.
    row, column : (m,) arrays
        Where in T.
    width : int
        Order of T, k.
    same_column : (m, m) array
        Which pairs stand in the same column of T.
    """

    position: IntArray
    row: IntArray
    column: IntArray
    width: int
    same_column: BoolArray


@dataclass(frozen=True, slots=True)
class ThetaMap:
    """Where each element of theta stands.

    The order is lme4's: term by term, the lower triangle of each by columns. Terms that share a
    grouping factor make T block diagonal.

    Attributes
    ----------
    entries : tuple of Entries
        Per grouping factor.
    size : int
        Length of theta.
    frames : tuple of (k, k) arrays or None
        Orthogonal matrices R: T = R L with L the lower triangle of theta. None is the identity.
    """

    entries: tuple[Entries, ...]
    size: int
    frames: tuple[FloatArray, ...] | None = None

    def __len__(self) -> int:
        """Return the number of parameters."""
        return self.size

    @property
    def widths(self) -> tuple[int, ...]:
        """Random effects per level of each grouping factor."""
        return tuple(each.width for each in self.entries)

    @classmethod
    def of(cls, layout: Layout) -> "ThetaMap":
        """Lay out the parameters of these terms."""
        places: list[list[tuple[int, int, int]]] = [[] for _ in layout.widths]
        size = 0
        for place in layout.places:
            for column in range(place.width):
                for row in range(column, place.width):
                    places[place.factor].append((size, place.start + row, place.start + column))
                    size += 1
        entries = []
        for triples, width in zip(places, layout.widths, strict=True):
            position, row, column = np.array(triples, dtype=np.intp).T
            entries.append(Entries(position, row, column, width, column[:, None] == column))
        return cls(tuple(entries), size)

    def roots(self, theta: FloatArray) -> tuple[FloatArray, ...]:
        """Return the T of each grouping factor."""
        matrices = []
        for each in self.entries:
            T = np.zeros((each.width, each.width))
            T[each.row, each.column] = theta[each.position]
            matrices.append(T)
        return tuple(matrices) if self.frames is None else _products(self.frames, matrices)

    def theta(self, roots: tuple[FloatArray, ...]) -> FloatArray:
        """Return theta for these T."""
        if self.frames is not None:
            roots = _products([R.T for R in self.frames], roots)
        theta = np.empty(self.size)
        for each, T in zip(self.entries, roots, strict=True):
            theta[each.position] = T[each.row, each.column]
        return theta

    def triangular(self, roots: tuple[FloatArray, ...]) -> FloatArray:
        """Return a theta with the same Sigma = T T' as any square T."""
        if self.frames is not None:
            inside = _products([R.T for R in self.frames], roots)
            roots = _products(self.frames, [lower_root(T) for T in inside])
        else:
            roots = tuple(lower_root(T) for T in roots)
        return self.theta(roots)

    def turned(self, layout: Layout, roots: tuple[FloatArray, ...]) -> "ThetaMap":
        """Return the map whose axes are the principal axes of each term's Sigma, longest first."""
        frames = [np.eye(width) for width in layout.widths]
        for place in layout.places:
            part = slice(place.start, place.start + place.width)
            axes, _, _ = np.linalg.svd(roots[place.factor][part, part])
            frames[place.factor][part, part] = axes
        return replace(self, frames=tuple(frames))

    def directions(self, roots: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return the derivatives of each Sigma = T T' to theta, (n_theta, k, k) per factor."""
        derivatives = []
        for f, (each, T) in enumerate(zip(self.entries, roots, strict=True)):
            half = np.zeros((self.size, each.width, each.width))
            if self.frames is None:
                half[each.position, each.row] = T.T[each.column]
            else:
                R = self.frames[f].T[each.row]
                half[each.position] = R[:, :, None] * T.T[each.column][:, None, :]
            derivatives.append(half + half.transpose(0, 2, 1))
        return tuple(derivatives)

    def units(self) -> tuple[FloatArray, ...]:
        """Return symmetric unit directions of Sigma, one per element of theta."""
        directions = []
        for each in self.entries:
            unit = np.zeros((self.size, each.width, each.width))
            unit[each.position, each.row, each.column] = 1.0
            unit[each.position, each.column, each.row] = 1.0
            directions.append(unit)
        return tuple(directions)

    def gradient(self, slopes: tuple[FloatArray, ...], roots: tuple[FloatArray, ...]) -> FloatArray:
        """Chain rule: from derivatives D to each Sigma to those to theta, 2 D T."""
        return self.theta(tuple(2.0 * D @ T for D, T in zip(slopes, roots, strict=True)))

    def add_second_derivative(self, hessian: FloatArray, slopes: tuple[FloatArray, ...]) -> None:
        """Chain rule: add the part of the Hessian that comes from Sigma being quadratic in T."""
        if self.frames is not None:
            slopes = tuple(R.T @ D @ R for R, D in zip(self.frames, slopes, strict=True))
        for each, D in zip(self.entries, slopes, strict=True):
            part = 2.0 * D[each.row[:, None], each.row] * each.same_column
            if len(self.entries) == 1:
                hessian += part
            else:
                hessian[each.position[:, None], each.position] += part


def _products(left: Sequence[FloatArray], right: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
    return tuple(one @ other for one, other in zip(left, right, strict=True))
