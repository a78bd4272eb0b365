"""Replicates with predictors of their own, many at a time: rows stacked, fits advanced together."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.errors import NestlingError, NestlingWarning
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_kenward_roger import kenward_roger_of
from nestling.fit.batch_satterthwaite import sensitivity_of
from nestling.fit.batch_solve import BatchSolution, solve_together
from nestling.fit.choose import is_nested
from nestling.linalg.stacked import cholesky
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.cells import cells_of
from nestling.simulate.needs import Needs, needs_of
from nestling.simulate.stacked import is_stackable, units_of_terms
from nestling.statistics.many_designs import ManyDesigns
from nestling.statistics.many_designs import joined as joined_designs
from nestling.studies.asked import P_NULL, VARIANCE, P, key
from nestling.studies.batch_answers import (
    Answers,
    stacked_deviances,
)
from nestling.studies.batch_variances import reduced_of
from nestling.studies.by_rows import ByRows, fitted, names_of
from nestling.studies.drawn_designs import CellDraws, Draws, RowDraws, Standard
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates, joined
from nestling.studies.rowless import rowless
from nestling.studies.stacked_variances import SmallerModel, StackedReduction
from nestling.studies.starts import start_at
from nestling.studies.together import Asking, can_adjust, measured_together
from nestling.studies.variance_tests import Reduction

CELLS = 1 << 19
"""Rows times columns that are drawn together: what a processor's cache holds."""

HELD = 1 << 21
"""Sums by level that are held together."""

MOST = 1024
"""Replicates that are made together at most."""

CLEAR = 1e-9
"""Part of a column's square that the other columns must leave, else its replicate goes by rows."""

TRIES = 20
"""Data sets of which one has to determine all coefficients."""

WORTH = 2
"""Rows per number that a cell takes, from which on cells are drawn in their place."""


