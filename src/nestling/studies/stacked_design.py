"""Replicates with predictors of their own, many at a time: rows stacked, fits advanced together."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import NestlingError, NestlingWarning
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_satterthwaite import degrees_of_freedom, sensitivity_of
from nestling.fit.batch_solve import solve_together
from nestling.fit.choose import is_nested
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.results.bootstrap_values import values_of
from nestling.results.estimates import inner_theta
from nestling.results.likelihood import SINGULAR
from nestling.results.lmer_fit import LmerFit
from nestling.results.profile_parameters import parameter_names
from nestling.results.refits import tabulated
from nestling.simulate.needs import Needs, needs_of
from nestling.simulate.stacked import is_stackable, stacked, units_of_terms
from nestling.statistics.many_designs import ManyDesigns, Products, many_designs
from nestling.statistics.many_designs import joined as joined_designs
from nestling.studies.batch_answers import (
    hypothesis_answers,
    likelihood_ratio_answers,
    stacked_deviances,
)
from nestling.studies.by_rows import ByRows, fitted, names_of
from nestling.studies.plan import Plan, Test
from nestling.studies.replicates import Names, Replicates, joined
from nestling.studies.rowless import rowless

CELLS = 1 << 19
"""Rows times columns that are drawn together: what a processor's cache holds."""

HELD = 1 << 21
"""Sums by level that are held together."""

