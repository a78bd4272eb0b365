"""Counts of parameters and lme4's test of singularity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

SINGULAR = 1e-4
"""lme4's tolerance: a diagonal element of theta below it makes a fit singular."""


def n_parameters(fit: LmerFit) -> int:
    """Return the number of fixed effects, of elements of theta, and one for sigma."""
    return len(fit.basis.kept) + len(fit.solution.problem.parameters) + 1


def is_singular(fit: LmerFit) -> bool:
    """Return whether any diagonal element of a relative covariance factor is all but zero."""
    return any(bool((np.diag(T) < SINGULAR).any()) for T in fit.estimates.roots)
