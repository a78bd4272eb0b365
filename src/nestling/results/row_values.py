"""Fitted values and residuals, one per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.results.conditional_modes import inner_modes, weighted_residuals
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def pearson(fit: LmerFit) -> FloatArray:
    """Return sqrt(w) (y - fitted)."""
    solution = fit.solution
    inner = inner_modes(solution.problem, fit.statistics, solution.point)
    rows = Rows.of(fit.matrices)
    return weighted_residuals(rows, fit.basis, solution.layout, solution.point.beta, inner)


KINDS = ("response", "pearson", "scaled", "studentised", "marginal", "normalised")


def residuals(fit: LmerFit, kind: str) -> FloatArray:
    """Return residuals of a kind; see `LmerFit.residuals`."""
    if kind == "studentised":
        from nestling.results.hat_values import studentised

        return studentised(fit)
    if kind in {"marginal", "normalised"}:
        from nestling.results.normalised_residuals import marginal_residuals, normalised_residuals

        return marginal_residuals(fit) if kind == "marginal" else normalised_residuals(fit)
    values = pearson(fit)
    if kind == "pearson":
        return values
    if kind == "scaled":
        return values / fit.sigma
    if kind == "response":
        weights = fit.matrices.weights
        return values if weights is None else values / np.sqrt(weights)
    raise ArgumentError(f"kind={kind!r} is not a kind of residual. {did_you_mean(kind, KINDS)}")


def fitted(fit: LmerFit) -> FloatArray:
    """Return the fitted values given the random effects."""
    return fit.matrices.response - residuals(fit, "response")