MOST = 512
"""Replicates that are made together at most."""

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
    needs : Needs
        Of the fitted formula.
    codes : mapping
        Units of the design in every row.
    truth_units, fit_units : tuple of (n,) arrays
        The level of each row, per term of the truth and per term of the fit.
    start : array
        A theta near all optima, in the basis.
    standard : tuple of arrays
        Centres and spreads of X's columns, and the way from these to the basis.
    """

    plan: Plan
    names: Names
    fit: LmerFit
    needs: Needs
    codes: Mapping[str, IntArray]
    truth_units: tuple[IntArray, ...]
    fit_units: tuple[IntArray, ...]
    start: FloatArray
    standard: tuple[FloatArray, FloatArray, FloatArray]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the rows' units, which the design knows."""
        rest = (self.plan, self.names, self.fit, self.needs)
        units = tuple(_unit_of(self.codes, each) for each in (*self.truth_units, *self.fit_units))
        return _restored, (rest, units, len(self.truth_units), (self.start, self.standard))

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        levels = sum(f.n_levels * (f.width + self._columns) for f in self.fit.statistics.factors)
        return max(1, min(MOST, HELD // levels))

    @property
    def _columns(self) -> int:
        """Columns of a replicate's rows, about."""
        return len(self.names.fixed) + len(self.plan.truth.predictors) + 2

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        step = max(1, CELLS // (self._columns * self.plan.design.n))
        parts = [indices[a : a + step] for a in range(0, len(indices), step)]
        designs = joined_designs([self._drawn(part) for part in parts])
        found = self._together(np.array(indices), designs)
        lost = ~np.isfinite(found.fixed).all(axis=1)
        if not lost.any():
            return found
        again = [indices[int(r)] for r in np.flatnonzero(lost)]
        alone = ByRows(self.plan, self.names).chunk(again)
        return joined([found.taken(np.flatnonzero(~lost)), alone])

    def _drawn(self, indices: Sequence[int]) -> ManyDesigns:
        """Draw and sum up, in the basis of `fit`; the response is without what beta explains."""
        plan, fit = self.plan, self.fit
        truth, n, R = plan.truth, plan.design.n, len(indices)
        rows = stacked(truth, plan.design, self.codes, plan.seed, indices)
        fixed, effects = rows.encoded(plan.formula, self.needs)
        if plan.formula.text == truth.formula.text:
            true_fixed, true_effects = fixed, effects
        else:
            true_fixed, true_effects = rows.encoded(truth.formula, truth.needs)
        y = rows.random_parts(true_effects, self.truth_units)
        beta = dict(zip(true_fixed.names, truth.parameters.beta.tolist(), strict=True))
        for name, column in zip(true_fixed.names, true_fixed.values, strict=True):
            if name not in fixed.names:
                y += beta[name] * _shaped(column, R, n)
        y /= fit.basis.response_scale
        centre, spread, mix = self.standard
        X = [
            _combined([_shaped(column, R, n)], [1.0 / s], -c / s)
            for column, c, s in zip(fixed.values, centre, spread, strict=True)
        ]
        layout = fit.solution.layout
        Z: list[list[FloatArray]] = [[] for _ in layout.widths]
        for term, rotation, place in zip(
            fit.matrices.bars, fit.basis.rotations, layout.places, strict=True
        ):
            columns = [_shaped(each, R, n) for each in effects[term].values]
            Z[place.factor] += [_combined(columns, weights) for weights in rotation.T]
        by_level = [
            Products(self.fit_units[members[0]], factor.n_levels)
            for members, factor in zip(layout.members, fit.statistics.factors, strict=True)
        ]
        by_pair = [by_level[pair.first] for pair in fit.statistics.pairs]
        return many_designs(fit.statistics, by_level, by_pair, Z, X, y).recombined(mix)

    def _together(self, index: IntArray, designs: ManyDesigns) -> Replicates:
        plan, fit = self.plan, self.fit
        problem, layout = fit.solution.problem, fit.solution.layout
        with np.errstate(all="ignore"):
            kernel = DesignBatch.of(problem, designs)
            found = solve_together(problem, layout, kernel, len(index), designs.one, self.start)
            rows = fit.basis.transform[:-1, :-1]
            beta = (rows @ found.beta * fit.basis.response_scale).T
            # tests and intervals do not change when X beta is added
            beta += np.nan_to_num(plan.true_beta(fit.coefficient_names))
            table = tabulated(fit, found, beta)
            parameters = tuple(each for each in parameter_names(fit) if each.kind != "coefficient")
            spreads = values_of(parameters, table.beta, table.sigma, table.roots)
            singular = np.zeros(len(index), dtype=bool)
            for T in table.roots:
                singular |= (np.einsum("rkk->rk", T) < SINGULAR).any(axis=1)
            se: dict[Test, FloatArray] = {}
            df: dict[Test, FloatArray] = {}
            sensitivity = None
            for test in plan.tests:
                se[test] = table.standard_errors
                df[test] = np.full_like(se[test], np.inf)
                if test == "satterthwaite":
                    sensitivity = sensitivity_of(kernel, found)
                    df[test] = degrees_of_freedom(sensitivity, rows).T
        outcomes = tuple(
            status if status == "not converged" else "singular" if edge else "regular"
            for status, edge in zip(found.status, singular, strict=True)
        )
        made = Replicates(index, beta, spreads[:, : len(self.names.spreads)], se, df, outcomes)
        asked = self.names.asked
        if asked is None:
            return made
        with np.errstate(all="ignore"):
            answers = hypothesis_answers(fit, asked, found, table, sensitivity)
            deviances = stacked_deviances(fit, designs, self.start)
            answers |= likelihood_ratio_answers(fit, asked, deviances)
        return replace(made, extra=np.column_stack([answers[name] for name in self.names.extra]))


def stacked_design(plan: Plan) -> StackedDesign | None:
    """Prepare stacked rows; None where the plan needs rows one study at a time.

    It does when predictors are fixed or the truth has departures, weights or offsets; when a
    column of the fitted or the true model cannot be computed row by row (poly, scale, between,
    ...); when the fitted grouping factors are not units nested in one another; when the response
    is transformed; and when the fit to a first data set dropped a column.
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
    codes = plan.design.codes()
    return StackedDesign(
        plan,
        names_of(fit, plan),
        rowless(fit),
        needs,
        codes,
        tuple(codes[unit] for unit in units),
        tuple(term.codes for term in fit.matrices.random),
        _start(plan, fit),
        _standardisation(fit),
    )


def _unit_of(codes: Mapping[str, IntArray], levels: IntArray) -> str | IntArray:
    """Return the unit of the design whose codes these are; else the codes themselves."""
    return next((unit for unit in codes if np.array_equal(codes[unit], levels)), levels)


def _restored(
    rest: tuple[Plan, Names, LmerFit, Needs],
    units: tuple[str | IntArray, ...],
    n_true: int,
    last: tuple[FloatArray, tuple[FloatArray, FloatArray, FloatArray]],
) -> StackedDesign:
    codes = rest[0].design.codes()
    levels = tuple(codes[each] if isinstance(each, str) else each for each in units)
    return StackedDesign(*rest, codes, levels[:n_true], levels[n_true:], *last)


def _needs(plan: Plan) -> Needs | None:
    """Learn the columns of the fitted formula; None where the plan is not for stacked rows."""
    truth = plan.truth
    plain = truth.is_plain and not truth.weights and not truth.offset
    same_response = plan.formula.response_name == truth.formula.response_name
    if plan.predictors == "fixed" or plan.design.is_open or "kenward-roger" in plan.tests:
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


def _shaped(column: FloatArray, R: int, n: int) -> FloatArray:
    """Return a column of all rows as (R, n); a constant stays without stride."""
    return np.broadcast_to(column[:1], (R, n)) if column.strides == (0,) else column.reshape(R, n)


def _combined(
    columns: Sequence[FloatArray], weights: Sequence[float] | FloatArray, shift: float = 0.0
) -> FloatArray:
    """Return a weighted sum of columns (R, n) plus a constant; what is constant stays so."""
    total: FloatArray | None = None
    for column, weight in zip(columns, weights, strict=True):
        if column.strides == (0, 0):
            shift += float(weight) * float(column[0, 0])
        elif weight:
            part = weight * column
            total = part if total is None else np.add(total, part, out=total)
    if total is None:
        return np.broadcast_to(np.array([[shift]]), columns[0].shape)
    return np.add(total, shift, out=total) if shift else total


def _standardisation(fit: LmerFit) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return centres and spreads of X's columns, and the way from these to the basis.

    Products of columns that are far from zero would lose digits.
    """
    columns = fit.matrices.columns
    constant = [j for j, column in enumerate(columns) if column.strides == (0,)]
    centre, spread = np.zeros(len(columns)), np.ones(len(columns))
    back = np.eye(len(columns))
    for j, column in enumerate(columns):
        if j in constant:
            continue
        centre[j] = float(column.mean()) if constant else 0.0
        spread[j] = float(np.sqrt(np.mean((column - centre[j]) ** 2))) or 1.0
        back[j, j] = spread[j]
        if constant:
            back[constant[0], j] = centre[j]
    return centre, spread, back @ fit.basis.transform[:-1, :-1]
