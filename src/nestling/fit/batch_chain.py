"""The chain rule from Sigma = T T' to theta for many replicates."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.theta_map import Entries, ThetaMap


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the derivatives of the elements of Sigma to theta stand: they are linear in theta.

    An element of Sigma stands for both of a symmetric pair. The elements in use are those where
    theta has one, in its order; d Sigma_i / d theta_j = factor * theta[source].

    Attributes
    ----------
    element, parameter, source : (t,) arrays
    factor : (t, 1) array
    doubled : (m, 1) array
        2 for an element off the diagonal, 1 for one on it.
    """

    element: IntArray
    parameter: IntArray
    source: IntArray
    factor: FloatArray
    doubled: FloatArray

    @classmethod
    def of(cls, parameters: ThetaMap) -> "Chain":
        """Tabulate the places of these parameters."""
        element, parameter, source, factor = [], [], [], []
        doubled = np.ones((len(parameters), 1))
        for each in parameters.entries:
            place = _places(each)
            for (row, column), j in place.items():
                doubled[j] = 1.0 + (row != column)
                for other in range(each.width):
                    # theta_j moves Sigma in row `row`, by the column of T it stands in
                    i = place.get((max(row, other), min(row, other)))
                    k = place.get((other, column))
                    if i is not None and k is not None:
                        element.append(i)
                        parameter.append(j)
                        source.append(k)
                        factor.append(1.0 + (row == other))
        return cls(
            np.array(element),
            np.array(parameter),
            np.array(source),
            np.array(factor)[:, None],
            doubled,
        )

    def jacobian(self, theta: FloatArray) -> FloatArray:
        """Return d Sigma / d theta: elements by parameters by replicates."""
        m, R = theta.shape
        table = np.zeros((m, m, R), theta.dtype)
        table[self.element, self.parameter] = self.factor * theta[self.source]
        return table

    def gradient(self, theta: FloatArray, slopes: FloatArray) -> FloatArray:
        """Return the gradient to theta from the slopes D at the elements of Sigma."""
        return np.asarray(np.einsum("imr,ir->mr", self.jacobian(theta), self.doubled * slopes))

    def hessian(self, theta: FloatArray, slopes: FloatArray, curvature: FloatArray) -> FloatArray:
        """Return the Hessian to theta from second derivatives (m, m, R) to elements of Sigma."""
        table = self.jacobian(theta)
        half = np.einsum("ijr,jnr->inr", curvature, table)
        hessian = np.einsum("imr,inr->mnr", table, half)
        # Sigma is quadratic in T: parameter and source stand in one column, in these rows
        hessian[self.parameter, self.source] += 2.0 * slopes[self.element]
        return np.asarray(hessian)


def _places(each: Entries) -> dict[tuple[int, int], int]:
    triples = zip(each.row, each.column, each.position, strict=True)
    return {(int(row), int(column)): int(position) for row, column, position in triples}
