"""Degrees of freedom after Satterthwaite: how sure the variance of an estimate is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.second_order import blocks_at, forms, grams, trace_products
from nestling.results.contrast_tests import Ddf, note_of

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

SMALL = 1e-8
"""Eigenvalues below this share of the largest count as zero: the data do not tell them."""


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How the covariance matrix of the fixed effects moves, and how far it may be off.

    Attributes
    ----------
    beta : (p,) array
        Fixed effects.
    sigma : float
        Residual standard deviation.
    vcov : (p, p) array
        Of the fixed effects.
    slopes : (r, p, p) array
        Its derivatives to theta, in the basis of the fit, and to log sigma.
    covariance : (r, r) array
        Twice the inverse Hessian of the criterion in these parameters, sigma not profiled out.
    held : int
        Directions without information, held where they are: variances at zero, correlations at
        one.
    note : str
        What a singular fit means for the answers.
    """

    beta: FloatArray
    sigma: float
    vcov: FloatArray
    slopes: FloatArray
    covariance: FloatArray
    held: int
    note: str
    method: ClassVar[Ddf] = "satterthwaite"

    def df(self, L: FloatArray) -> FloatArray:
        """Return 2 v^2 / var(v), v = l'Vl, for each row l of L (m, p)."""
        variance = np.einsum("mi,ij,mj->m", L, self.vcov, L)
        gradient = np.einsum("mi,rij,mj->mr", L, self.slopes, L, optimize=True)
        spread = np.einsum("mr,rs,ms->m", gradient, self.covariance, gradient)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * variance**2 / spread)

    @property
    def unadjusted(self) -> FloatArray:
        """The covariance matrix that says which rows depend on others."""
        return self.vcov

    def joint(self, L: FloatArray, target: FloatArray) -> tuple[float, float, float]:
        """Return F, its denominator degrees of freedom and 1 for q uncorrelated rows L."""
        squares = (L @ self.beta - target) ** 2 / np.einsum("mi,ij,mj->m", L, self.vcov, L)
        return float(squares.mean()), joint_df(self.df(L)), 1.0


def sensitivity(fit: LmerFit) -> Sensitivity:
    """Return derivatives and Hessian at the optimum, both exact.

    The criterion with sigma free has the Hessian 2c h_E'Z'PZ h_F - tr(PEPF) in directions of
    Sigma, which is the profiled one plus (c / r^2) s_E s_F; beside sigma's logarithm stand 2c s_E,
    and 4 nu on the diagonal. At the optimum its gradient is zero, so the result is the same in
    every parameterisation.
    """
    problem, point = fit.solution.problem, fit.solution.point
    parameters = problem.parameters
    blocks = blocks_at(problem, point)
    directions = parameters.directions(blocks.roots)
    s = forms(blocks, directions)
    curvature = point.factorisation.curvature(directions, blocks.score(reml=problem.reml))
    curvature = curvature + blocks.rate / blocks.square * np.outer(s, s)
    if not problem.structure.exact:
        traces = trace_products(
            problem.structure, fit.statistics, blocks, directions, reml=problem.reml
        )
        curvature = 2.0 * curvature - traces
    parameters.add_second_derivative(curvature, point.slopes)
    r = len(s) + 1
    hessian = np.empty((r, r))
    hessian[:-1, :-1] = curvature
    hessian[-1, :-1] = hessian[:-1, -1] = 2.0 * blocks.rate * s
    hessian[-1, -1] = 4.0 * problem.nu
    covariance, held = _inverse(hessian)
    root = fit.basis.transform[:-1, :-1] @ blocks.root
    vcov = fit.estimates.vcov
    moved = fit.estimates.sigma**2 * (root @ grams(blocks, directions) @ root.T)
    slopes = np.concatenate([moved, 2.0 * vcov[None]])
    return Sensitivity(
        fit.estimates.beta, fit.estimates.sigma, vcov, slopes, 2.0 * covariance, held, note_of(fit)
    )


def _inverse(hessian: FloatArray) -> tuple[FloatArray, int]:
    """Invert what is positive; a direction that is flat or bends down carries no information."""
    size = np.sqrt(np.abs(np.diag(hessian)))
    scale = np.where(size > 0.0, size, 1.0)
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    known = values > SMALL * values[-1]
    half = vectors[:, known] / np.sqrt(values[known]) / scale[:, None]
    return half @ half.T, int((~known).sum())


def joint_df(nu: FloatArray) -> float:
    """Return the denominator degrees of freedom of a mean of q squared t statistics.

    Each t^2 has the mean nu / (nu - 2); the F distribution with the mean of their average is
    taken (Fai and Cornelius 1996). With two degrees of freedom or fewer that mean does not exist
    and 2 is the answer.
    """
    if len(nu) == 1:
        return float(nu[0])
    if (np.abs(np.diff(nu)) < SMALL).all():
        return float(nu.mean())
    if not (nu > 2.0).all():
        return 2.0
    E = float((nu / (nu - 2.0)).sum())
    return 2.0 * E / (E - len(nu))


def joint_dfs(nu: FloatArray) -> FloatArray:
    """Return the denominator degrees of freedom of R joint tests, from (q, R)."""
    if len(nu) == 1:
        return np.asarray(nu[0])
    alike = (np.abs(np.diff(nu, axis=0)) < SMALL).all(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        E = (nu / (nu - 2.0)).sum(axis=0)
        found = np.where((nu > 2.0).all(axis=0), 2.0 * E / (E - len(nu)), 2.0)
    return np.where(np.isnan(nu).any(axis=0), np.nan, np.where(alike, nu.mean(axis=0), found))
