"""Replicates with predictors of their own, many at a time: rows stacked, fits advanced together."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import NestlingError, NestlingWarning
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_kenward_roger import kenward_roger_of
from nestling.fit.batch_satterthwaite import sensitivity_of
from nestling.fit.batch_solve import solve_together
from nestling.fit.choose import is_nested
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.results.estimates import inner_theta
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.cells import cells_of
from nestling.simulate.needs import Needs, needs_of
from nestling.simulate.stacked import is_stackable, units_of_terms
from nestling.statistics.many_designs import ManyDesigns
from nestling.statistics.many_designs import joined as joined_designs
from nestling.studies.batch_answers import (
    stacked_deviances,
)
from nestling.studies.by_rows import ByRows, fitted, names_of
from nestling.studies.drawn_designs import CellDraws, Draws, RowDraws, Standard
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates, joined
from nestling.studies.rowless import rowless
from nestling.studies.together import Asking, can_adjust, measured_together

CELLS = 1 << 19
"""Rows times columns that are drawn together: what a processor's cache holds."""

HELD = 1 << 21
"""Sums by level that are held together."""

MOST = 1024
"""Replicates that are made together at most."""

WORTH = 2
"""Rows per number that a cell takes, from which on cells are drawn in their place."""

LEAST = 1e-3
"""Where a true relative SD is smaller, the search starts here: at zero there is no slope."""


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
    """

    plan: Plan
    names: Names
    fit: LmerFit
    draws: Draws
    start: FloatArray
    standard: Standard

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
        step = max(1, CELLS // self.draws.size)
        parts = [indices[a : a + step] for a in range(0, len(indices), step)]
        designs = [self.draws.designs(self.fit, self.standard, part) for part in parts]
        found = self._together(np.array(indices), joined_designs(designs))
        lost = ~np.isfinite(found.fixed).all(axis=1)
        if not lost.any():
            return found
        again = [indices[int(r)] for r in np.flatnonzero(lost)]
        alone = ByRows(self.plan, self.names, self.draws.data).chunk(again)
        return joined([found.taken(np.flatnonzero(~lost)), alone])

    def _together(self, index: IntArray, designs: ManyDesigns) -> Replicates:
        fit, problem = self.fit, self.fit.solution.problem
        with np.errstate(all="ignore"):
            kernel = DesignBatch.of(problem, designs)
            found = solve_together(
                problem, fit.solution.layout, kernel, len(index), designs.one, self.start
            )
            asking = Asking(
                lambda: sensitivity_of(kernel, found),
                lambda: kenward_roger_of(kernel.whole, found),
                stacked_deviances(fit, designs, self.start),
            )
            return measured_together(self.plan, self.names, fit, index, found, asking)


def stacked_design(plan: Plan, *, rows: bool = False) -> StackedDesign | None:
    """Prepare stacked rows; None where the plan needs rows one study at a time.

    With `rows` they are those that `ByRows` simulates; otherwise they may be cells.

    It does when predictors are fixed or the truth has departures, weights or offsets; when a
    column of the fitted or the true model cannot be computed row by row (poly, scale, between,
    ...); when the fitted grouping factors are not units nested in one another; when the response
    is transformed; for Kenward and Roger's test with several factors; and when the fit to a first
    data set dropped a column.
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
    return StackedDesign(
        plan,
        names_of(fit, plan),
        rowless(fit),
        _draws(plan, fit, needs, units, rows=rows),
        _start(plan, fit),
        Standard.of(fit),
    )


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
            needs = needs_of(plan.formula, truth.predictors, dict(truth.contrasts) or None)
        except NestlingError:
            return None
    offsets = (*needs.shown.encoding.fixed.offsets, *truth.needs.shown.encoding.fixed.offsets)
    return None if offsets else needs


def _first_fit(plan: Plan) -> LmerFit | None:
    """Fit the first data set; None where that fails or a column is dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        try:
            fit = fitted(plan, plan.truth.simulate(plan.design, plan.stream(0)))
        except NestlingError:
            return None
    return None if fit.dropped else fit


def _start(plan: Plan, fit: LmerFit) -> FloatArray:
    """Return the truth's theta in the basis of a fit, off the boundary.

    Where the fit has other random effects it is the fit's own theta.
    """
    parameters = plan.truth.parameters
    true = {(term.group, term.names): term.covariance for term in parameters.terms}
    mine = [(term.group, term.names) for term in fit.matrices.random]
    problem, layout = fit.solution.problem, fit.solution.layout
    if not set(mine) <= set(true):
        return fit.solution.point.theta
    lifted = tuple(
        lower_root(symmetric_root(true[name] / parameters.residual, LEAST**2)) for name in mine
    )
    return inner_theta(problem, layout, fit.basis, lifted)
