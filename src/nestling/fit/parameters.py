"""Between the vector theta and the relative covariance factors T of the grouping factors."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.statistics.layout import Layout


@dataclass(frozen=True, slots=True)
class Parameters:
    """Where each element of theta stands: T_factor[row, column].

    The order is lme4's: term by term, the lower triangle of each by columns. Terms that share a
    grouping factor make T block diagonal.

    Attributes
    ----------
    factor, row, column : (n_theta,) arrays
    widths : tuple of int
    """

    factor: IntArray
    row: IntArray
    column: IntArray
    widths: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self.factor)

    @classmethod
    def of(cls, layout: Layout) -> "Parameters":
        """Lay out the parameters of these terms."""
        entries = [
            (place.factor, place.start + row, place.start + column)
            for place in layout.places
            for column in range(place.width)
            for row in range(column, place.width)
        ]
        factor, row, column = np.array(entries, dtype=np.intp).T
        return cls(factor, row, column, layout.widths)

    def roots(self, theta: FloatArray) -> tuple[FloatArray, ...]:
        """Return the T of each grouping factor."""
        matrices = tuple(np.zeros((k, k)) for k in self.widths)
        for value, f, i, j in zip(theta, self.factor, self.row, self.column, strict=True):
            matrices[f][i, j] = value
        return matrices

    def theta(self, roots: tuple[FloatArray, ...]) -> FloatArray:
        """Return theta for these T."""
        return np.array(
            [roots[f][i, j] for f, i, j in zip(self.factor, self.row, self.column, strict=True)]
        )

    def directions(self, roots: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return the derivatives of each Sigma = T T' to theta, (n_theta, k, k) per factor."""
        derivatives = tuple(np.zeros((len(self), k, k)) for k in self.widths)
        for a, (f, i, j) in enumerate(zip(self.factor, self.row, self.column, strict=True)):
            derivatives[f][a, i, :] += roots[f][:, j]
            derivatives[f][a, :, i] += roots[f][:, j]
        return derivatives

    def gradient(self, slopes: tuple[FloatArray, ...], roots: tuple[FloatArray, ...]) -> FloatArray:
        """Chain rule: from derivatives D to each Sigma to those to theta, 2 D T."""
        return self.theta(
            tuple(2.0 * slope @ root for slope, root in zip(slopes, roots, strict=True))
        )

    def second_derivative(self, slopes: tuple[FloatArray, ...]) -> FloatArray:
        """Chain rule: the part of the Hessian that comes from Sigma being quadratic in T."""
        same = (self.factor[:, None] == self.factor) & (self.column[:, None] == self.column)
        hessian = np.zeros((len(self), len(self)))
        for f, slope in enumerate(slopes):
            mine = np.flatnonzero(self.factor == f)
            hessian[np.ix_(mine, mine)] = 2.0 * slope[np.ix_(self.row[mine], self.row[mine])]
        return np.asarray(np.where(same, hessian, 0.0))
