"""The model by n x n matrices, as textbooks write it: slow, and plainly right."""

from dataclasses import dataclass

import numpy as np

from builders import Posed
from nestling.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Marginal:
    """V = I + sum Z Sigma Z' in the coordinates of a basis, with the derivatives by Sigma.

    Attributes
    ----------
    Z : list of (n, J, k) arrays
        Per grouping factor.
    W : (n, p + 1) array
        [X y].
    V, inverse, P : (n, n) arrays
        P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1.
    """

    Z: list[FloatArray]
    W: FloatArray
    Sigma: tuple[FloatArray, ...]
    V: FloatArray
    inverse: FloatArray
    P: FloatArray

    @property
    def n(self) -> int:
        return len(self.W)

    @property
    def p(self) -> int:
        return self.W.shape[1] - 1

    def nu(self, reml: bool) -> int:
        return self.n - self.p if reml else self.n

    @property
    def square(self) -> float:
        """r^2 = y'Py."""
        return float(self.W[:, -1] @ self.P @ self.W[:, -1])

    def criterion(self, reml: bool) -> float:
        """-2 log-likelihood with beta and sigma profiled out, from the definition."""
        nu = self.nu(reml)
        value = np.linalg.slogdet(self.V)[1]
        value += nu * (1.0 + np.log(2.0 * np.pi * self.square / nu))
        if reml:
            X = self.W[:, :-1]
            value += np.linalg.slogdet(X.T @ self.inverse @ X)[1]
        return float(value)

    def direction(self, directions: tuple[FloatArray, ...], a: int) -> FloatArray:
        """dV along direction a of Sigma."""
        return sum(
            (sandwich(Z, E[a]) for Z, E in zip(self.Z, directions, strict=True)),
            np.zeros_like(self.V),
        )

    def average_information(self, directions: tuple[FloatArray, ...], reml: bool) -> FloatArray:
        """c y'P V_E P V_F P y - (c / r^2) y'P V_E P y y'P V_F P y."""
        m = len(directions[0])
        dV = [self.direction(directions, a) for a in range(m)]
        Py = self.P @ self.W[:, -1]
        square = self.square
        rate = self.nu(reml) / square
        s = np.array([Py @ d @ Py for d in dV])
        quadratic = np.array([[Py @ d @ self.P @ f @ Py for f in dV] for d in dV])
        return rate * quadratic - rate / square * np.outer(s, s)


def sandwich(Z: FloatArray, Sigma: FloatArray) -> FloatArray:
    """Return the n x n matrix Z (I x Sigma) Z'."""
    return (Z @ Sigma).reshape(len(Z), -1) @ Z.reshape(len(Z), -1).T


def marginal(posed: Posed, theta: FloatArray) -> Marginal:
    """Form V at a theta in the basis from the rows of the model."""
    rows, basis, layout = posed.rows, posed.basis, posed.layout
    everything = slice(0, rows.n)
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    W = (basis.transform.T @ rows.fixed(everything)[columns]).T
    Z = []
    for members in layout.members:
        terms = [rows.matrices.random[index] for index in members]
        block = np.concatenate(
            [basis.rotations[index].T @ rows.random(index, everything) for index in members]
        )
        spread = np.zeros((rows.n, len(terms[0].levels), len(block)))
        spread[np.arange(rows.n), terms[0].codes] = block.T
        Z.append(spread)
    Sigma = tuple(T @ T.T for T in posed.problem.parameters.roots(theta))
    V = np.eye(rows.n) + sum(sandwich(z, S) for z, S in zip(Z, Sigma, strict=True))
    inverse = np.linalg.inv(V)
    X = W[:, :-1]
    solved = inverse @ X
    P = inverse - solved @ np.linalg.solve(X.T @ solved, solved.T)
    return Marginal(Z, W, Sigma, V, inverse, P)
