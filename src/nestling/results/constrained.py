"""A fitted model whose fixed effects meet L beta = c: what likelihood-ratio tests compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.solve import pose, solve

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """L beta = c in the coordinates of a basis: its coefficients are N gamma + K^+ d.

    Attributes
    ----------
    free : (p, p - q) array
        Orthonormal columns that leave L beta as it is.
    back : (p, q) array
        From what L beta should be more, d, to the shortest change of the basis' coefficients.
    """

    free: FloatArray
    back: FloatArray


def constraint(fit: LmerFit, L: FloatArray) -> Constraint:
    """Return the directions that q independent rows L leave free, and the way to meet them."""
    K = L @ fit.basis.transform[:-1, :-1] * fit.basis.response_scale
    q = len(K)
    Q, R = np.linalg.qr(K.T, mode="complete")
    return Constraint(Q[:, q:], np.asarray(np.linalg.solve(R[:q], Q[:, :q].T).T))


def constrained_deviance(fit: LmerFit, L: FloatArray, value: FloatArray) -> float:
    """Return the smallest ML deviance where L beta = value, for independent rows L.

    The columns of X that the constraint leaves are combinations of the old ones, and what it
    fixes is taken from the response: sufficient statistics have all that is needed.

    Parameters
    ----------
    fit : LmerFit
        By maximum likelihood.
    L : (q, p) array
    value : (q,) array
    """
    basis, statistics, p = fit.basis, fit.statistics, fit.statistics.n_fixed
    given = constraint(fit, L)
    start = basis.fixed(np.zeros(p))
    columns = np.zeros((p + 1, p - len(L) + 1))
    columns[:p, :-1] = given.free
    columns[:p, -1] = -given.back @ (value - L @ start)
    columns[p, -1] = 1.0
    reduced = statistics.recombined(columns)
    layout = fit.solution.layout
    problem = pose(reduced, basis, layout, reml=False)
    return solve(problem, reduced, layout, fit.solution.point.theta).point.criterion