@dataclass(frozen=True, slots=True, eq=False)
class StackedDesign:
    """Simulates the rows of many replicates at once and fits them together.

    The data of a replicate are those that `ByRows` simulates; estimates agree to the precision
    of the search. What the batch cannot fit, by rows is asked.

    Attributes
    ----------
    plan : Plan
    names : Names
    fit : LmerFit
        Of one data set of this design: its basis serves all replicates.
    draws : Draws
        How data are made: rows, or what cells of rows sum up to.
    start : array
        A theta near all optima, in the basis.
    standard : Standard
    reductions : tuple of StackedReduction
        Random effects that are tested.
    """

    plan: Plan
    names: Names
    fit: LmerFit
    draws: Draws
    start: FloatArray
    standard: Standard
    reductions: tuple[StackedReduction, ...] = ()

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        columns = len(self.names.fixed) + len(self.plan.truth.predictors) + 2
        levels = sum(f.n_levels * (f.width + columns) for f in self.fit.statistics.factors)
        return max(1, min(MOST, HELD // levels))

    @property
    def how(self) -> str:
        """See `Engine`."""
        return self.draws.how

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        designs = self.drawn(self.draws, indices)
        found = self._together(indices, designs)
        lost = deficient(designs.XX) | ~np.isfinite(found.fixed).all(axis=1)
        if not lost.any():
            return found
        again = [indices[int(r)] for r in np.flatnonzero(lost)]
        alone = ByRows(self.plan, self.names, self.draws.data).chunk(again)
        return joined([found.taken(np.flatnonzero(~lost)), alone])

    def drawn(self, draws: Draws, indices: Sequence[int]) -> ManyDesigns:
        """Draw replicates, as many at a time as are small enough."""
        step = max(1, CELLS // draws.size)
        parts = [indices[a : a + step] for a in range(0, len(indices), step)]
        return joined_designs([draws.designs(self.fit, self.standard, part) for part in parts])

    def _together(self, indices: Sequence[int], designs: ManyDesigns) -> Replicates:
        fit = self.fit
        with np.errstate(all="ignore"):
            kernel, found = self._solved(designs, self.start)
            asking = Asking(
                lambda: sensitivity_of(kernel, found),
                lambda: kenward_roger_of(kernel.whole, found),
                stacked_deviances(fit, designs, self.start),
                lambda: self._variances(indices, designs, found.criterion),
            )
            return measured_together(self.plan, self.names, fit, np.array(indices), found, asking)

    def _solved(self, designs: ManyDesigns, start: FloatArray) -> tuple[DesignBatch, BatchSolution]:
        problem, layout = self.fit.solution.problem, self.fit.solution.layout
        kernel = DesignBatch.of(problem, designs)
        return kernel, solve_together(problem, layout, kernel, len(designs), designs.one, start)

    def _variances(
        self, indices: Sequence[int], designs: ManyDesigns, criterion: FloatArray
    ) -> Answers:
        """Test random effects, each also in replicates of the same streams without it."""
        answers: Answers = {}
        for each in self.reductions:
            name = each.reduction.name
            p_value = each.p_values(self.fit, designs, criterion)
            answers[key(P, name, VARIANCE)] = answers[key(P_NULL, name, VARIANCE)] = p_value
            if each.reduction.truth(self.plan.truth) > 0.0:
                null = self.drawn(each.null, indices)
                _, found = self._solved(null, each.null_start)
                answers[key(P_NULL, name, VARIANCE)] = each.p_values(
                    self.fit, null, found.criterion
                )
        return answers


def deficient(XX: FloatArray) -> BoolArray:
    """Return which of many X'X (p, p, R) leave a column undetermined, or nearly so.

    A category that no unit drew leaves a column of zeros, which centring turns into a multiple of
    the intercept: what elimination leaves of it is rounding, seldom zero.

    Examples
    --------
    >>> deficient(np.array([[[4.0, 4.0], [2.0, 2.0]], [[2.0, 2.0], [1.0, 1.5]]])).tolist()
    [True, False]
    """
    size = np.sqrt(np.einsum("ppr->pr", XX))
    scale = np.where(size > 0.0, size, 1.0)
    with np.errstate(invalid="ignore"):
        pivots = np.einsum("ppr->pr", cholesky(XX / (scale[:, None] * scale))) ** 2
        return np.asarray(~(pivots > CLEAR).all(axis=0))


def stacked_design(plan: Plan, *, rows: bool = False) -> StackedDesign | None:
    """Prepare stacked rows; None where the plan needs rows one study at a time.

    With `rows` they are those that `ByRows` simulates; otherwise they may be cells.

    It does when predictors are fixed or the truth has departures, weights or offsets; when a
    column of the fitted or the true model cannot be computed row by row (poly, scale, between,
    ...); when the fitted grouping factors are not units nested in one another; when the response
    is transformed; for Kenward and Roger's test with several factors; and when the fits to twenty
    data sets all dropped a column.
    """
    truth, design = plan.truth, plan.design
    needs = _needs(plan)
    if needs is None:
        return None
    pair = ((plan.formula, needs), (truth.formula, truth.needs))
    units = units_of_terms(design, truth.formula)
    if units is None or units_of_terms(design, plan.formula) is None:
        return None
    fit = _first_fit(plan) if is_stackable(truth, design, pair) else None
    if fit is None or fit.matrices.names != needs.coefficients or not is_nested(fit.statistics):
        return None
    if not can_adjust(plan, fit):
        return None
    names, draws = names_of(fit, plan), _draws(plan, fit, needs, units, rows=rows)
    reductions: list[StackedReduction] = []
    for each in names.asked.reductions if names.asked is not None else ():
        found = _reduction(plan, fit, draws, each)
        if found is None:
            return None
        reductions.append(found)
    return StackedDesign(
        plan,
        names,
        rowless(fit),
        draws,
        start_at(truth, fit),
        Standard.of(fit),
        tuple(reductions),
    )


def _reduction(
    plan: Plan, fit: LmerFit, draws: Draws, reduction: Reduction
) -> StackedReduction | None:
    """Prepare a test; None where the reduced model has columns that the whole one lacks."""
    found = reduced_of(fit, reduction)
    if found is None:
        return None
    null = reduction.null(plan.truth)
    smaller = None
    if found.fit is not None:
        start = start_at(plan.truth, found.fit)
        smaller = SmallerModel.of(fit, found, rowless(found.fit), start)
    return StackedReduction(reduction, smaller, found.mixture, draws.of(null), start_at(null, fit))


def _draws(plan: Plan, fit: LmerFit, needs: Needs, units: tuple[str, ...], *, rows: bool) -> Draws:
    """Choose cells where they have rows enough to be worth it."""
    truth, design = plan.truth, plan.design
    members = fit.solution.layout.members
    levels = [fit.matrices.random[each[0]].codes for each in members]
    formulas = (plan.formula, needs), (truth.formula, truth.needs)
    cells = None if rows else cells_of(truth, design, formulas)
    if cells is not None and design.n >= WORTH * (len(cells.scores) + 2) * cells.n:
        again = tuple(np.repeat(codes[cells.first], cells.combinations) for codes in levels)
        return CellDraws(plan, needs, cells, units, again)
    return RowDraws(plan, needs, design.codes(), units, tuple(levels))


def _needs(plan: Plan) -> Needs | None:
    """Learn the columns of the fitted formula; None where the plan is not for stacked rows."""
    truth = plan.truth
    plain = truth.is_plain and not truth.weights and not truth.offset
    same_response = plan.formula.response_name == truth.formula.response_name
    if plan.predictors == "fixed" or plan.design.is_open:
        return None
    if not (plain and same_response):
        return None
    needs = truth.needs
    if plan.formula.text != truth.formula.text:
        try:
            needs = needs_of(plan.formula, truth.predictors, plan.contrasts)
        except NestlingError:
            return None
    offsets = (*needs.shown.encoding.fixed.offsets, *truth.needs.shown.encoding.fixed.offsets)
    return None if offsets else needs


def _first_fit(plan: Plan) -> LmerFit | None:
    """Fit the first data set that determines all coefficients; None where twenty do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        for index in range(TRIES):
            try:
                fit = fitted(plan, plan.truth.simulate(plan.design, plan.stream(index)))
            except NestlingError:
                continue
            if not fit.dropped:
                return fit
    return None
