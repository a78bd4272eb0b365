"""Where searches for the optima of many replicates start: at the truth."""

from __future__ import annotations

import numpy as np

from nestling.arrays import FloatArray
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.results.estimates import inner_theta
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.population import Population

LEAST = 1e-3
"""Where a true relative SD is smaller, the search starts here: at zero there is no slope."""


def start_at(truth: Population, fit: LmerFit) -> FloatArray:
    """Return the truth's theta in the basis of a fit, off the boundary.

    The fit may have other random effects: those that the truth lacks start near zero, those that
    it has start at their variances and covariances.
    """
    residual, lifted = truth.parameters.residual, []
    for term in fit.matrices.random:
        covariance = np.zeros((len(term.names), len(term.names)))
        for true in truth.parameters.terms:
            shared = [name for name in term.names if name in true.names]
            if true.group == term.group and shared:
                mine = [term.names.index(name) for name in shared]
                own = [true.names.index(name) for name in shared]
                covariance[np.ix_(mine, mine)] = true.covariance[np.ix_(own, own)]
        lifted.append(lower_root(symmetric_root(covariance / residual, LEAST**2)))
    solution = fit.solution
    return inner_theta(solution.problem, solution.layout, fit.basis, tuple(lifted))
