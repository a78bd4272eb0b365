"""Responses drawn from a fitted model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError
from nestling.random.rrandom import RRandom
from nestling.random.streams import seed_sequence
from nestling.simulate.draw import add_effects, scale_residuals

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def simulate(fit: LmerFit, n_sims: Any, seed: Any) -> FloatArray:
    """Draw responses; see `LmerFit.simulate`.

    y = X beta + offset + Z b + e with new b and e. Every column has a stream of its own, so the
    first columns do not depend on how many are drawn. An `RRandom` as seed draws in the order
    of R's simulate(): the spherical effects of all columns, then all residuals.
    """
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer) or n_sims < 1:
        raise ArgumentError(f"n_sims={n_sims!r} must be a whole number of at least 1.")
    terms, estimates = fit.matrices.random, fit.estimates
    widths = [len(term.levels) * len(term.names) for term in terms]
    n, q = fit.nobs, sum(widths)
    if isinstance(seed, RRandom):
        spherical = seed.rnorm(q * n_sims).reshape(n_sims, q)
        standard = seed.rnorm(n * n_sims).reshape(n_sims, n)
        draws = list(zip(spherical, standard, strict=True))
    else:
        streams = seed_sequence(seed).spawn(int(n_sims))
        draws = []
        for stream in streams:
            rng = np.random.default_rng(stream)
            draws.append((rng.standard_normal(q), rng.standard_normal(n)))
    mean = fit.predict(random=False)
    result = np.empty((n, n_sims))
    for column, (u, e) in enumerate(draws):
        total = mean + scale_residuals(e, estimates.sigma, fit.matrices.weights)
        start = 0
        for term, T, width in zip(terms, estimates.roots, widths, strict=True):
            # a level's effects are adjacent in lme4's order
            effects = estimates.sigma * T @ u[start : start + width].reshape(-1, len(T)).T
            total += add_effects(effects, term.columns, term.codes)
            start += width
        result[:, column] = total
    return result
