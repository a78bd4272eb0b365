"""What a formula needs from its population: coefficients, random effects, predictors.

Names such as 'trtB' follow from the predictors alone, so a few rows that show every category
are enough to learn them, and a population can be checked before there is any design.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.data.door import read
from nestling.errors import PopulationError, did_you_mean
from nestling.model.expressions import Number, names_in
from nestling.model.formula import Formula
from nestling.model.matrices import ModelMatrices, build
from nestling.model.scales import TermNames
from nestling.model.terms import expand
from nestling.simulate.blocks import check_blocks
from nestling.simulate.columns import compute, prototype, to_frame
from nestling.simulate.inverse import response_of
from nestling.simulate.predictors import (
    Assignment,
    Clustered,
    Joint,
    Predictor,
    Time,
    column_names,
)

# Enough rows for every function of a formula, in few enough groups for many effects each.
ROWS = 240
GROUPS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What a formula needs, with the encoding that gives its columns their names.

    Attributes
    ----------
    coefficients : tuple of str
        Names of the fixed effects, as lme4 gives them.
    terms : tuple of TermNames
        Random-effects terms in the formula's order.
    shown : ModelMatrices
        The model matrices of the rows that show what each predictor can be.
    """

    coefficients: tuple[str, ...]
    terms: tuple[TermNames, ...]
    shown: ModelMatrices


def needs_of(
    formula: Formula,
    predictors: Mapping[str, Predictor],
    contrasts: Mapping[str, Any] | None = None,
    *,
    weights: str | None = None,
    offset: str | None = None,
) -> Needs:
    """Learn what a formula needs.

    Raises
    ------
    PopulationError
        When a variable of the formula has no predictor, or the response has one; when a treatment
        has blocks that hold one unit each.
    """
    _check_names(formula, predictors)
    check_blocks(predictors)
    longest = max((predictor.distinct for predictor in predictors.values()), default=1)
    n = ROWS * -(-2 * longest // ROWS)
    columns = prototype(predictors, n)
    groups = np.arange(n) % GROUPS + 1
    units = _units_named(predictors)
    for name in [*_grouping_names(formula), *units]:
        columns.setdefault(name, groups)
    compute(columns, predictors)
    columns[response_of(formula.response).column] = np.linspace(1.0, 2.0, n)
    shown = build(
        formula, read(to_frame(columns)), contrasts=contrasts, weights=weights, offset=offset
    )
    by_bar = dict(zip(shown.bars, shown.random, strict=True))
    terms = tuple(TermNames(by_bar[i].group, by_bar[i].names) for i in sorted(by_bar))
    return Needs(shown.names, terms, shown)


def variables_of(formula: Formula) -> list[str]:
    """List the columns that the fixed and random effects of a formula use."""
    parts = (expand(formula.fixed or Number(1.0)), *(bar.effects for bar in formula.random))
    nodes = (node for part in parts for node in (*part.expressions, *part.offsets))
    return [name for node in nodes for name in names_in(node)]


def _units_named(predictors: Mapping[str, Predictor]) -> list[str]:
    """Units of a design that predictors name as a level or as clusters."""
    named: list[str] = []
    for each in predictors.values():
        own = each.own if isinstance(each, Joint) else each
        named += [own.level] if own.level else []
        if isinstance(own, Clustered):
            named += [unit for unit, _ in own.icc if unit]
        if isinstance(own, Time) and own.cluster:
            named.append(own.cluster)
        if isinstance(own, Assignment):
            named += [unit for unit in own.units if unit not in predictors]
    return list(dict.fromkeys(part for unit in named for part in unit.split(":")))


def _check_names(formula: Formula, predictors: Mapping[str, Predictor]) -> None:
    variables = variables_of(formula)
    groups = _grouping_names(formula)
    if formula.fixed is not None and "." in names_in(formula.fixed):
        raise PopulationError(
            f"The formula {formula.text!r} has '.', which stands for the columns of data. "
            "A population has none yet: write its predictors out."
        )
    known = {part for name, each in predictors.items() for part in column_names(name, each)}
    for name in dict.fromkeys(variables):
        if name not in known and name not in groups and name not in _units_named(predictors):
            hint = did_you_mean(name, sorted(known)) if predictors else ""
            raise PopulationError(
                f"The formula uses {name!r}, which predictors= does not describe. {hint} "
                f"Add for instance predictors={{{name!r}: nl.normal(0, 1)}}.".replace("  ", " ")
            )
    response = response_of(formula.response).column
    if response in predictors:
        raise PopulationError(
            f"predictors= describes {response!r}, which is the response; its values follow from "
            "the model."
        )


def _grouping_names(formula: Formula) -> list[str]:
    """Columns that make the grouping factors."""
    return list(
        dict.fromkeys(
            name for bar in formula.random for node in bar.factors for name in names_in(node)
        )
    )
