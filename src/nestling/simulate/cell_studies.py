"""Many studies of one design, cell by cell: what they are needs no rows.

A study's sufficient statistics follow from what its clusters are, from the sums and products of
the rows' scores in every cell, and from the columns of its model in as many rows per cell as it
takes to see how they depend on the scores: one where all scores are zero, and one for each.
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
from nestling.model.formula import Formula
from nestling.random.counter_streams import CounterStreams
from nestling.random.replicate_seed import streams_of_replicates
from nestling.simulate.assignment import Assignment, Places
from nestling.simulate.cells import Cells
from nestling.simulate.columns import NOT_YET, Columns, compute, to_frame
from nestling.simulate.encode_rows import encode_columns
from nestling.simulate.given import Labels
from nestling.simulate.joint_draws import Scores, Unit, draw_joint
from nestling.simulate.marginals import Categorical, Normal
from nestling.simulate.needs import Needs
from nestling.simulate.predictors import Clustered, Computed, Constant, Joint, Predictor, Time
from nestling.simulate.seeds import predictor_label
from nestling.simulate.stacked import columns_joined, draw_stacked
from nestling.simulate.stacked_effects import stacked_effects
from nestling.simulate.units import unit_of
from nestling.statistics.cell_products import CellColumn, ScoreDraws, draw_scores

if TYPE_CHECKING:
    from nestling.simulate.population import Population

COUNTS, SCORES = "cells", "scores"


@dataclass(frozen=True, slots=True, eq=False)
class CellStudies:
    """R studies of one design.

    Attributes
    ----------
    truth : Population
    design : Design
    cells : Cells
        K of them, J units times C combinations of kinds.
    parent : SeedSequence
    indices : sequence of int
        Which of its replicates these are.
    columns : dict
        Predictors in 1 + m rows per cell, (R K (1 + m),): all scores zero, then each of them one.
    draws : ScoreDraws
        Of the m scores of predictors and that of the residual.
    """

    truth: "Population"
    design: Design
    cells: Cells
    parent: np.random.SeedSequence
    indices: Sequence[int]
    columns: Columns
    draws: ScoreDraws

    def encoded(
        self, formula: Formula, needs: Needs
    ) -> tuple[tuple[str, ...], list[CellColumn], list[list[CellColumn]]]:
        """Return names and columns of X, and the columns of each term's Z."""
        memory = Memory(levels=dict(needs.shown.encoding.memory.levels))
        frame = read(to_frame(self.columns))
        fixed, effects, _ = encode_columns(formula, needs.shown, frame, memory)
        return fixed.names, self._in_cells(fixed), [self._in_cells(each) for each in effects]

    def random_parts(
        self, effects: Sequence[Sequence[CellColumn]], units: Sequence[str]
    ) -> CellColumn:
        """Draw Z u + e.

        Parameters
        ----------
        effects : sequence
            The columns of each term of the truth, in its order.
        units : sequence of str
            The unit that each term is about.
        """
        shape = len(self.indices), self.cells.n
        total = [np.zeros(shape) for _ in range(len(self.cells.scores) + 1)]
        sizes = [self.design.sizes[unit] for unit in units]
        drawn = stacked_effects(self.truth, sizes, len(self.indices), self.streams)
        for u, unit, columns in zip(drawn, units, effects, strict=True):
            codes = np.repeat(self.cells.codes[unit], self.cells.combinations)
            for effect, column in zip(u, columns, strict=True):
                for k, part in enumerate(column):
                    if part is not None:
                        total[k] += effect[:, codes] * part
        return (*total, np.full(shape, self.truth.sigma))

    def _in_cells(self, named: Named) -> list[CellColumn]:
        R, width = len(self.indices), 1 + len(self.cells.scores)
        found: list[CellColumn] = []
        for values in named.values:
            if values.strides == (0,):
                constant = np.broadcast_to(values[:1], (R, self.cells.n))
                found.append((constant, *[None] * width))
                continue
            table = values.reshape(R, self.cells.n, width)
            first = np.ascontiguousarray(table[..., 0])
            slopes = [table[..., k] - first for k in range(1, width)]
            found.append((first, *(slope if slope.any() else None for slope in slopes), None))
        return found

    def streams(self, label: str) -> CounterStreams:
        """Return the stream of a component in every study."""
        return streams_of_replicates(self.parent, label, list(self.indices))


