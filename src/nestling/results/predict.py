"""Predictions of the response, for the rows of the fit or new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.columns import Numeric
from nestling.data.door import Frame, read
from nestling.errors import ArgumentError, ArgumentTypeError, DataError, did_you_mean
from nestling.model.matrices import NewRows, RandomTerm, encode
from nestling.results.random_effects import term_modes

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def predict(
    fit: LmerFit, newdata: Any, random: bool | str | Sequence[str], new_levels: str
) -> FloatArray:
    """Predict the response; see `LmerFit.predict`.

    The offset of new rows is that of offset() in the formula, and of the offset argument if it
    was a column's name and new data have that column.
    """
    wanted = wanted_bars(fit, random)
    frame = None if newdata is None else read(newdata)
    return predict_rows(fit, rows_of(fit, frame, wanted), wanted, new_levels)


def predict_rows(fit: LmerFit, rows: NewRows, wanted: Sequence[int], new_levels: str) -> FloatArray:
    """Return X beta + offset + Z b of encoded rows, with the terms that are wanted."""
    if new_levels not in {"error", "zero"}:
        raise ArgumentError(
            f"new_levels={new_levels!r}. {did_you_mean(str(new_levels), ['error', 'zero'])}"
        )
    total = np.zeros(rows.n_rows) if rows.offset is None else rows.offset.copy()
    for beta, j in zip(fit.estimates.beta, fit.basis.kept, strict=True):
        total += beta * rows.columns[j]
    modes = dict(zip(fit.matrices.bars, term_modes(fit), strict=True))
    bars = [bar for bar in fit.matrices.bars if bar in wanted]
    for bar, term in zip(bars, rows.random, strict=True):
        total += _effects(term, modes[bar], new_levels)
    return total


def rows_of(fit: LmerFit, frame: Frame | None, wanted: Sequence[int]) -> NewRows:
    """Encode the rows to predict for, with the random-effects terms that are wanted."""
    if frame is None:
        return NewRows(
            fit.matrices.columns,
            tuple(
                term
                for bar, term in zip(fit.matrices.bars, fit.matrices.random, strict=True)
                if bar in wanted
            ),
            fit.matrices.offset,
            fit.nobs,
        )
    rows = encode(fit.formula, fit.matrices, frame, frozenset(wanted))
    return NewRows(rows.columns, rows.random, _with_offset(fit, frame, rows), rows.n_rows)


def wanted_bars(fit: LmerFit, random: Any) -> list[int]:
    """Positions in the formula of the terms to include."""
    bars = fit.formula.random
    if isinstance(random, bool):
        return list(range(len(bars))) if random else []
    names = [random] if isinstance(random, str) else random
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise ArgumentTypeError(
            f"random={random!r} must be True, False or a list of grouping factors."
        )
    wanted: set[int] = set()
    for name in names:
        plain = name.strip().removeprefix("~").strip().removeprefix("(").removesuffix(")")
        found = {i for i, bar in enumerate(bars) if name == bar.group or plain == bar.text}
        if not found:
            known = list(dict.fromkeys(bar.group for bar in bars))
            raise ArgumentError(
                f"random names {name!r}, which is not a grouping factor of the fit. "
                f"{did_you_mean(name, known)}"
            )
        wanted |= found
    return sorted(wanted)


def _with_offset(fit: LmerFit, frame: Frame, rows: NewRows) -> FloatArray | None:
    name = fit.call.offset
    if name is None or name not in frame.names:
        return rows.offset
    column = frame.column(name)
    if not isinstance(column, Numeric):
        raise DataError(f"The offset {name!r} holds categories in the new data, not numbers.")
    return column.values if rows.offset is None else rows.offset + column.values


def _effects(term: RandomTerm, modes: FloatArray, new_levels: str) -> FloatArray:
    """Z b of one term; unknown levels have b = 0."""
    unknown = term.codes < 0
    if unknown.any() and new_levels == "error":
        row = int(np.flatnonzero(unknown)[0])
        raise DataError(
            f"{int(unknown.sum())} rows, the first of them row {row}, have a level of "
            f"{term.group!r} the fit has not seen. Use new_levels='zero' to predict for the "
            "average level, or leave these rows out."
        )
    padded = np.vstack([modes, np.zeros(modes.shape[1])])
    total = np.zeros(len(term.codes))
    for effect, column in zip(padded.T, term.columns, strict=True):
        total += effect[term.codes] * column
    return total
