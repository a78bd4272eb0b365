"""Errors of prediction by parametric bootstrap: everything is drawn anew and fitted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_solve import solve_batch
from nestling.fit.choose import structure_of
from nestling.fit.one_factor import OneFactor
from nestling.random.streams import seed_sequence
from nestling.results.conditional_modes import modes
from nestling.simulate.draw import add_effects, scale_residuals
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nestling.arrays import FloatArray
    from nestling.model.matrices import NewRows, RandomTerm
    from nestling.results.lmer_fit import LmerFit


def prediction_errors(
    fit: LmerFit,
    rows: NewRows,
    terms: Mapping[int, RandomTerm],
    others: Mapping[int, tuple[FloatArray, ...]],
    weights: FloatArray,
    n_sims: Any,
    seed: Any,
) -> tuple[FloatArray, FloatArray]:
    """Return what was predicted less its prediction, and what a new row adds, (rows, n_sims).

    Each time 1. random effects and residuals are drawn, 2. the model is fitted to the response
    they make, 3. x'beta + z'b of the draw is compared with what that fit predicts. A new row
    adds a new residual and, of the terms that are no part of the prediction, new effects.
    """
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer) or n_sims < 2:
        raise ArgumentError(f"n_sims={n_sims!r} must be a whole number of at least 2.")
    estimates, matrices = fit.estimates, fit.matrices
    sigma, n = estimates.sigma, rows.n_rows
    mean = fit.predict(random=False)
    Y = np.empty((fit.nobs, int(n_sims)))
    target, new = np.zeros((n, int(n_sims))), np.zeros((n, int(n_sims)))
    for r, stream in enumerate(seed_sequence(seed).spawn(int(n_sims))):
        rng = np.random.default_rng(stream)
        y = mean.copy()
        for i, (term, T) in enumerate(zip(matrices.random, estimates.roots, strict=True)):
            effects = sigma * T @ rng.standard_normal((len(T), len(term.levels)))
            y += add_effects(effects, term.columns, term.codes)
            if i in terms:
                # levels not seen are new draws, one for each row
                unseen = sigma * T @ rng.standard_normal((len(T), n))
                known = terms[i].codes >= 0
                b = np.where(known, effects[:, np.maximum(terms[i].codes, 0)], unseen)
                target[:, r] += sum(z * each for z, each in zip(terms[i].columns, b, strict=True))
        Y[:, r] = y + scale_residuals(rng.standard_normal(fit.nobs), sigma, matrices.weights)
        for i, columns in others.items():
            b = sigma * estimates.roots[i] @ rng.standard_normal((len(columns), n))
            new[:, r] += sum(z * each for z, each in zip(columns, b, strict=True))
        new[:, r] += scale_residuals(rng.standard_normal(n), sigma, weights)
    return target - _predicted(fit, rows, terms, Y), new


def _predicted(
    fit: LmerFit, rows: NewRows, terms: Mapping[int, RandomTerm], Y: FloatArray
) -> FloatArray:
    """Return x'(beta* - beta) + z'b* of the fits to Y, (rows, R)."""
    basis, layout, problem = fit.basis, fit.solution.layout, fit.solution.problem
    Zy, Xy, yy, b = response_products(Rows.of(fit.matrices), basis, Y)
    blocks = ResponseBlocks(Zy, Xy, yy)
    found = solve_batch(problem, fit.statistics, layout, blocks, fit.solution.point.theta)
    scaled = found.beta * basis.response_scale + b
    # the basis took Q b out of each response; it comes back in its coefficients
    beta = basis.transform[:-1, :-1] @ scaled - fit.estimates.beta[:, None]
    total = np.zeros((rows.n_rows, Y.shape[1]))
    for j, change in zip(basis.kept, beta, strict=True):
        total += rows.columns[j][:, None] * change
    if not terms:
        return total
    for r in range(Y.shape[1]):
        statistics = blocks.statistics(fit.statistics, r)
        if len(statistics.factors) == 1:
            structure: Any = OneFactor.of(statistics)
        else:
            structure = structure_of(statistics)
        roots = problem.parameters.roots(found.theta[:, r])
        contrast = np.append(-found.beta[:, r], 1.0)
        inner = tuple(
            T @ (T.T @ np.einsum("kcj,c->kj", H, contrast))
            for T, H in zip(roots, structure.factorise(roots).ZVW, strict=True)
        )
        effects = modes(layout, basis, inner)
        for i, term in terms.items():
            padded = np.vstack([effects[i], np.zeros(effects[i].shape[1])])[term.codes]
            total[:, r] += sum(z * each for z, each in zip(term.columns, padded.T, strict=True))
    return total
