"""Likelihood-ratio tests of random effects for many responses to one design together."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import NestlingWarning
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_solve import solve_batch
from nestling.results.chi_bar import Mixture, mixture_of
from nestling.results.likelihood_ratio import blocks as blocks_of
from nestling.results.lmer_fit import LmerFit
from nestling.results.reduced import fit_with_random
from nestling.studies.variance_tests import Reduction


@dataclass(frozen=True, slots=True, eq=False)
class SharedReduction:
    """A design without one random effect.

    Attributes
    ----------
    reduction : Reduction
    fit : LmerFit or None
        Of the reduced model, in a basis of its own; None when no random effects are left.
    kept : tuple of (int, array)
        Per term of the reduced model its place in the whole model, and which of its columns.
    start : array
        A theta of the reduced model that is near.
    null_roots : tuple of (k, k) arrays
        Per grouping factor the truth's relative covariance factors without the effect.
    null_start : array
        A theta of the whole model that is near then.
    mixture : Mixture
        Of the likelihood ratio where the effect is zero.
    """

    reduction: Reduction
    fit: LmerFit | None
    kept: tuple[tuple[int, tuple[int, ...]], ...]
    start: FloatArray
    null_roots: tuple[FloatArray, ...]
    null_start: FloatArray
    mixture: Mixture

    def p_values(self, whole: LmerFit, blocks: ResponseBlocks, criterion: FloatArray) -> FloatArray:
        """Return the p values of responses whose whole model has these criteria."""
        reduced = self._criteria(whole, blocks)
        ratio = np.maximum(reduced - (criterion + whole.solution.problem.constant), 0.0)
        return np.array([self.mixture.tail(float(each)) for each in ratio])

    def _criteria(self, whole: LmerFit, blocks: ResponseBlocks) -> FloatArray:
        if self.fit is None:
            # without random effects the criterion is that of least squares; X'X is the identity
            problem = whole.solution.problem
            square = blocks.yy - (blocks.Xy**2).sum(axis=0)
            nu = problem.nu
            return np.asarray(nu * (1.0 + np.log(2.0 * np.pi * square / nu)) + problem.constant)
        solution = self.fit.solution
        mapped = self._mapped(whole, self.fit, blocks)
        found = solve_batch(
            solution.problem, self.fit.statistics, solution.layout, mapped, self.start
        )
        return found.criterion + solution.problem.constant

    def _mapped(self, whole: LmerFit, reduced: LmerFit, blocks: ResponseBlocks) -> ResponseBlocks:
        """Return the responses in the basis of the reduced model."""
        scale = whole.basis.response_scale / reduced.basis.response_scale
        old, new = whole.basis.transform[:-1, :-1], reduced.basis.transform[:-1, :-1]
        Xy = new.T @ np.linalg.solve(old.T, blocks.Xy) * scale
        layout, R = reduced.solution.layout, len(blocks)
        Zy = [np.empty((f.width, f.n_levels, R)) for f in reduced.statistics.factors]
        for (term, columns), place, rotation in zip(
            self.kept, layout.places, reduced.basis.rotations, strict=True
        ):
            was = whole.solution.layout.places[term]
            own = blocks.Zy[was.factor][was.start : was.start + was.width]
            user = np.linalg.solve(whole.basis.rotations[term].T, own.reshape(was.width, -1))
            mine = rotation.T @ user[list(columns)] * scale
            Zy[place.factor][place.start : place.start + place.width] = mine.reshape(
                place.width, own.shape[1], R
            )
        return ResponseBlocks(tuple(Zy), Xy, blocks.yy * scale**2)


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A reduced model of a design: its fit, and where its columns are in the whole model."""

    fit: LmerFit | None
    kept: tuple[tuple[int, tuple[int, ...]], ...]
    mixture: Mixture


def reduced_of(whole: LmerFit, reduction: Reduction) -> Reduced | None:
    """Return the reduced model; None when its columns are not columns of the whole model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        fit = fit_with_random(whole, reduction.position, reduction.rest)
    if fit is None:
        df = whole.n_parameters - whole.statistics.n_fixed - 1
        return Reduced(None, (), mixture_of([], blocks_of(whole), df))
    places = [i for i in range(len(whole.matrices.random)) if i != reduction.position]
    if len(fit.matrices.random) > len(places):
        places = sorted([*places, reduction.position])
    kept = []
    for place, term in zip(places, fit.matrices.random, strict=True):
        names = whole.matrices.random[place].names
        if not set(term.names) <= set(names):
            return None
        kept.append((place, tuple(names.index(name) for name in term.names)))
    df = whole.n_parameters - fit.n_parameters
    return Reduced(fit, tuple(kept), mixture_of(blocks_of(fit), blocks_of(whole), df))
