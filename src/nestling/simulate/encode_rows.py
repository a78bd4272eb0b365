"""Simulated columns to the columns of X and Z, with every category the population knows.

A study may happen to draw no unit of a category; the coefficients keep their meaning because
factors are coded as the population learned them. What a formula learns from data (poly, ns, bs,
scale) it learns from the rows simulated, as a fit to them will.
"""

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.data.door import Frame
from nestling.design.design import Design
from nestling.errors import DesignError, did_you_mean
from nestling.model.checks import numeric_offset
from nestling.model.coding import Columns as Named
from nestling.model.coding import Levels, columns_of
from nestling.model.evaluate import Memory, evaluate
from nestling.model.expressions import Name, names_in
from nestling.model.formula import Bar, Formula
from nestling.model.levels_of_groups import combined_groups
from nestling.model.matching import match_levels
from nestling.model.matrices import ModelMatrices
from nestling.model.variables import evaluate_all
from nestling.simulate.columns import Columns
from nestling.simulate.put_together import RowsOfTerm


def encode_rows(
    formula: Formula, shown: ModelMatrices, frame: Frame, design: Design, ids: Columns
) -> tuple[tuple[FloatArray, ...], tuple[RowsOfTerm, ...], FloatArray | None]:
    """Columns of X, the random-effects terms in the formula's order, and offset() terms.

    Parameters
    ----------
    formula : Formula
    shown : ModelMatrices
        Matrices that know every category of the predictors.
    frame : Frame
        Ids and predictors.
    design : Design
        Its nesting relation gives the levels of `a:b` without combining columns.
    ids : mapping
        The ids of every unit, from 1.
    """
    # categories stay as the population knows them, bases are learned anew
    memory = Memory(levels=dict(shown.encoding.memory.levels))
    x, effects, offset = encode_columns(formula, shown, frame, memory)
    terms = tuple(
        RowsOfTerm(z.names, z.values, *_groups(bar, frame, design, ids, memory))
        for bar, z in zip(formula.random, effects, strict=True)
    )
    return x.values, terms, offset


def encode_columns(
    formula: Formula, shown: ModelMatrices, frame: Frame, memory: Memory
) -> tuple[Named, tuple[Named, ...], FloatArray | None]:
    """Columns of X, those of each random-effects term in the formula's order, offset() terms."""
    encoding = shown.encoding
    parts = [encoding.fixed, *(bar.effects for bar in formula.random)]
    values = {
        name: match_levels(name, value, encoding.levels.get(name))
        for name, value in evaluate_all(parts, frame, memory).items()
    }
    n = frame.n_rows
    x = columns_of(encoding.fixed.intercept, encoding.fixed_coding, values, encoding.levels, n)
    # lme4 uses the contrasts that were asked for in X alone
    plain = {
        name: Levels(each.levels, each.ordered, None) for name, each in encoding.levels.items()
    }
    effects = tuple(
        columns_of(bar.effects.intercept, coding, values, plain, n)
        for bar, coding in zip(formula.random, encoding.random_coding, strict=True)
    )
    offsets = [
        numeric_offset(node, evaluate(node, frame, memory)) for node in encoding.fixed.offsets
    ]
    return x, effects, np.asarray(sum(offsets)) if offsets else None


def _groups(
    bar: Bar, frame: Frame, design: Design, ids: Columns, memory: Memory
) -> tuple[IntArray, int]:
    """Level of each row and number of levels of a grouping factor."""
    names = [name for node in bar.factors for name in names_in(node)]
    for name in names:
        if name not in frame.names:
            raise DesignError(
                f"The grouping factor {bar.group!r} needs {name!r}, which is neither a unit of the "
                f"design nor a predictor. {did_you_mean(name, frame.names)}"
            )
    if all(isinstance(node, Name) and node.text in design.names for node in bar.factors):
        innermost = max(names, key=design.names.index)
        if set(names) <= {innermost, *design.inside[innermost]}:
            return np.asarray(ids[innermost]) - 1, design.sizes[innermost]
    codes, labels = combined_groups([evaluate(node, frame, memory) for node in bar.factors])
    return codes, len(labels)
