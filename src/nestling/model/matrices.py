"""From a formula and a frame to the response, X, and the Z and codes of every term."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, BoolArray, FloatArray, IntArray
from nestling.data.columns import Factor, Numeric
from nestling.data.door import Frame
from nestling.errors import ArgumentError, DataError, did_you_mean
from nestling.model import checks
from nestling.model.coding import (
    Levels,
    TermCoding,
    as_factor,
    code_terms,
    drop_unused,
    term_columns,
)
from nestling.model.evaluate import Block, Memory, Value, evaluate
from nestling.model.expressions import Expression, Number, names_in
from nestling.model.formula import Formula
from nestling.model.levels_of_groups import combined_groups
from nestling.model.row_vectors import row_vector
from nestling.model.terms import TermList, expand


@dataclass(frozen=True, slots=True, eq=False)
class RandomTerm:
    """One random-effects term.

    Attributes
    ----------
    group : str
        The grouping factor as lme4 names it: 'Cluster', 'cask:batch'.
    names : tuple of str
        The k effects.
    columns : tuple of (n,) arrays
        Z's columns; the intercept is one number without stride.
    codes : (n,) array
        Level of each row, 0 .. J - 1; in new data -1 for an unknown level.
    levels : (J,) sequence
        Labels in R's order.
    """

    group: str
    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    codes: IntArray
    levels: AnyArray


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Everything that the training data fixed, to encode other rows in the same way."""

    memory: Memory
    levels: dict[str, Levels]
    fixed: TermList
    fixed_coding: tuple[TermCoding, ...]
    random_coding: tuple[tuple[TermCoding, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrices:
    """The matrices of a multilevel model, column by column.

    Attributes
    ----------
    response : (n,) array
    response_name : str
    names : tuple of str
        Coefficient names of X as R gives them, before columns are dropped for rank.
    columns : tuple of (n,) arrays
        X; the intercept is one number without stride.
    assign : tuple of int
        Term of each column, 0 for the intercept.
    term_labels : tuple of str
    random : tuple of RandomTerm
        In lme4's order, most levels first.
    bars : tuple of int
        Position in the formula of each random term.
    weights, offset : (n,) arrays or None
    row_index : (n,) array or None
        Rows of the frame that are used; None is all.
    n_omitted : int
    encoding : Encoding
    """

    response: FloatArray
    response_name: str
    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    assign: tuple[int, ...]
    term_labels: tuple[str, ...]
    random: tuple[RandomTerm, ...]
    bars: tuple[int, ...]
    weights: FloatArray | None
    offset: FloatArray | None
    row_index: IntArray | None
    n_omitted: int
    encoding: Encoding


def build(
    formula: Formula,
    frame: Frame,
    *,
    weights: Any = None,
    offset: Any = None,
    contrasts: Mapping[str, Any] | None = None,
    na_action: str = "omit",
) -> ModelMatrices:
    """Build the model matrices of a Gaussian multilevel model.

    1. evaluate every variable, 2. drop rows with missing values, 3. drop unused levels, 4. code
    factors as R does, 5. number the levels of the grouping factors, most levels first.

    Parameters
    ----------
    formula : Formula
    frame : Frame
    weights, offset : str or array, optional
        A column's name or one number per row of the frame.
    contrasts : mapping, optional
        Of the factors of the fixed effects, as in lme4.
    na_action : {"omit", "fail"}

    Raises
    ------
    DataError, ArgumentError, ModelError
    """
    checks.check_arguments(formula, na_action)
    memory = Memory()
    fixed = expand(formula.fixed or Number(1.0), _dot(formula, frame))
    response = checks.numeric_response(formula, frame, memory)
    values = _evaluate_all(
        [(text, node) for part in (fixed, *(bar.effects for bar in formula.random))
         for text, node in zip(part.variables, part.expressions, strict=True)],
        frame, memory,
    )  # fmt: skip
    groups = {
        bar.group: combined_groups([evaluate(node, frame, memory) for node in bar.factors])
        for bar in formula.random
    }
    w = row_vector("weights", weights, frame)
    offsets = [checks.numeric_offset(node, evaluate(node, frame, memory)) for node in fixed.offsets]
    given = row_vector("offset", offset, frame)
    offsets += [] if given is None else [given]
    total_offset = None if not offsets else np.asarray(sum(offsets), dtype=float)
    present = _present(
        [response, *values.values(), *(codes for codes, _ in groups.values()), w, total_offset],
        frame.n_rows,
    )
    n_omitted, rows = 0, None
    if present is not None:
        rows = np.flatnonzero(present)
        n_omitted = frame.n_rows - len(rows)
        checks.check_omission(na_action, n_omitted, frame, formula)
        response = response[rows]
        values = {name: _take(value, rows) for name, value in values.items()}
        groups = {
            name: _used_levels(codes[rows], labels) for name, (codes, labels) in groups.items()
        }
        w = None if w is None else w[rows]
        total_offset = None if total_offset is None else total_offset[rows]
    n = len(response)
    values = {
        name: drop_unused(value) if isinstance(value, Factor) else value
        for name, value in values.items()
    }
    levels = _levels(values, contrasts or {}, fixed)
    factors = frozenset(levels)
    coding = code_terms(fixed, factors)
    names, columns, assign = _columns(fixed, coding, values, levels, n)
    random_levels = {name: Levels(each.levels, each.ordered, None) for name, each in levels.items()}
    random_coding = tuple(code_terms(bar.effects, factors) for bar in formula.random)
    terms = []
    for bar, part in zip(formula.random, random_coding, strict=True):
        effect_names, effects, _ = _columns(bar.effects, part, values, random_levels, n)
        codes, labels = groups[bar.group]
        terms.append(RandomTerm(bar.group, effect_names, effects, codes, labels))
    order = lme4_order([len(term.levels) for term in terms])
    checks.check_response(formula, response)
    checks.check_weights(w)
    checks.check_groups([(term.group, bar.text, len(term.levels), len(term.names))
                         for term, bar in zip(terms, formula.random, strict=True)], n)  # fmt: skip
    return ModelMatrices(
        response=response,
        response_name=formula.response_name,
        names=names,
        columns=columns,
        assign=assign,
        term_labels=tuple(each.label for each in coding),
        random=tuple(terms[i] for i in order),
        bars=tuple(order),
        weights=w,
        offset=total_offset,
        row_index=rows,
        n_omitted=n_omitted,
        encoding=Encoding(memory, levels, fixed, coding, random_coding),
    )


def lme4_order(sizes: list[int]) -> list[int]:
    """Return the order of the terms: by number of levels, most first.

    When they do not stand so already lme4 reverses an increasing stable sort, which puts the
    later of two terms with equally many levels first.

    Examples
    --------
    >>> lme4_order([2, 4, 2]), lme4_order([4, 2, 2])
    ([1, 2, 0], [0, 1, 2])
    """
    if all(a >= b for a, b in zip(sizes[:-1], sizes[1:], strict=True)):
        return list(range(len(sizes)))
    return sorted(range(len(sizes)), key=sizes.__getitem__)[::-1]


def _dot(formula: Formula, frame: Frame) -> tuple[str, ...]:
    used = set(names_in(formula.response))
    return tuple(name for name in frame.names if name not in used)


def _evaluate_all(
    variables: list[tuple[str, Expression]], frame: Frame, memory: Memory
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for text, node in variables:
        if text not in values:
            values[text] = as_factor(evaluate(node, frame, memory))
    return values


def _present(parts: list[Any], n: int) -> BoolArray | None:
    """Rows without missing values; None when that is all of them."""
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
    if not np.isnan(np.add.reduce(part, axis=None)):
        return None
    absent = np.isnan(part)
    return np.asarray(absent if absent.ndim == 1 else absent.any(axis=1))


def _take(value: Value, rows: IntArray) -> Value:
    if isinstance(value, Factor):
        return Factor(value.codes[rows], value.levels, value.ordered)
    if isinstance(value, Numeric):
        return Numeric(value.values[rows], value.kind)
    return Block(value.values[rows])


def _used_levels(codes: IntArray, labels: Any) -> tuple[IntArray, Any]:
    used = np.bincount(codes, minlength=len(labels)) > 0
    if used.all():
        return codes, labels
    return (np.cumsum(used) - 1)[codes], labels[used]


def _levels(
    values: dict[str, Value], contrasts: Mapping[str, Any], fixed: TermList
) -> dict[str, Levels]:
    """Levels of every factor, with the contrasts asked for."""
    factors = {name: value for name, value in values.items() if isinstance(value, Factor)}
    for name in contrasts:
        if name not in factors or name not in fixed.variables:
            known = [each for each in fixed.variables if each in factors]
            raise ArgumentError(
                f"contrasts names {name!r}, which is not a factor of the fixed effects. "
                f"{did_you_mean(name, known) if known else 'The model has no factors.'}"
            )
    return {
        name: Levels(value.levels, value.ordered, contrasts.get(name))
        for name, value in factors.items()
    }


def _columns(
    terms: TermList,
    coding: tuple[TermCoding, ...],
    values: dict[str, Value],
    levels: dict[str, Levels],
    n: int,
) -> tuple[tuple[str, ...], tuple[FloatArray, ...], tuple[int, ...]]:
    named: list[tuple[str, FloatArray]] = []
    assign: list[int] = []
    if terms.intercept:
        named.append(("(Intercept)", np.broadcast_to(np.float64(1.0), n)))
        assign.append(0)
    for index, term in enumerate(coding):
        own = term_columns(term, values, levels, n)
        named += own
        assign += [index + 1] * len(own)
    return tuple(name for name, _ in named), tuple(column for _, column in named), tuple(assign)


@dataclass(frozen=True, slots=True, eq=False)
class NewRows:
    """Rows encoded as the training data were: X, every term's Z and codes, and the offset."""

    columns: tuple[FloatArray, ...]
    random: tuple[RandomTerm, ...]
    offset: FloatArray | None
    n_rows: int


def encode(
    formula: Formula, matrices: ModelMatrices, frame: Frame, bars: frozenset[int]
) -> NewRows:
    """Encode new rows with the levels, contrasts and bases of the training data.

    `bars` are the positions in the formula of the random-effects terms that are wanted; the
    columns of others need not be in the frame.

    Raises
    ------
    DataError
        When a factor of the fixed effects has a level that the training data do not have.
    """
    encoding = matrices.encoding
    n = frame.n_rows
    wanted = [i for i in matrices.bars if i in bars]
    parts = [encoding.fixed, *(formula.random[i].effects for i in wanted)]
    values = {
        name: _matched(name, value, encoding.levels.get(name))
        for name, value in _evaluate_all(
            [(text, node) for part in parts
             for text, node in zip(part.variables, part.expressions, strict=True)],
            frame, encoding.memory,
        ).items()
    }  # fmt: skip
    _, columns, _ = _columns(encoding.fixed, encoding.fixed_coding, values, encoding.levels, n)
    plain = {
        name: Levels(each.levels, each.ordered, None) for name, each in encoding.levels.items()
    }
    terms = []
    for position, term in zip(matrices.bars, matrices.random, strict=True):
        if position not in wanted:
            continue
        bar = formula.random[position]
        _, effects, _ = _columns(bar.effects, encoding.random_coding[position], values, plain, n)
        groups = combined_groups([evaluate(node, frame, encoding.memory) for node in bar.factors])
        codes = _known_levels(groups, term.levels)
        terms.append(RandomTerm(term.group, term.names, effects, codes, term.levels))
    offsets = [
        checks.numeric_offset(node, evaluate(node, frame, encoding.memory))
        for node in encoding.fixed.offsets
    ]
    total = np.asarray(sum(offsets), dtype=float) if offsets else None
    return NewRows(columns, tuple(terms), total, n)


def _matched(name: str, value: Value, known: Levels | None) -> Value:
    """Renumber a factor by the training levels."""
    if known is None:
        if isinstance(value, Factor):
            raise DataError(
                f"{name!r} holds categories here and numbers in the data of the fit. Convert it."
            )
        return value
    if not isinstance(value, Factor):
        raise DataError(
            f"{name!r} holds numbers here and categories in the data of the fit. Convert it."
        )
    position = {level: code for code, level in enumerate(known.levels)}
    table = np.array([position.get(level, -2) for level in value.levels] + [-1], dtype=np.intp)
    codes = table[value.codes]
    if (codes == -2).any():
        new = sorted({value.levels[code] for code in value.codes[codes == -2]})
        raise DataError(
            f"The factor {name!r} has levels the fit has not seen: {', '.join(map(repr, new))}. "
            f"Known: {', '.join(map(repr, known.levels))}. Leave these rows out."
        )
    if (codes < 0).any():
        raise DataError(f"The factor {name!r} has missing values in the new data. Fill them in.")
    return Factor(codes, known.levels, known.ordered)


def _known_levels(groups: tuple[IntArray, Any], levels: Any) -> IntArray:
    codes, labels = groups
    position = {str(level): code for code, level in enumerate(np.asarray(levels))}
    table = [position.get(str(label), -1) for label in np.asarray(labels)]
    return np.array([*table, -1], dtype=np.intp)[codes]
