"""Statistics of replicates that have predictors of their own, in the basis of one fit.

The response is without what beta explains, unless the fitted model has no such column: tests and
intervals do not change when X beta is added.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.cell_rows import cell_rows
from nestling.simulate.cell_studies import cell_studies
from nestling.simulate.cells import Cells
from nestling.simulate.needs import Needs
from nestling.simulate.population import Population
from nestling.simulate.stacked import stacked
from nestling.statistics.cell_products import CellProducts
from nestling.statistics.cell_products import combined as combined_cells
from nestling.statistics.many_designs import Column, ManyDesigns, Products, many_designs, total
from nestling.studies.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

REPLAY = "replay"
"""The stream that chooses rows for a replicate that had none."""


class Draws(Protocol):
    """Replicates to be fitted together."""

    @property
    def how(self) -> str:
        """How replicates are made, in a few words."""
        ...

    @property
    def size(self) -> int:
        """Numbers that one replicate takes while it is drawn."""
        ...

    def designs(self, fit: LmerFit, standard: "Standard", indices: Sequence[int]) -> ManyDesigns:
        """Draw and sum up, in the basis of `fit`."""
        ...

    def data(self, index: int) -> "pd.DataFrame":
        """Return the rows of one replicate."""
        ...

    def of(self, truth: Population) -> "Draws":
        """Return the replicates that the same streams give of another truth."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Columns that are centred and scaled before products are formed, so that no digit is lost.

    Attributes
    ----------
    centre, spread : (p,) arrays
    back : (p, r) array
        From these columns to the basis of the fit.
    """

    centre: FloatArray
    spread: FloatArray
    back: FloatArray

    @classmethod
    def of(cls, fit: LmerFit) -> "Standard":
        """Learn centres and spreads from one fit."""
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
        return cls(centre, spread, back @ fit.basis.transform[:-1, :-1])


@dataclass(frozen=True, slots=True, eq=False)
class RowDraws:
    """The rows of many replicates, one study after another: those that `ByRows` simulates.

    Attributes
    ----------
    plan : Plan
    needs : Needs
        Of the fitted formula.
    codes : mapping
        Units of the design in every row.
    truth_units : tuple of str
        The unit that each term of the truth is about.
    levels : tuple of (n,) arrays
        The level of each row, per grouping factor of the fit.
    """

    plan: Plan
    needs: Needs
    codes: Mapping[str, IntArray]
    truth_units: tuple[str, ...]
    levels: tuple[IntArray, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the rows' units, which the design knows."""
        levels = tuple(_unit_of(self.codes, each) for each in self.levels)
        return _row_draws, (self.plan, self.needs, self.truth_units, levels)

    @property
    def how(self) -> str:
        """See `Draws`."""
        return "rows of many replicates, fitted together"

    @property
    def size(self) -> int:
        """See `Draws`."""
        return _columns(self.plan, self.needs) * self.plan.design.n

    def designs(self, fit: LmerFit, standard: Standard, indices: Sequence[int]) -> ManyDesigns:
        """See `Draws`."""
        plan, truth, n, R = self.plan, self.plan.truth, self.plan.design.n, len(indices)
        rows = stacked(truth, plan.design, self.codes, plan.seed, indices)
        fixed, effects = rows.encoded(plan.formula, self.needs)
        true_fixed, true_effects = fixed, effects
        if plan.formula.text != truth.formula.text:
            true_fixed, true_effects = rows.encoded(truth.formula, truth.needs)
        y = rows.random_parts(true_effects, [self.codes[unit] for unit in self.truth_units])
        missing = _missing(plan, true_fixed.names, fixed.names)
        if missing:
            left = [_shaped(true_fixed.values[place], R, n) for place, _ in missing]
            y = y + combined_rows(left, [beta for _, beta in missing])
        sums = [
            Products(codes, factor.n_levels)
            for codes, factor in zip(self.levels, fit.statistics.factors, strict=True)
        ]
        return _in_basis(
            fit, standard, [_shaped(column, R, n) for column in fixed.values],
            [[_shaped(column, R, n) for column in each.values] for each in effects],
            y, combined_rows, sums, total,
        )  # fmt: skip

    def of(self, truth: Population) -> "RowDraws":
        """See `Draws`."""
        return replace(self, plan=replace(self.plan, truth=truth))

    def data(self, index: int) -> "pd.DataFrame":
        """See `Draws`."""
        return self.plan.truth.simulate(self.plan.design, self.plan.stream(index))


