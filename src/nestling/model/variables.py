"""The variables of a model: evaluated once, rows with missing values found, levels dropped."""

from collections.abc import Container, Iterable
from typing import Any

import numpy as np

from nestling.arrays import BoolArray, IntArray
from nestling.data.columns import Factor, Numeric
from nestling.data.door import Frame
from nestling.data.grouping import used_codes
from nestling.model.evaluate import Block, Memory, Value, evaluate
from nestling.model.terms import TermList

LOGICAL = ("FALSE", "TRUE")
"""Levels of a truth value. The tuple itself marks it: text of the same levels is another one."""


def evaluate_all(
    parts: Iterable[TermList], frame: Frame, memory: Memory, used: Container[str] | None = None
) -> dict[str, Value]:
    """Return the values of every variable by its text, or of those used; logical as factors."""
    values: dict[str, Value] = {}
    for part in parts:
        for text, node in zip(part.variables, part.expressions, strict=True):
            if text not in values and (used is None or text in used):
                values[text] = as_factor(evaluate(node, frame, memory))
    return values


def as_factor(value: Value) -> Value:
    """Return logical values as the factor with levels FALSE and TRUE, others unchanged."""
    if isinstance(value, Numeric) and value.kind == "logical":
        codes = np.where(np.isnan(value.values), -1, value.values == 1.0).astype(np.intp)
        return Factor(codes, LOGICAL, ordered=False)
    return value


def drop_unused(value: Value) -> Value:
    """Return a factor with the levels that occur; R keeps both levels of a logical."""
    if not isinstance(value, Factor) or value.levels is LOGICAL:
        return value
    codes, used = used_codes(value.codes, len(value.levels))
    if len(used) == len(value.levels):
        return value
    return Factor(codes, tuple(value.levels[code] for code in used), value.ordered)


def take(value: Value, rows: IntArray) -> Value:
    """Return some of the rows."""
    if isinstance(value, Factor):
        return Factor(value.codes[rows], value.levels, value.ordered)
    if isinstance(value, Numeric):
        return Numeric(value.values[rows], value.kind)
    return Block(value.values[rows])


def present(parts: Iterable[Any]) -> BoolArray | None:
    """Return which rows have no missing value in any part; None when all have none.

    A part is a value, an array of codes or numbers, or None.
    """
    missing: BoolArray | None = None
    for part in parts:
        absent = _missing(part)
        if absent is not None:
            missing = absent if missing is None else missing | absent
    return None if missing is None else ~missing


def _missing(part: Any) -> BoolArray | None:
    if part is None:
        return None
    if isinstance(part, Factor):
        part = part.codes
    elif isinstance(part, Numeric | Block):
        part = part.values
    if part.dtype.kind == "i":
        return np.asarray(part < 0) if len(part) and part.min() < 0 else None
    # one pass in the usual case: a sum is a number unless a value is not
    if not np.isnan(np.add.reduce(part, axis=None)):
        return None
    absent = np.isnan(part)
    return np.asarray(absent if absent.ndim == 1 else absent.any(axis=1))
