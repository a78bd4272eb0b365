"""Kenward and Roger's adjusted covariance matrix and scaled F test, from the small blocks.

Kenward, M. G. and Roger, J. H. (1997), Small sample inference for fixed effects from restricted
maximum likelihood, Biometrics 53, 983-997, for a V that is linear in its parameters: the elements
of each term's covariance matrix, and the residual variance.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import RefitWarning
from nestling.fit.second_order import blocks_at, grams, squares, trace_products
from nestling.results.contrast_tests import Ddf, fit_to_test, note_of

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

SMALL = 1e-10
"""Information below this share of the largest counts as none, and the rest is inverted."""


@dataclass(frozen=True, slots=True, eq=False)
class KenwardRoger:
    """What the tests need.

    Attributes
    ----------
    beta : (p,) array
        Fixed effects by REML.
    sigma : float
        Residual standard deviation by REML.
    unadjusted : (p, p) array
        Their covariance matrix given the variances.
    vcov : (p, p) array
        Adjusted for what is not known about the variances.
    grams : (r, p, p) array
        Phi X'V^-1 V_i V^-1 X Phi: how `unadjusted` moves with each variance parameter.
    weights : (r, r) array
        Covariance matrix of the variance parameters, from the expected information.
    note : str
        What a singular fit means for the answers.
    """

    beta: FloatArray
    sigma: float
    unadjusted: FloatArray
    vcov: FloatArray
    grams: FloatArray
    weights: FloatArray
    note: str
    method: ClassVar[Ddf] = "kenward-roger"

    def df(self, L: FloatArray) -> FloatArray:
        """Return the degrees of freedom of the t test of each row of L (m, p).

        With one row the scaling is 1 and m = 2 / A2.
        """
        variance = np.einsum("mi,ij,mj->m", L, self.unadjusted, L)
        moved = np.einsum("mi,rij,mj->mr", L, self.grams, L, optimize=True)
        spread = np.einsum("mr,rs,ms->m", moved, self.weights, moved)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * variance**2 / spread)

    def joint(self, L: FloatArray, target: FloatArray) -> tuple[float, float, float]:
        """Return the scaled F, its denominator degrees of freedom and the scaling.

        Parameters
        ----------
        L : (q, p) array
            Linearly independent rows.
        target : (q,) array
            Values under the hypothesis.
        """
        q = len(L)
        # with C = (L Phi L')^-1 = U U', Theta Phi P_i Phi has the traces of U'L grams_i L'U
        U = np.linalg.inv(np.linalg.cholesky(L @ self.unadjusted @ L.T)).T
        D = np.einsum("ia,ij,rjk,kl,lb->rab", U, L, self.grams, L.T, U, optimize=True)
        traces = np.einsum("raa->r", D)
        A1 = traces @ self.weights @ traces
        A2 = np.einsum("rs,rab,sba->", self.weights, D, D, optimize=True)
        df, scaling = (float(each) for each in scaled_f(q, np.asarray(A1), np.asarray(A2)))
        distance = L @ self.beta - target
        wald = distance @ np.linalg.solve(L @ self.vcov @ L.T, distance)
        return float(scaling * wald / q), df, scaling


def scaled_f(q: int, A1: FloatArray, A2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return m and lambda that give lambda F the mean and variance of an F(q, m)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        B = (A1 + 6.0 * A2) / (2.0 * q)
        g = ((q + 1.0) * A1 - (q + 4.0) * A2) / ((q + 2.0) * A2)
        base = 3.0 * q + 2.0 * (1.0 - g)
        c1, c2, c3 = g / base, (q - g) / base, (q + 2.0 - g) / base
        mean = 1.0 - A2 / q
        V0, V1, V2 = 1.0 + c1 * B, 1.0 - c2 * B, 1.0 - c3 * B
        V0 = np.where(np.abs(V0) < SMALL, 0.0, V0)
        # with one or two rows in a balanced design both vanish together and the ratio is one
        both = (np.abs(mean) < SMALL) & (np.abs(V1) < SMALL)
        ratio = np.where(both, 1.0, mean / V1)
        rho = ratio**2 * V0 / V2 / q
        df = 4.0 + (q + 2.0) / (q * rho - 1.0)
        scaling = np.where(np.abs(df - 2.0) < 1e-2, 1.0, df * mean / (df - 2.0))
    return np.asarray(df), scaling


def kenward_roger(fit: LmerFit) -> KenwardRoger:
    """Return the adjusted covariance matrix of the fixed effects and what F tests need.

    The method is defined for REML; a fit by maximum likelihood is fitted again.

    1. P_i and Q_ij from Z'V^-1 X and Z'V^-1 Z, 2. the expected information tr(P V_i P V_j),
    3. the identity's share, from V = I + Z Sigma Z', 4. Phi + 2 Phi (sum W_ij (Q_ij - P_i Phi
    P_j)) Phi. In units of sigma^2 and of the basis, where Phi is the identity.
    """
    if not fit.reml:
        warnings.warn(
            "The model was fitted by maximum likelihood; Kenward-Roger needs REML, so the tests "
            "are of the same model fitted by REML. Fit with reml=True to avoid this message.",
            RefitWarning,
            stacklevel=2,
        )
        fit = fit_to_test(fit, "kenward-roger")
    problem, point = fit.solution.problem, fit.solution.point
    blocks = blocks_at(problem, point)
    # one more direction: Sigma itself
    directions = tuple(
        np.concatenate([unit, (T @ T.T)[None]])
        for unit, T in zip(problem.parameters.units(), blocks.roots, strict=True)
    )
    traces = trace_products(problem.structure, fit.statistics, blocks, directions)
    G, Q = grams(blocks, directions), squares(blocks, directions)
    m, p = len(G) - 1, problem.p
    mean = _mean_traces(blocks.factorisation.traces(), directions) - np.einsum("mii->m", G)
    information = traces.copy()
    information[m, :m] = information[:m, m] = mean[:m] - traces[m, :m]
    information[m, m] = problem.n - p - 2.0 * mean[m] + traces[m, m]
    # V_0 = I = V - V_Sigma: what stands in the last place is replaced by the difference
    own = Q[m, m].copy()
    Q[m, m] = np.eye(p) - 2.0 * G[m] + own
    Q[:m, m] = G[:m] - Q[:m, m]
    Q[m, :m] = G[:m] - Q[m, :m]
    G[m] = np.eye(p) - G[m]
    weights = 2.0 * _inverse(information)
    inner = np.einsum("ij,ijkl->kl", weights, Q)
    inner -= np.einsum("ij,ikl,jlm->km", weights, G, G, optimize=True)
    sigma2 = fit.estimates.sigma**2
    root = fit.basis.transform[:-1, :-1] @ blocks.root
    adjusted = np.eye(p) + (inner + inner.T)
    return KenwardRoger(
        beta=fit.estimates.beta,
        sigma=fit.estimates.sigma,
        unadjusted=fit.estimates.vcov,
        vcov=sigma2 * (root @ adjusted @ root.T),
        grams=sigma2 * (root @ G @ root.T),
        weights=weights,
        note=note_of(fit),
    )


def _mean_traces(sums: tuple[FloatArray, ...], directions: tuple[FloatArray, ...]) -> FloatArray:
    """Return tr(V^-1 V_E) per direction."""
    return np.asarray(
        sum(np.einsum("mab,ab->m", E, K) for E, K in zip(directions, sums, strict=True))
    )


def _inverse(information: FloatArray) -> FloatArray:
    """Invert the information; parameters the data cannot tell apart share what there is."""
    # rounding leaves a parameter of which the data say nothing an information below zero
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    scale = np.where(size > 0.0, size, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    known = values > SMALL * values[-1]
    half = vectors[:, known] / np.sqrt(values[known]) / scale[:, None]
    return np.asarray(half @ half.T)