@dataclass(frozen=True, slots=True, eq=False)
class CellDraws:
    """What cells of rows sum up to: the cost of a replicate does not depend on its rows.

    Attributes
    ----------
    plan : Plan
    needs : Needs
        Of the fitted formula.
    cells : Cells
    truth_units : tuple of str
        The unit that each term of the truth is about.
    levels : tuple of (K,) arrays
        The level of each cell, per grouping factor of the fit.
    """

    plan: Plan
    needs: Needs
    cells: Cells
    truth_units: tuple[str, ...]
    levels: tuple[IntArray, ...]

    @property
    def how(self) -> str:
        """See `Draws`."""
        return "cells of rows, drawn as sums and fitted together"

    @property
    def size(self) -> int:
        """See `Draws`."""
        columns = _columns(self.plan, self.needs) + (len(self.cells.scores) + 2) ** 2
        return columns * self.cells.n

    def designs(self, fit: LmerFit, standard: Standard, indices: Sequence[int]) -> ManyDesigns:
        """See `Draws`."""
        plan, truth = self.plan, self.plan.truth
        drawn = cell_studies(truth, plan.design, self.cells, plan.seed, indices)
        names, fixed, effects = drawn.encoded(plan.formula, self.needs)
        true_names, true_fixed, true_effects = names, fixed, effects
        if plan.formula.text != truth.formula.text:
            true_names, true_fixed, true_effects = drawn.encoded(truth.formula, truth.needs)
        y = drawn.random_parts(true_effects, self.truth_units)
        missing = _missing(plan, true_names, names)
        if missing:
            left = [y, *(true_fixed[place] for place, _ in missing)]
            y = combined_cells(left, [1.0, *(beta for _, beta in missing)])
        products = drawn.draws.products
        sums = [
            CellProducts.by_level(products, codes, factor.n_levels)
            for codes, factor in zip(self.levels, fit.statistics.factors, strict=True)
        ]
        return _in_basis(
            fit, standard, fixed, effects, y, combined_cells, sums, sums[0].total
        )  # fmt: skip

    def of(self, truth: Population) -> "CellDraws":
        """See `Draws`."""
        return replace(self, plan=replace(self.plan, truth=truth))

    def data(self, index: int) -> "pd.DataFrame":
        """See `Draws`."""
        plan = self.plan
        study = cell_studies(plan.truth, plan.design, self.cells, plan.seed, [index])
        return cell_rows(study, self.truth_units, plan.stream(index).stream(REPLAY))


def _columns(plan: Plan, needs: Needs) -> int:
    """Columns of a replicate, about."""
    return len(needs.coefficients) + len(plan.truth.predictors) + 2


def _unit_of(codes: Mapping[str, IntArray], levels: IntArray) -> str | IntArray:
    """Return the unit of the design whose codes these are; else the codes themselves."""
    return next((unit for unit in codes if np.array_equal(codes[unit], levels)), levels)


def _row_draws(
    plan: Plan, needs: Needs, truth_units: tuple[str, ...], levels: tuple[str | IntArray, ...]
) -> RowDraws:
    codes = plan.design.codes()
    known = tuple(codes[each] if isinstance(each, str) else each for each in levels)
    return RowDraws(plan, needs, codes, truth_units, known)


def _missing(
    plan: Plan, true_names: Sequence[str], names: Sequence[str]
) -> list[tuple[int, float]]:
    """Return places and coefficients of the truth's columns that the fitted model lacks."""
    beta = plan.truth.parameters.beta.tolist()
    pairs = enumerate(zip(true_names, beta, strict=True))
    return [(place, value) for place, (name, value) in pairs if name not in names]


def _in_basis(
    fit: LmerFit,
    standard: Standard,
    fixed: Sequence[Column],
    effects: Sequence[Sequence[Column]],
    y: Column,
    combined: Callable[..., Column],
    sums: Sequence[Callable[[Column, Column], FloatArray]],
    over_all: Callable[[Column, Column], FloatArray],
) -> ManyDesigns:
    """Sum up products of the columns in the basis of a fit.

    `effects` are the columns of each random-effects term, in the formula's order.
    """
    X = [
        combined([column], [1.0 / spread], -centre / spread)
        for column, centre, spread in zip(fixed, standard.centre, standard.spread, strict=True)
    ]
    layout = fit.solution.layout
    Z: list[list[Column]] = [[] for _ in layout.widths]
    for term, rotation, place in zip(
        fit.matrices.bars, fit.basis.rotations, layout.places, strict=True
    ):
        Z[place.factor] += [combined(effects[term], weights) for weights in rotation.T]
    by_pair = [sums[pair.first] for pair in fit.statistics.pairs]
    y = combined([y], [1.0 / fit.basis.response_scale])
    found = many_designs(fit.statistics, sums, by_pair, over_all, Z, X, y)
    return found.recombined(standard.back)


def _shaped(column: FloatArray, R: int, n: int) -> FloatArray:
    """Return a column of all rows as (R, n); a constant stays without stride."""
    return np.broadcast_to(column[:1], (R, n)) if column.strides == (0,) else column.reshape(R, n)


def combined_rows(
    columns: Sequence[FloatArray], weights: Sequence[float] | FloatArray, shift: float = 0.0
) -> FloatArray:
    """Return a weighted sum of columns (R, n) plus a constant; what is constant stays so."""
    whole: FloatArray | None = None
    for column, weight in zip(columns, weights, strict=True):
        if column.strides == (0, 0):
            shift += float(weight) * float(column[0, 0])
        elif weight:
            part = weight * column
            whole = part if whole is None else np.add(whole, part, out=whole)
    if whole is None:
        return np.broadcast_to(np.array([[shift]]), columns[0].shape)
    return np.add(whole, shift, out=whole) if shift else whole
