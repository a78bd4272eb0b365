"""What a model must satisfy before it is fitted, each with its own message."""

from collections.abc import Mapping

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.data.door import Frame
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FormulaError,
    ModelError,
)
from nestling.model.evaluate import Memory, Value, evaluate
from nestling.model.expressions import Expression, Function, Name, deparse, names_in
from nestling.model.formula import Formula


def check_arguments(formula: Formula, na_action: str, contrasts: object) -> None:
    """Refuse a formula without random effects, an unknown na_action, contrasts without names."""
    if not formula.random:
        raise FormulaError(
            f"{formula.text!r} has no random effects. Add a term such as (1 | group); without "
            "one this is a linear regression."
        )
    if na_action not in ("omit", "fail"):
        raise ArgumentError(
            f"na_action={na_action!r} must be 'omit', to leave out rows with missing values, or "
            "'fail', to refuse them."
        )
    if contrasts is not None and not isinstance(contrasts, Mapping):
        raise ArgumentTypeError(
            f"contrasts={contrasts!r}: say of which factor, for example {{'A': 'contr.sum'}}."
        )


def numeric_response(formula: Formula, frame: Frame, memory: Memory) -> FloatArray:
    """Return the response as numbers."""
    node = formula.response
    if isinstance(node, Function) and node.name == "cbind":
        raise FormulaError(
            f"The response {deparse(node)!r} has two columns, which is for binomial models. "
            "A linear mixed model takes one column of numbers."
        )
    if isinstance(node, Name):
        column = frame.column(node.text)
        if isinstance(column, Factor):
            shown = ", ".join(map(repr, column.levels[:4]))
            raise DataError(
                f"The response {node.text!r} holds categories ({shown}, ...); a linear mixed "
                "model needs numbers. Convert it or choose another column."
            )
    value = evaluate(node, frame, memory)
    if not isinstance(value, Numeric):
        raise FormulaError(f"The response {deparse(node)!r} must be one column of numbers.")
    return value.values


def numeric_offset(node: Expression, value: Value) -> FloatArray:
    """Return an offset() term as numbers."""
    if not isinstance(value, Numeric):
        raise DataError(f"offset({deparse(node)}) must be a column of numbers.")
    return value.values


def check_omission(
    na_action: str, n_omitted: int, frame: Frame, formula: Formula, vectors: tuple[object, ...]
) -> None:
    """Refuse missing values when asked to, and data in which every row has one.

    `vectors` are the arguments that may name further columns.
    """
    if na_action == "omit" and n_omitted < frame.n_rows:
        return
    names = [*names_in(formula.tree), *(each for each in vectors if isinstance(each, str))]
    counts = {
        name: n for name in dict.fromkeys(names)
        if name in frame.names and (n := _count_missing(frame.column(name)))
    }  # fmt: skip
    where = ", ".join(f"{name!r} in {n} rows" for name, n in counts.items()) or "in an argument"
    if na_action == "fail":
        raise DataError(
            f"{n_omitted} of {frame.n_rows} rows have missing values: {where}. Fill them in, or "
            "use na_action='omit'."
        )
    raise DataError(
        f"No rows are left: each of the {frame.n_rows} rows has a missing value ({where})."
    )


def _count_missing(column: Column) -> int:
    absent = column.codes < 0 if isinstance(column, Factor) else np.isnan(column.values)
    return int(np.count_nonzero(absent))


def check_response(formula: Formula, response: FloatArray) -> None:
    """Refuse a response that does not vary."""
    if response.min() == response.max():
        raise DataError(
            f"The response {formula.response_name!r} is {response[0]:g} in all {len(response)} "
            "rows used. There is nothing to explain: check the column and the rows."
        )


def check_weights(weights: FloatArray | None, rows: IntArray | None) -> None:
    """Refuse weights that are not positive; `rows` are the frame's rows they belong to."""
    if weights is not None and weights.min() <= 0.0:
        at = int(weights.argmin())
        row = at if rows is None else int(rows[at])
        raise ArgumentError(
            f"weights has the value {weights[at]:g} in row {row}, counting from 0; prior weights "
            "must be positive. Leave out rows that should not count."
        )


def check_groups(terms: list[tuple[str, str, int, int]], n: int) -> None:
    """Refuse grouping factors from which no variance can be estimated (lme4's three checks)."""
    for group, text, n_levels, n_effects in terms:
        if n_levels < 2:
            raise ModelError(
                f"The grouping factor {group!r} has {n_levels} level in the rows used; the "
                f"variance between levels needs at least 2. Leave ({text}) out or use more data."
            )
        if n_levels >= n:
            raise ModelError(
                f"The grouping factor {group!r} has {n_levels} levels for {n} rows: its effects "
                f"cannot be told from the residual. Leave ({text}) out or group otherwise."
            )
        if n_levels * n_effects >= n:
            raise ModelError(
                f"The term ({text}) has {n_levels * n_effects} random effects for {n} rows: they "
                "cannot be told from the residual. Use fewer effects per level or more data."
            )


def check_repeats(terms: list[tuple[str, tuple[str, ...]]]) -> None:
    """Refuse one random effect in two terms of a grouping factor: only their sum has a variance."""
    seen: set[tuple[str, str]] = set()
    for group, names in terms:
        for name in names:
            if (group, name) in seen:
                raise ModelError(
                    f"The random effect {name!r} of {group!r} stands in two terms; the data tell "
                    f"only the sum of their variances. Keep it in one of them: a term without "
                    f"intercept is written (0 + x | {group})."
                )
            seen.add((group, name))
