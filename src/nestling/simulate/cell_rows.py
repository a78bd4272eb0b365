"""Rows of a study that was drawn cell by cell: any that have its sums, by their law.

Given their sums and products, normal scores are uniform over all rows that have them: a random
orthonormal frame, orthogonal to the constant, times the root of the products around the means.
"""

from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.data.door import read
from nestling.model.evaluate import Memory
from nestling.simulate.cell_studies import CellStudies
from nestling.simulate.columns import Columns, to_frame
from nestling.simulate.encode_rows import encode_columns
from nestling.simulate.given import Labels
from nestling.simulate.inverse import response_of
from nestling.simulate.stacked_effects import stacked_effects
from nestling.statistics.cell_products import ScoreDraws

if TYPE_CHECKING:
    from pandas import DataFrame


def cell_rows(
    study: CellStudies, units: tuple[str, ...], stream: np.random.Generator
) -> "DataFrame":
    """Return the data of one study.

    Parameters
    ----------
    study : CellStudies
        Of one index.
    units : tuple of str
        The unit that each random-effects term of the truth is about.
    stream : Generator
        Chooses among the rows that have the study's sums.
    """
    truth, design = study.truth, study.design
    ids, cell = design.codes(), _cells(study, stream)
    scores = _scores(study.draws, cell, stream)
    columns: Columns = {unit: codes + 1 for unit, codes in ids.items()}
    columns |= {
        name: _column(values, cell, scores[:-1])
        for name, values in study.columns.items()
        if name not in ids
    }
    frame = read(to_frame(columns))
    shown = truth.needs.shown
    memory = Memory(levels=dict(shown.encoding.memory.levels))
    fixed, effects, _ = encode_columns(truth.formula, shown, frame, memory)
    eta = truth.sigma * scores[-1]
    for column, beta in zip(fixed.values, truth.parameters.beta, strict=True):
        eta = eta + beta * column
    sizes = [design.sizes[unit] for unit in units]
    drawn = stacked_effects(truth, sizes, 1, study.streams)
    for u, unit, term in zip(drawn, units, effects, strict=True):
        for effect, column in zip(u, term.values, strict=True):
            eta = eta + effect[0, ids[unit]] * column
    response = response_of(truth.formula.response)
    data = to_frame(columns)
    data[response.column] = response.original(eta)
    return data


def _cells(study: CellStudies, stream: np.random.Generator) -> IntArray:
    """Place the rows in cells, in each unit in random order."""
    cells, C = study.cells, study.cells.combinations
    unit = study.design.codes()[cells.unit]
    counts = study.draws.counts[0].astype(np.intp)
    found = np.repeat(np.arange(cells.n), counts)
    if C > 1:
        # units stay in their order, their rows do not
        found = found[np.lexsort((stream.random(len(found)), found // C))]
    placed = np.empty(len(unit), dtype=np.intp)
    placed[np.argsort(unit, kind="stable")] = found
    return placed


def _scores(draws: ScoreDraws, cell: IntArray, stream: np.random.Generator) -> FloatArray:
    """Draw scores (m, n) with these sums and products in every cell."""
    m, n = len(draws.means), len(cell)
    found, free = np.empty((m, n)), stream.standard_normal((n, m))
    order = np.argsort(cell, kind="stable")
    counts = draws.counts[0].astype(np.intp)
    ends = np.cumsum(counts)
    for k in np.flatnonzero(counts):
        rows = order[ends[k] - counts[k] : ends[k]]
        width = min(m, len(rows) - 1)
        normal = free[rows, :width]
        Q, R = np.linalg.qr(normal - normal.mean(axis=0))
        frame = Q * np.where(np.diag(R) < 0.0, -1.0, 1.0)
        mean = draws.means[:, 0, k] / np.sqrt(len(rows))
        found[:, rows] = mean[:, None] + draws.root[:, :width, 0, k] @ frame.T
    return found


def _column(values: AnyArray | Labels, cell: IntArray, scores: FloatArray) -> AnyArray | Labels:
    """Return a column of all rows from those that show how it depends on the scores."""
    width = len(scores) + 1
    if isinstance(values, Labels):
        return values.take(cell * width)
    table = values.reshape(-1, width)
    slopes = table[:, 1:] - table[:, :1] if width > 1 else table[:, 1:]
    if not slopes.any():
        return np.asarray(table[cell, 0])
    found: FloatArray = table[cell, 0].astype(np.float64)
    for slope, score in zip(slopes.T, scores, strict=True):
        found += slope[cell] * score
    return found
