"""Leverage, studentised residuals and Cook's distances, one per row, from the blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.linalg.factor import symmetric_root
from nestling.results.conditional_modes import by_level
from nestling.results.random_leverage import random_leverage, rotated
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def hat_values(fit: LmerFit) -> FloatArray:
    """Return the leverages; see `LmerFit.hatvalues`.

    Fitted values are H y, and I - H = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1 in the weighted rows.
    With C the relative conditional covariance of the random effects, V^-1 = I - Z C Z', so
    h = z'Cz + |R'(x - X'V^-1 Z Sigma z)|^2 with R R' = (X'V^-1 X)^-1.
    """
    solution, basis, rows = fit.solution, fit.basis, Rows.of(fit.matrices)
    leverage = random_leverage(fit)
    root = symmetric_root(solution.point.unscaled)
    factorisation = by_level(solution.problem, fit.statistics, solution.point)
    # regressions of the columns of X on the random effects, (k, p, J) per factor
    modes = [
        np.einsum("ab,bpj->apj", T @ T.T, H[:, :-1])
        for T, H in zip(
            solution.problem.parameters.roots(solution.point.theta), factorisation.ZVW, strict=True
        )
    ]
    G = basis.transform[:-1, :-1]
    values = np.empty(rows.n)
    for block in rows.blocks():
        Z, codes = rotated(fit, rows, block)
        X = G.T @ rows.fixed(block)[basis.kept]
        for z, code, mode in zip(Z, codes, modes, strict=True):
            for row, effect in zip(z, mode, strict=True):
                X -= row * effect[:, code]
        half = root.T @ X
        values[block] = leverage(Z, codes) + np.einsum("pn,pn->n", half, half)
    return values


def studentised(fit: LmerFit) -> FloatArray:
    """Return residuals over their standard deviation, sqrt(w) (y - fitted) / (sigma sqrt(1 - h)).

    Rows that the model fits exactly whatever their response (h = 1) have none: NaN.
    """
    return fit.residuals("scaled") / _root_share(1.0 - hat_values(fit))


def cooks_distance(fit: LmerFit) -> FloatArray:
    """Return Cook's distances given the variances; see `LmerFit.cooks_distance`."""
    p = len(fit.basis.kept)
    if p == 0:  # nothing that a row could move
        return np.full(fit.nobs, np.nan)
    hat = hat_values(fit)
    rest = _root_share(1.0 - hat)
    return np.asarray((fit.residuals("scaled") / rest**2) ** 2 * hat / p)


def _root_share(share: FloatArray) -> FloatArray:
    """Square root of what a row leaves to its residual; NaN where rounding is all there is."""
    return np.sqrt(np.where(share > 1e-12, share, np.nan))
