"""Information criteria beside AIC and BIC: for small samples, and for the clusters at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.fit.second_order import blocks_at
from nestling.results.conditional_modes import by_level
from nestling.results.satterthwaite import sensitivity

if TYPE_CHECKING:
    from nestling.fit.second_order import Blocks
    from nestling.results.lmer_fit import LmerFit

METHODS = ("greven-kneib", "vaida-blanchard")


@dataclass(frozen=True, slots=True)
class ConditionalAIC:
    """The conditional AIC: how well the model would predict new responses of the same clusters.

    Attributes
    ----------
    value : float
        -2 loglik + 2 df.
    loglik : float
        Log-likelihood of the responses given the random effects.
    df : float
        Effective degrees of freedom, one for the residual variance included.
    method : {"greven-kneib", "vaida-blanchard"}
    """

    value: float
    loglik: float
    df: float
    method: str

    def __str__(self) -> str:
        """Return the three numbers in words."""
        return (
            f"Conditional log-likelihood: {self.loglik:.2f}\n"
            f"Degrees of freedom: {self.df:.2f}\n"
            f"Conditional Akaike information criterion: {self.value:.2f}"
        )


def aicc(fit: LmerFit) -> float:
    """Return AIC with the correction for small samples; infinite where n <= parameters + 1."""
    k, n = fit.n_parameters, fit.nobs
    return fit.aic + 2.0 * k * (k + 1) / (n - k - 1) if n > k + 1 else float("inf")


def conditional_aic(fit: LmerFit, method: str = "greven-kneib") -> ConditionalAIC:
    """Return the conditional AIC; see `ComparisonQuestions.caic`."""
    if method not in METHODS:
        raise ArgumentError(
            f"method={method!r} is not a conditional AIC. {did_you_mean(str(method), METHODS)}"
        )
    loglik = conditional_loglik(fit)
    df = hat_trace(fit) + 1.0
    if method == "greven-kneib":
        df += variance_penalty(fit)
    return ConditionalAIC(2.0 * (df - loglik), loglik, df, method)


def conditional_loglik(fit: LmerFit) -> float:
    """Return the log-likelihood of the responses given the conditional modes."""
    weights = fit.matrices.weights
    log_weights = 0.0 if weights is None else float(np.log(weights).sum())
    square = float((fit.residuals("scaled") ** 2).sum())
    return float(-0.5 * (fit.nobs * np.log(2.0 * np.pi * fit.sigma**2) - log_weights + square))


def _blocks(fit: LmerFit) -> Blocks:
    """Gather the blocks at the optimum, every level of its own."""
    problem, point = fit.solution.problem, fit.solution.point
    return blocks_at(
        problem, replace(point, factorisation=by_level(problem, fit.statistics, point))
    )


def hat_trace(fit: LmerFit) -> float:
    """Return the trace of H in fitted = H y, the variances held.

    H = I - P, and V^-1 = I - Z Sigma Z'V^-1, so that the trace is that of Sigma Z'V^-1 Z plus
    p - tr(Sigma B B'), B = Z'V^-1 X R, R R' = (X'V^-1 X)^-1.
    """
    blocks, problem = _blocks(fit), fit.solution.problem
    total = float(problem.p)
    roots = problem.parameters.roots(fit.solution.point.theta)
    for T, trace, B in zip(roots, blocks.factorisation.traces(), blocks.fixed, strict=True):
        Sigma = T @ T.T
        total += float((Sigma * trace).sum() - np.einsum("ab,apj,bpj->", Sigma, B, B))
    return total


def variance_penalty(fit: LmerFit) -> float:
    """Return what estimating the variances adds to the trace of d fitted / d y.

    Greven and Kneib (2010), by implicit differentiation. With e = P y and v_k = P V_k e, V_k the
    derivative of V to theta_k, d fitted / d theta_k = v_k; and theta moves with y as
    H^-1 nu (2 v / r^2 - 2 s e' / r^4), H the Hessian of the criterion and s_k = e'V_k e. The
    products follow from Z'P Z and P P = P - P Z Sigma Z'P. Variances at zero do not move.
    """
    blocks, problem = _blocks(fit), fit.solution.problem
    parameters = problem.parameters
    roots = parameters.roots(fit.solution.point.theta)
    h = [np.einsum("mab,bj->amj", E, e)
         for E, e in zip(parameters.directions(roots), blocks.residuals, strict=True)]  # fmt: skip
    a = blocks.factorisation.apply(tuple(h))
    # P in place of V^-1: less what the fixed effects take
    taken = sum(np.einsum("apj,amj->pm", B, each) for B, each in zip(blocks.fixed, h, strict=True))
    a = tuple(each - np.einsum("apj,pm->amj", B, taken)
              for each, B in zip(a, blocks.fixed, strict=True))  # fmt: skip
    m = len(parameters)
    vv, ve, s = np.zeros((m, m)), np.zeros(m), np.zeros(m)
    for T, h_f, a_f, e in zip(roots, h, a, blocks.residuals, strict=True):
        half = np.einsum("ab,amj->bmj", T, a_f)
        vv += np.einsum("amj,anj->mn", h_f, a_f) - np.einsum("bmj,bnj->mn", half, half)
        ve += np.einsum("amj,aj->m", h_f, e) - np.einsum("bmj,bj->m", half, T.T @ e)
        s += np.einsum("amj,aj->m", h_f, e)
    inverse = sensitivity(fit).covariance[:-1, :-1] / 2.0
    moved = vv - np.outer(ve, s) / blocks.square
    return float(2.0 * blocks.rate * (inverse * moved).sum())
