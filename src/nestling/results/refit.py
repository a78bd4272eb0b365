"""The same model again: another response, or the other criterion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.fit.solve import pose, solve
from nestling.results.lmer import fit_matrices
from nestling.results.refits import Refits, refits

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


def refit(fit: LmerFit, y: Any) -> LmerFit | Refits:
    """Fit the model of `fit` to a new response, or to many; see `LmerFit.refit`."""
    try:
        response = np.asarray(y, dtype=float)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"y is of type {type(y).__name__}, which does not read as numbers. "
            "Give one number per row that was used."
        ) from error
    n = fit.nobs
    if response.ndim not in {1, 2} or response.shape[0] != n or not response.size:
        raise ArgumentError(
            f"y has shape {response.shape}, but the fit used {n} rows. "
            "Give one number per row that was used, in their order, or a column per response."
        )
    if not np.isfinite(response).all():
        raise ArgumentError(
            f"y is not finite in row {int(np.argwhere(~np.isfinite(response))[0][0])}. "
            "Leave the row out and fit again, or give a number."
        )
    same = response.min(axis=0) == response.max(axis=0)
    if same.any():
        where = f" in column {int(np.argmax(same))}, counting from 0," if response.ndim == 2 else ""
        raise ArgumentError(
            f"y{where} is the same number in all {n} rows. There is nothing to explain: check "
            "where it comes from."
        )
    if response.ndim == 2:
        return refits(fit, response)
    return fit_matrices(fit.call, replace(fit.matrices, response=response), fit.frame)


def with_criterion(fit: LmerFit, *, reml: bool) -> LmerFit:
    """Fit by REML or ML from the same sufficient statistics, starting at the present optimum."""
    if fit.reml == reml:
        return fit
    layout = fit.solution.layout
    problem = pose(fit.statistics, fit.basis, layout, reml=reml)
    solution = solve(problem, fit.statistics, layout, fit.solution.point.theta)
    return replace(fit, call=replace(fit.call, reml=reml), solution=solution)
