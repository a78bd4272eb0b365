"""Cells of a design: rows that differ by nothing but the normal scores of their predictors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import NestlingError
from nestling.model.expressions import Name, names_in
from nestling.model.formula import Formula
from nestling.model.terms import TermList
from nestling.simulate.assignment import Assignment
from nestling.simulate.clustered import Clustered
from nestling.simulate.correlated import Joint
from nestling.simulate.marginals import Bernoulli, Categorical, Constant, Normal
from nestling.simulate.needs import Needs
from nestling.simulate.predictors import Computed, Predictor, Time
from nestling.simulate.stacked import is_stackable, units_of_terms
from nestling.simulate.units import enclosing, unit_of

if TYPE_CHECKING:
    from nestling.simulate.population import Population


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """How the rows of a design fall into cells.

    Attributes
    ----------
    unit : str
        The largest unit in which nothing else varies than what follows.
    codes : mapping of str to (J,) array
        For each of these units the units around it, and itself.
    first, rows : (J,) arrays
        The first of their rows, and how many they have.
    scores : tuple of str
        Predictors with a normal score in every row.
    kinds : tuple of str
        Predictors with a category, or 0 and 1, in every row.
    widths : tuple of int
        Categories of each.
    shares : (C,) array
        Probabilities of the combinations of kinds, the last kind running fastest.
    """

    unit: str
    codes: Mapping[str, IntArray]
    first: IntArray
    rows: IntArray
    scores: tuple[str, ...]
    kinds: tuple[str, ...]
    widths: tuple[int, ...]
    shares: FloatArray

    @property
    def combinations(self) -> int:
        """Combinations of kinds."""
        return len(self.shares)

    @property
    def n(self) -> int:
        """Cells: units times combinations."""
        return len(self.rows) * len(self.shares)


def cells_of(
    truth: "Population", design: Design, formulas: Sequence[tuple[Formula, Needs]]
) -> Cells | None:
    """Find the cells of a design; None where some row differs by something else.

    It does when a predictor has another distribution from row to row than a normal one or one of
    few categories, when it is assigned row by row or is a time, and when a formula bends a normal
    one, or multiplies two of them.
    """
    parts = [_part(name, each, design) for name, each in truth.predictors.items()]
    units = [units_of_terms(design, formula) for formula, _ in formulas]
    if any(part is None for part in parts) or any(each is None for each in units):
        return None
    known = [part for part in parts if part is not None]
    needed = {unit for part in known for unit in part.units}
    needed |= {unit for each in units if each is not None for unit in each}
    unit = max(needed, key=design.names.index, default=None)
    if unit is None or not needed <= {unit, *design.inside[unit]}:
        return None
    if design.sizes[unit] == design.n or not is_stackable(truth, design, formulas):
        return None
    scores = tuple(part.name for part in known if part.is_score)
    columns = {column for part in known for column in part.columns}
    if not _is_linear(truth.predictors, columns, formulas):
        return None
    kinds = [part for part in known if part.shares]
    shares = np.array([prod(each) for each in product(*(part.shares for part in kinds))])
    all_codes = design.codes()
    _, first, rows = np.unique(all_codes[unit], return_index=True, return_counts=True)
    codes = {each: all_codes[each][first] for each in (*design.inside[unit], unit)}
    return Cells(
        unit,
        codes,
        first,
        rows,
        scores,
        tuple(part.name for part in kinds),
        tuple(len(part.shares) for part in kinds),
        shares,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What a predictor is to the cells.

    Attributes
    ----------
    name : str
    units : tuple of str
        Units it is about.
    columns : tuple of str
        Columns that differ with a score from row to row.
    shares : tuple of float
        Probabilities of its categories, if it has one in every row.
    """

    name: str
    units: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    @property
    def is_score(self) -> bool:
        """Whether every row has a normal score."""
        return bool(self.columns)


def _part(name: str, predictor: Predictor, design: Design) -> _Part | None:
    """Say what a predictor is; None for what cells do not hold."""
    if isinstance(predictor, Computed | Constant):
        return _Part(name)
    own = predictor.own if isinstance(predictor, Joint) else predictor
    if isinstance(own, Time) or (isinstance(own, Assignment) and own.units):
        return None
    try:
        unit = unit_of(design, own.level, f"The predictor {name!r}")
        around = _around(name, own, design, unit)
    except NestlingError:
        return None  # simulating says what is wrong
    if unit is not None:
        return _Part(name, (*around, unit))
    return _row_part(name, predictor, around)


def _row_part(name: str, predictor: Predictor, around: tuple[str, ...]) -> _Part | None:
    """Say what a predictor is whose values differ from row to row."""
    own = predictor.own if isinstance(predictor, Joint) else predictor
    if isinstance(own.base if isinstance(own, Clustered) else own, Normal):
        within = own.part_names(name)[:1] if isinstance(own, Clustered) and own.parts else ()
        return _Part(name, around, (name, *within))
    if isinstance(predictor, Bernoulli):
        return _Part(name, shares=(1.0 - predictor.p, predictor.p))
    if isinstance(predictor, Categorical):
        return _Part(name, shares=predictor.probabilities)
    return None


def _around(name: str, own: Predictor, design: Design, unit: str | None) -> tuple[str, ...]:
    """Return the clusters of a predictor with parts."""
    if not isinstance(own, Clustered):
        return ()
    what = f"The predictor {name!r}"
    return tuple(enclosing(design, unit, each, what) for each, _ in own.icc)


def _is_linear(
    predictors: Mapping[str, Predictor],
    scored: set[str],
    formulas: Sequence[tuple[Formula, Needs]],
) -> bool:
    """Whether every column is a constant plus multiples of the scores in a cell."""
    computed = (each for each in predictors.values() if isinstance(each, Computed))
    if any(scored & set(each.names) for each in computed):
        return False
    lists: list[TermList] = []
    for formula, needs in formulas:
        lists += [needs.shown.encoding.fixed, *(bar.effects for bar in formula.random)]
    for each in lists:
        bent = {
            text
            for text, node in zip(each.variables, each.expressions, strict=True)
            if scored & set(names_in(node)) and not isinstance(node, Name)
        }
        for term in each.terms:
            if term & bent or len(term & scored) > 1:
                return False
    return True
