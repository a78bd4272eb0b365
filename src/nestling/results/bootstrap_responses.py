"""Bootstrap by new responses to the same design: parametric, and by reflated residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nestling.fit.batch import ResponseBlocks
from nestling.linalg.factor import symmetric_root
from nestling.random.streams import indexed_child
from nestling.results.bootstrap_chunk import (
    Chunk,
    Statistic,
    from_fit,
    from_responses,
    joined,
)
from nestling.results.conditional_modes import inner_modes
from nestling.results.lmer import fit_matrices
from nestling.results.random_effects import term_modes
from nestling.results.row_values import residuals
from nestling.simulate.draw import add_effects, scale_residuals
from nestling.statistics.exact_draws import (
    ErrorRoots,
    draw_responses,
    error_roots,
    is_drawable,
)
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

CELLS = 1 << 22
"""Numbers drawn at a time: 32 MB."""


@dataclass(frozen=True, slots=True)
class Reflated:
    """Conditional modes and residuals, centred and given the model's variances.

    Attributes
    ----------
    effects : tuple of (J, k) arrays
        Per grouping factor.
    residuals : (n,) array
        Times the root of the prior weight.
    """

    effects: tuple[FloatArray, ...]
    residuals: FloatArray


def reflated(fit: LmerFit) -> Reflated:
    """Give modes and residuals the variances of the model, which shrinkage took from them.

    Carpenter, Goldstein and Rasbash (2003). Of the matrices A with A'SA = Sigma, S the modes'
    covariance, the symmetric one moves the modes least.
    """
    modes, roots, sigma = term_modes(fit), fit.estimates.roots, fit.sigma
    effects = []
    for width, members in zip(fit.solution.layout.widths, fit.solution.layout.members, strict=True):
        u = np.column_stack([modes[term] for term in members])
        u = u - u.mean(axis=0)
        Sigma = np.zeros((width, width))
        for term in members:
            part = _part(fit, term)
            Sigma[part, part] = sigma**2 * roots[term] @ roots[term].T
        root = symmetric_root(Sigma)
        inner = root.T @ (u.T @ u / len(u)) @ root
        values, vectors = np.linalg.eigh(inner)
        live = values > 1e-12 * max(float(values[-1]), np.finfo(float).tiny)
        inverse = np.where(live, 1.0 / np.sqrt(np.where(live, values, 1.0)), 0.0)
        effects.append(u @ (root @ (vectors * inverse) @ vectors.T @ root.T))
    e = residuals(fit, "pearson")
    e = e - e.mean()
    return Reflated(tuple(effects), e * (sigma / np.sqrt(np.mean(e**2))))


def _part(fit: LmerFit, term: int) -> slice:
    place = fit.solution.layout.places[term]
    return slice(place.start, place.start + place.width)


@dataclass(frozen=True, slots=True)
class NewResponses:
    """Draws responses and refits.

    Attributes
    ----------
    fit : LmerFit
    seed : SeedSequence
    mean : (n,) array or None
        Predictions without random effects, or with them when they are held; None without rows.
    use_u : bool
        Hold the random effects at their conditional modes.
    errors : ErrorRoots or None
        For draws without rows.
    held : tuple of (k, J) arrays or None
        Modes in the basis, relative to nothing, for draws without rows.
    pool : Reflated or None
        What to resample; None draws from normal distributions.
    statistic : callable or None
    names : tuple of str
        Of the values of a replicate.
    """

    fit: LmerFit
    seed: np.random.SeedSequence
    mean: FloatArray | None
    use_u: bool
    errors: ErrorRoots | None
    held: tuple[FloatArray, ...] | None
    pool: Reflated | None
    statistic: Statistic | None
    names: tuple[str, ...]

    @property
    def at_once(self) -> int:
        """Replicates whose draws are held together."""
        if self.statistic is not None:
            return 16
        terms = self.fit.matrices.random
        q = sum(len(term.levels) * len(term.names) for term in terms)
        cells = 2 * q + len(self.names) if self.errors is not None else self.fit.nobs
        return max(1, min(512, CELLS // cells))

    def chunk(self, indices: Sequence[int], *, errors: bool) -> Chunk:
        """Draw and refit these replicates."""
        streams = [np.random.default_rng(indexed_child(self.seed, r)) for r in indices]
        if self.statistic is not None:
            return joined(
                [
                    full_refit(self.fit, self.response(s), self.statistic, self.names)
                    for s in streams
                ]
            )
        if self.errors is not None:
            return self._without_rows(streams, errors=errors)
        Y = np.column_stack([self.response(stream) for stream in streams])
        return refitted_rows(self.fit, Y, errors=errors)

    def _without_rows(self, streams: list[np.random.Generator], *, errors: bool) -> Chunk:
        fit = self.fit
        solution, basis = fit.solution, fit.basis
        point, problem = solution.point, solution.problem
        blocks = ResponseBlocks(
            *draw_responses(
                fit.statistics,
                problem.parameters.roots(point.theta),
                point.beta,
                float(np.sqrt(point.square / problem.nu)),
                streams,
                errors=self.errors,
                effects=self.held,
            )
        )
        G = basis.transform
        shift = -np.linalg.solve(G[:-1, :-1], G[:-1, -1]) * basis.response_scale
        wide = np.broadcast_to(shift[:, None], (len(shift), len(streams)))
        return from_responses(fit, blocks, wide, errors=errors)

    def response(self, stream: np.random.Generator) -> FloatArray:
        """Draw the rows of one response."""
        fit, mean = self.fit, self.mean
        assert mean is not None
        terms, weights, sigma = fit.matrices.random, fit.matrices.weights, fit.sigma
        total = mean.copy()
        if self.pool is None:
            if not self.use_u:
                q = sum(len(term.levels) * len(term.names) for term in terms)
                u, start = stream.standard_normal(q), 0
                for term, T in zip(terms, fit.estimates.roots, strict=True):
                    stop = start + len(term.levels) * len(T)
                    effects = sigma * T @ u[start:stop].reshape(-1, len(T)).T
                    total += add_effects(effects, term.columns, term.codes)
                    start = stop
            return total + scale_residuals(stream.standard_normal(fit.nobs), sigma, weights)
        layout = fit.solution.layout
        for u, members in zip(self.pool.effects, layout.members, strict=True):
            drawn = u[stream.integers(0, len(u), len(u))].T
            for t in members:
                total += add_effects(drawn[_part(fit, t)], terms[t].columns, terms[t].codes)
        e = self.pool.residuals[stream.integers(0, fit.nobs, fit.nobs)]
        return total + scale_residuals(e, 1.0, weights)


def parametric(
    fit: LmerFit,
    seed: np.random.SeedSequence,
    *,
    use_u: bool,
    statistic: Statistic | None,
    names: tuple[str, ...],
) -> NewResponses:
    """Prepare draws from the fitted model, without rows where that is possible."""
    rowless = statistic is None and is_drawable(fit.statistics)
    solution = fit.solution
    return NewResponses(
        fit=fit,
        seed=seed,
        mean=None if rowless else (fit.fitted if use_u else fit.predict(random=False)),
        use_u=use_u,
        errors=error_roots(fit.statistics) if rowless else None,
        held=inner_modes(solution.problem, fit.statistics, solution.point)
        if rowless and use_u
        else None,
        pool=None,
        statistic=statistic,
        names=names,
    )


def residual(
    fit: LmerFit,
    seed: np.random.SeedSequence,
    *,
    statistic: Statistic | None,
    names: tuple[str, ...],
) -> NewResponses:
    """Prepare the resampling of reflated modes and residuals."""
    return NewResponses(
        fit=fit,
        seed=seed,
        mean=fit.predict(random=False),
        use_u=False,
        errors=None,
        held=None,
        pool=reflated(fit),
        statistic=statistic,
        names=names,
    )


def full_refit(fit: LmerFit, y: FloatArray, statistic: Statistic, names: tuple[str, ...]) -> Chunk:
    """Fit anew to one response and ask the caller's statistic."""
    matrices = replace(fit.matrices, response=y)
    return from_fit(partial(fit_matrices, fit.call, matrices, fit.frame), statistic, names)


@dataclass(frozen=True, slots=True)
class GivenResponses:
    """Refits to responses drawn beforehand, as R's own stream must be: in its own order.

    Attributes
    ----------
    fit : LmerFit
    Y : (n, R) array
    statistic : callable or None
    names : tuple of str
    """

    fit: LmerFit
    Y: FloatArray
    statistic: Statistic | None
    names: tuple[str, ...]

    @property
    def at_once(self) -> int:
        """Replicates that are refitted together."""
        return 16 if self.statistic is not None else max(1, min(512, CELLS // self.fit.nobs))

    def chunk(self, indices: Sequence[int], *, errors: bool) -> Chunk:
        """Refit to these columns."""
        Y = self.Y[:, list(indices)]
        if self.statistic is None:
            return refitted_rows(self.fit, Y, errors=errors)
        return joined([full_refit(self.fit, y, self.statistic, self.names) for y in Y.T])


def refitted_rows(fit: LmerFit, Y: FloatArray, *, errors: bool) -> Chunk:
    """Refit to the rows of responses, (n, R)."""
    Zy, Xy, yy, b = response_products(Rows.of(fit.matrices), fit.basis, Y)
    return from_responses(fit, ResponseBlocks(Zy, Xy, yy), b, errors=errors)
