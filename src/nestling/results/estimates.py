"""From the optimum in the basis to estimates on the user's scale, as arrays."""

import math
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.criterion import Evaluation, Problem
from nestling.linalg.factor import lower_root
from nestling.statistics.basis import Basis
from nestling.statistics.layout import Layout


@dataclass(frozen=True, slots=True)
class Estimates:
    """The parameters of a fitted model.

    Attributes
    ----------
    beta : (p,) array
        Fixed effects, of the columns that were kept.
    vcov : (p, p) array
        Their covariance matrix.
    sigma : float
        Residual standard deviation.
    roots : tuple of (k, k) arrays
        Per term the relative covariance factor, lower triangular with diagonal >= 0.
    """

    beta: FloatArray
    vcov: FloatArray
    sigma: float
    roots: tuple[FloatArray, ...]

    @property
    def theta(self) -> FloatArray:
        """lme4's theta: the lower triangles of the roots, column by column, term by term."""
        return np.concatenate(
            [np.concatenate([T[j:, j] for j in range(len(T))]) for T in self.roots]
        )

    @property
    def covariances(self) -> tuple[FloatArray, ...]:
        """Covariance matrix of each term's random effects."""
        return tuple(self.sigma**2 * T @ T.T for T in self.roots)


def residual_sd(problem: Problem, basis: Basis, point: Evaluation) -> float:
    """Return sigma on the user's scale."""
    return math.sqrt(point.square / problem.nu) * basis.response_scale


def estimates(problem: Problem, layout: Layout, basis: Basis, point: Evaluation) -> Estimates:
    """Map the optimum back from the basis."""
    sigma = residual_sd(problem, basis, point)
    inner = problem.parameters.roots(point.theta)
    roots = []
    for place, G in zip(layout.places, basis.rotations, strict=True):
        part = slice(place.start, place.start + place.width)
        roots.append(lower_root(G @ inner[place.factor][part, part]))
    return Estimates(
        beta=basis.fixed(point.beta),
        vcov=sigma**2 * basis.covariance(point.unscaled),
        sigma=sigma,
        roots=tuple(roots),
    )


def inner_theta(
    problem: Problem, layout: Layout, basis: Basis, roots: tuple[FloatArray, ...]
) -> FloatArray:
    """Map relative covariance factors per term, on the user's scale, into the basis."""
    inner = [np.zeros((k, k)) for k in layout.widths]
    for place, G, T in zip(layout.places, basis.rotations, roots, strict=True):
        part = slice(place.start, place.start + place.width)
        inner[place.factor][part, part] = lower_root(np.asarray(np.linalg.solve(G, T), dtype=float))
    return problem.parameters.theta(tuple(inner))


def roots_of_theta(layout: Layout, theta: FloatArray) -> tuple[FloatArray, ...]:
    """Split lme4's theta into the lower triangular factor of each term."""
    roots, start = [], 0
    for place in layout.places:
        k = place.width
        T = np.zeros((k, k))
        for j in range(k):
            T[j:, j] = theta[start : start + k - j]
            start += k - j
        roots.append(T)
    return tuple(roots)
