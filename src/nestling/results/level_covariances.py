"""Covariances between the random effects of several levels of a grouping factor, given the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.conditional_modes import by_level

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit


def level_covariance(
    fit: LmerFit, term: int, effect: int, levels: IntArray, *, beta_known: bool
) -> FloatArray:
    """Return the covariance matrix (m, m) of one effect in these levels.

    Given the fixed effects: sigma^2 (Sigma - Sigma Z'V^-1 Z Sigma), in which the levels of a
    model's only factor are independent. Of the errors of prediction, with the fixed effects
    estimated: plus sigma^2 Sigma H (X'V^-1 X)^-1 H'Sigma with H = Z'V^-1 X (Henderson 1975).
    """
    solution, basis = fit.solution, fit.basis
    problem, point = solution.problem, solution.point
    place = solution.layout.places[term]
    roots = problem.parameters.roots(point.theta)
    direction = np.zeros(solution.layout.widths[place.factor])
    direction[place.start : place.start + place.width] = basis.rotations[term][effect]
    T = roots[place.factor]
    weights = T @ (T.T @ direction)
    factorisation = by_level(problem, fit.statistics, point)
    m = len(levels)
    h = [np.zeros((block.width, m, block.n_levels)) for block in fit.statistics.factors]
    h[place.factor][:, np.arange(m), levels] = weights[:, None]
    image = factorisation.apply(tuple(h))[place.factor][:, :, levels]
    relative = np.eye(m) * float(direction @ weights) - np.einsum("a,amn->nm", weights, image)
    if not beta_known:
        carried = np.einsum("a,apm->mp", weights, factorisation.ZVW[place.factor][:, :-1, levels])
        relative = relative + carried @ point.unscaled @ carried.T
    return np.asarray(fit.sigma**2 * 0.5 * (relative + relative.T))
