"""Many studies of one design, their rows one study after another: columns made in one go.

Each study is what `Population.simulate` draws with its own seed, number for number; what is
shared is the work on names, formulas and frames.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.data.door import read
from nestling.design.design import Design
from nestling.model.coding import Columns as Named
from nestling.model.evaluate import Memory
from nestling.model.expressions import Name, functions_in
from nestling.model.formula import Formula
from nestling.model.functions import ELEMENTWISE
from nestling.random.replicate_seed import streams_of_replicates
from nestling.simulate.columns import Columns, compute, draw_columns, to_frame
from nestling.simulate.encode_rows import encode_columns
from nestling.simulate.given import Labels
from nestling.simulate.needs import Needs, variables_of
from nestling.simulate.predictors import Computed, Fixed, Random, Stream, is_random
from nestling.simulate.seeds import RESIDUAL, predictor_label
from nestling.simulate.stacked_effects import stacked_effects
from nestling.simulate.units import unit_of

if TYPE_CHECKING:
    from nestling.simulate.population import Population


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """R studies of one design, drawn together.

    Attributes
    ----------
    truth : Population
    design : Design
    codes : mapping
        `design.codes()`.
    parent : SeedSequence
    indices : sequence of int
        Which of its replicates these are.
    columns : dict
        Predictors of all rows, (R n,), and a unit.
    """

    truth: "Population"
    design: Design
    codes: Mapping[str, IntArray]
    parent: np.random.SeedSequence
    indices: Sequence[int]
    columns: Columns

    def encoded(self, formula: Formula, needs: Needs) -> tuple[Named, tuple[Named, ...]]:
        """Return the columns of X and those of each term's Z, in the formula's order.

        The values of each column are (R n,); an intercept has no stride.
        """
        memory = Memory(levels=dict(needs.shown.encoding.memory.levels))
        frame = read(to_frame(self.columns))
        fixed, effects, _ = encode_columns(formula, needs.shown, frame, memory)
        return fixed, effects

    def random_parts(self, effects: Sequence[Named], units: Sequence[IntArray]) -> FloatArray:
        """Draw Z u + e of all rows, (R, n).

        Parameters
        ----------
        effects : sequence
            The columns of each term of the truth, in its order.
        units : sequence of (n,) arrays
            The level of each row per term.
        """
        parameters, R, n = self.truth.parameters, len(self.indices), self.design.n
        total = np.empty((R, n))
        for row, stream in zip(total, self._streams(RESIDUAL), strict=True):
            stream.standard_normal(out=row)
        total *= parameters.sigma
        sizes = [int(codes.max()) + 1 for codes in units]
        drawn = stacked_effects(self.truth, sizes, R, self._streams)
        for u, codes, columns in zip(drawn, units, effects, strict=True):
            for effect, column in zip(u, columns.values, strict=True):
                values = effect[:, codes]
                total += values if column.strides == (0,) else values * column.reshape(R, n)
        return total

    def _streams(self, label: str) -> Sequence[np.random.Generator]:
        return streams_of_replicates(self.parent, label, list(self.indices))


def stacked(
    truth: "Population",
    design: Design,
    codes: Mapping[str, IntArray],
    parent: np.random.SeedSequence,
    indices: Sequence[int],
) -> Stacked:
    """Draw the predictors of the studies with these indices."""
    predictors, R = truth.predictors, len(indices)
    drawn = {name: each for name, each in predictors.items() if not isinstance(each, Computed)}
    unit = design.names[0]  # a formula without predictors has its rows from here
    columns: Columns = {unit: np.tile(codes[unit], R)}
    streams: dict[str, Sequence[np.random.Generator]] = {
        name: streams_of_replicates(parent, predictor_label(name), list(indices))
        for name, each in drawn.items()
        if is_random(each)
    }
    plain = {name: each for name, each in drawn.items() if isinstance(each, Random | Fixed)}
    if len(plain) == len(drawn):
        for name, each in plain.items():
            columns[name] = draw_stacked(name, each, design, codes, streams.get(name, ()), R)
    else:
        parts = [draw_columns(design, drawn, _at(streams, r), codes) for r in range(R)]
        for name in parts[0].keys() - codes.keys():
            columns[name] = columns_joined([part[name] for part in parts])
    compute(columns, predictors)
    return Stacked(truth, design, codes, parent, indices, columns)


def is_stackable(
    truth: "Population", design: Design, formulas: Sequence[tuple[Formula, Needs]]
) -> bool:
    """Whether the columns of these formulas follow from the predictors, each row by itself."""
    if any(name in design.names for formula, _ in formulas for name in variables_of(formula)):
        return False
    nodes = [each.node for each in truth.predictors.values() if isinstance(each, Computed)]
    for formula, needs in formulas:
        nodes += needs.shown.encoding.fixed.expressions
        nodes += [node for bar in formula.random for node in bar.effects.expressions]
    rowwise = {"I", *ELEMENTWISE}
    return all(rowwise.issuperset(functions_in(node)) for node in nodes)


def units_of_terms(design: Design, formula: Formula) -> tuple[str, ...] | None:
    """Return the unit each random-effects term is about; None where one is not a unit's."""
    units = []
    for bar in formula.random:
        names = [node.text for node in bar.factors if isinstance(node, Name)]
        if len(names) < len(bar.factors) or not set(names) <= set(design.names):
            return None
        innermost = max(names, key=design.names.index)
        if not set(names) <= {innermost, *design.inside[innermost]}:
            return None
        units.append(innermost)
    return tuple(units)


def _at(streams: Mapping[str, Sequence[np.random.Generator]], r: int) -> dict[str, Stream]:
    return {name: each[r] for name, each in streams.items()}


def draw_stacked(
    name: str,
    predictor: Random | Fixed,
    design: Design,
    codes: Mapping[str, IntArray],
    streams: Sequence[np.random.Generator],
    R: int,
) -> AnyArray | Labels:
    """Draw a predictor of all studies and repeat it for the rows of its units."""
    unit = unit_of(design, predictor.level, f"The predictor {name!r}")
    size = design.n if unit is None else design.sizes[unit]
    values = (
        [predictor.column(size)] * R
        if isinstance(predictor, Fixed)
        else [predictor.draw(stream, size) for stream in streams]
    )
    together = columns_joined(values)
    if unit is None:
        return together
    rows = (size * np.arange(R)[:, None] + codes[unit]).ravel()
    return together.take(rows)


def columns_joined(parts: Sequence[AnyArray | Labels]) -> AnyArray | Labels:
    """Put the columns of several studies one after another."""
    labelled = [each for each in parts if isinstance(each, Labels)]
    if labelled:
        codes = np.concatenate([each.codes for each in labelled])
        return Labels(codes, labelled[0].labels, labelled[0].ordered)
    return np.concatenate([each for each in parts if not isinstance(each, Labels)])