def cell_studies(
    truth: "Population",
    design: Design,
    cells: Cells,
    parent: np.random.SeedSequence,
    indices: Sequence[int],
) -> CellStudies:
    """Draw the studies with these indices; the response has its random effects still to come."""

    def streams(label: str) -> CounterStreams:
        return streams_of_replicates(parent, label, list(indices))

    R = len(indices)
    counts: list[IntArray] = [cells.rows] * R
    if cells.combinations > 1:
        counts = [
            stream.multinomial(cells.rows, cells.shares).ravel() for stream in streams(COUNTS)
        ]
    draws = draw_scores(streams(SCORES), len(cells.scores) + 1, counts)
    probes = _Probes(design, cells, parent, indices)
    columns: Columns = {cells.unit: np.tile(probes.codes[cells.unit], R)}
    scores = probes.scores(truth.predictors)
    for name, predictor in truth.predictors.items():
        if isinstance(predictor, Clustered | Joint):
            columns |= draw_joint(name, predictor, scores)
        else:
            columns[name] = probes.column(name, predictor)
    compute(columns, truth.predictors)
    return CellStudies(truth, design, cells, parent, indices, columns, draws)


class _Probes:
    """The rows that show how columns depend on scores: 1 + m in each cell of each study."""

    def __init__(
        self,
        design: Design,
        cells: Cells,
        parent: np.random.SeedSequence,
        indices: Sequence[int],
    ) -> None:
        self.design, self.cells, self.parent, self.indices = design, cells, parent, list(indices)
        self.width = 1 + len(cells.scores)
        each = cells.combinations * self.width
        self.codes = {unit: np.repeat(codes, each) for unit, codes in cells.codes.items()}

    def streams(self, name: str) -> CounterStreams:
        """Return the stream of a predictor in every study."""
        return streams_of_replicates(self.parent, predictor_label(name), self.indices)

    def score(self, name: str) -> FloatArray:
        """Return the row's own score of a predictor: one in its own row of a cell, else zero."""
        own = np.zeros(self.width)
        own[1 + self.cells.scores.index(name)] = 1.0
        return np.tile(own, len(self.indices) * self.cells.n)

    def scores(self, predictors: Mapping[str, Predictor]) -> Scores:
        """Draw the scores of clusters, which predictors share."""
        R = len(self.indices)
        stacked = {
            unit: (self.design.sizes[unit] * np.arange(R)[:, None] + codes).ravel()
            for unit, codes in self.codes.items()
        }
        scores = Scores(self.design, stacked, {})
        for name, predictor in predictors.items():
            if not isinstance(predictor, Clustered | Joint):
                continue
            own = predictor.own if isinstance(predictor, Joint) else predictor
            parts: dict[Unit, FloatArray] = {
                unit: np.empty((R, 0 if unit is None else self.design.sizes[unit]))
                for unit in scores.units(name, own)
            }
            for r, stream in enumerate(self.streams(name)):
                for part in parts.values():
                    stream.standard_normal(out=part[r])
            scores.raw[name] = {
                unit: self.score(name) if unit is None else part.ravel()
                for unit, part in parts.items()
            }
        return scores

    def column(self, name: str, predictor: Predictor) -> AnyArray | Labels:
        """Return a predictor that shares no scores."""
        if isinstance(predictor, Computed):
            return NOT_YET
        R = len(self.indices)
        if isinstance(predictor, Constant):
            return predictor.column(R * self.cells.n * self.width)
        if name in self.cells.kinds:
            return self._kind(name, predictor)
        assert not isinstance(predictor, Clustered | Joint | Time)  # cells have none of these
        if name in self.cells.scores:
            assert isinstance(predictor, Normal)
            return predictor.at_scores(self.score(name))
        if not isinstance(predictor, Assignment):
            return draw_stacked(name, predictor, self.design, self.codes, self.streams(name), R)
        unit = unit_of(self.design, predictor.level, f"The predictor {name!r}")
        assert unit is not None
        places = Places(name, self.design, self.cells.codes, unit, {})
        values = columns_joined([predictor.draw(places, stream) for stream in self.streams(name)])
        size = self.design.sizes[unit]
        return values.take((size * np.arange(R)[:, None] + self.codes[unit]).ravel())

    def _kind(self, name: str, predictor: Predictor) -> AnyArray | Labels:
        """Return the category of every combination."""
        widths = self.cells.widths
        codes = np.unravel_index(np.arange(self.cells.combinations), widths)
        mine = codes[self.cells.kinds.index(name)]
        times = len(self.indices) * len(self.cells.rows)
        rows = np.tile(np.repeat(mine, self.width), times)
        if isinstance(predictor, Categorical):
            return Labels(rows, predictor.labels, predictor.ordered)
        return rows.astype(np.int64)
