"""Likelihood-ratio tests of random effects for many replicates that have their own predictors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_solve import solve_together
from nestling.results.chi_bar import Mixture
from nestling.results.lmer_fit import LmerFit
from nestling.statistics.many_designs import ManyDesigns
from nestling.studies.batch_variances import Reduced
from nestling.studies.drawn_designs import Draws
from nestling.studies.variance_tests import Reduction


@dataclass(frozen=True, slots=True, eq=False)
class StackedReduction:
    """A model without one random effect.

    Attributes
    ----------
    reduction : Reduction
    smaller : SmallerModel or None
        None when no random effects are left.
    mixture : Mixture
        Of the likelihood ratio where the effect is zero.
    null : Draws
        Replicates of the same streams without the effect.
    null_start : array
        A theta of the whole model that is near then.
    """

    reduction: Reduction
    smaller: SmallerModel | None
    mixture: Mixture
    null: Draws
    null_start: FloatArray

    def p_values(self, whole: LmerFit, designs: ManyDesigns, criterion: FloatArray) -> FloatArray:
        """Return the p values of replicates whose whole model has these criteria."""
        constant = whole.solution.problem.constant
        if self.smaller is None:
            problem = whole.solution.problem
            reduced = least_squares(designs, problem.nu, reml=problem.reml) + constant
        else:
            reduced = self.smaller.criteria(designs)
        ratio = np.maximum(reduced - (criterion + constant), 0.0)
        return np.array([self.mixture.tail(float(each)) for each in ratio])


@dataclass(frozen=True, slots=True, eq=False)
class SmallerModel:
    """A model without some columns of Z, and the way to its basis from that of the whole model.

    Attributes
    ----------
    fit : LmerFit
    start : array
        A theta that is near.
    X : (p, p) array
        From columns of X to columns of X.
    Z : tuple of (int, (k, k') array)
        Per factor its place in the whole model, and from columns to columns.
    scale : float
        From responses to responses.
    """

    fit: LmerFit
    start: FloatArray
    X: FloatArray
    Z: tuple[tuple[int, FloatArray], ...]
    scale: float

    @classmethod
    def of(
        cls, whole: LmerFit, reduced: Reduced, small: LmerFit, start: FloatArray
    ) -> SmallerModel:
        """Find the columns of a reduced model among those of the whole one."""
        old, new = (each.basis.transform[:-1, :-1] for each in (whole, small))
        layout, places = small.solution.layout, whole.solution.layout.places
        maps: list[tuple[int, FloatArray]] = [(0, np.empty(0))] * len(layout.widths)
        for (term, columns), place, rotation in zip(
            reduced.kept, layout.places, small.basis.rotations, strict=True
        ):
            was = places[term]
            factor = whole.statistics.factors[was.factor]
            if not maps[place.factor][1].size:
                size = factor.width, layout.widths[place.factor]
                maps[place.factor] = was.factor, np.zeros(size)
            back = np.linalg.inv(whole.basis.rotations[term])[:, list(columns)]
            rows, own = (
                slice(was.start, was.start + was.width),
                slice(place.start, place.start + place.width),
            )
            maps[place.factor][1][rows, own] = back @ rotation
        scale = whole.basis.response_scale / small.basis.response_scale
        X = np.asarray(np.linalg.solve(old, new), dtype=np.float64)
        return cls(small, start, X, tuple(maps), scale)

    def criteria(self, designs: ManyDesigns) -> FloatArray:
        """Return the criterion of each replicate at its optimum, on the scale of the data."""
        fit, mapped = self.fit, self._mapped(designs)
        problem = fit.solution.problem
        kernel = DesignBatch.of(problem, mapped)
        found = solve_together(
            problem, fit.solution.layout, kernel, len(mapped), mapped.one, self.start
        )
        return found.criterion + problem.constant

    def _mapped(self, designs: ManyDesigns) -> ManyDesigns:
        places = [place for place, _ in self.Z]
        M = dict(self.Z)
        pairs = [(pair.first, pair.second) for pair in designs.units.pairs]
        cross = []
        for pair in self.fit.statistics.pairs:
            low, high = places[pair.first], places[pair.second]
            block = designs.cross[pairs.index((low, high))]
            cross.append(_between(M[low], block, M[high]))
        return ManyDesigns(
            self.fit.statistics,
            tuple(_between(matrix, designs.ZZ[place], matrix) for place, matrix in self.Z),
            tuple(cross),
            tuple(_between(matrix, designs.ZX[place], self.X) for place, matrix in self.Z),
            _between(self.X, designs.XX, self.X),
            tuple(
                self.scale * np.einsum("ac,a...->c...", matrix, designs.Zy[place])
                for place, matrix in self.Z
            ),
            self.scale * (self.X.T @ designs.Xy),
            self.scale**2 * designs.yy,
        )


def least_squares(designs: ManyDesigns, nu: int, *, reml: bool) -> FloatArray:
    """Return the criterion of models without random effects, but for their basis' constant."""
    XX = designs.XX.transpose(2, 0, 1)
    solved = np.linalg.solve(XX, designs.Xy.T[:, :, None])[:, :, 0]
    square = designs.yy - (solved * designs.Xy.T).sum(axis=1)
    criterion = nu * (1.0 + np.log(2.0 * np.pi * square / nu))
    if reml:
        criterion = criterion + np.linalg.slogdet(XX)[1]
    return np.asarray(criterion)


def _between(left: FloatArray, block: FloatArray, right: FloatArray) -> FloatArray:
    """Return left' block right for a stack (a, b, ...)."""
    return np.asarray(np.einsum("ac,ab...,bd->cd...", left, block, right, optimize=True))
