"""From a formula and a frame to the response, X, and the Z and codes of every term."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.data.columns import Factor
from nestling.data.door import Frame
from nestling.data.grouping import used_codes
from nestling.errors import ArgumentError, did_you_mean
from nestling.model import checks
from nestling.model.coding import (
    Levels,
    TermCoding,
    code_terms,
    columns_of,
    packed,
    unpacked,
)
from nestling.model.evaluate import Memory, Value, evaluate
from nestling.model.expressions import Number, names_in
from nestling.model.formula import Formula
from nestling.model.levels_of_groups import combined_groups
from nestling.model.matching import match_groups, match_levels
from nestling.model.row_vectors import row_vector
from nestling.model.terms import TermList, expand
from nestling.model.variables import drop_unused, evaluate_all, present, take


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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the intercept as what it is, one number."""
        return _restored, (type(self), _state(self))


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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the intercept as what it is, one number."""
        return _restored, (type(self), _state(self))


def _state(record: "RandomTerm | ModelMatrices") -> dict[str, Any]:
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return values | {"columns": packed(record.columns)}


def _restored(kind: Any, state: dict[str, Any]) -> Any:
    return kind(**(state | {"columns": unpacked(state["columns"])}))


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
    checks.check_arguments(formula, na_action, contrasts)
    memory = Memory()
    fixed = formula.terms or expand(formula.fixed or Number(1.0), _dot(formula, frame))
    response = checks.numeric_response(formula, frame, memory)
    values = evaluate_all([fixed, *(bar.effects for bar in formula.random)], frame, memory)
    groups = {
        bar.group: combined_groups([evaluate(node, frame, memory) for node in bar.factors])
        for bar in formula.random
    }
    w = row_vector("weights", weights, frame)
    offsets = [checks.numeric_offset(node, evaluate(node, frame, memory)) for node in fixed.offsets]
    given = row_vector("offset", offset, frame)
    offsets += [] if given is None else [given]
    total_offset = None if not offsets else np.asarray(sum(offsets), dtype=float)
    complete = present(
        [response, *values.values(), *(codes for codes, _ in groups.values()), w, total_offset]
    )
    n_omitted, rows = 0, None
    if complete is not None:
        rows = np.flatnonzero(complete)
        n_omitted = frame.n_rows - len(rows)
        checks.check_omission(na_action, n_omitted, frame, formula, (weights, offset))
        response = response[rows]
        values = {name: take(value, rows) for name, value in values.items()}
        groups = {name: _used(codes[rows], labels) for name, (codes, labels) in groups.items()}
        w = None if w is None else w[rows]
        total_offset = None if total_offset is None else total_offset[rows]
    n = len(response)
    values = {name: drop_unused(value) for name, value in values.items()}
    levels = _levels(values, contrasts or {}, fixed)
    factors = frozenset(levels)
    coding = code_terms(fixed, factors)
    x = columns_of(fixed.intercept, coding, values, levels, n)
    plain = _treatment(levels)
    random_coding = tuple(code_terms(bar.effects, factors) for bar in formula.random)
    terms = []
    for bar, part in zip(formula.random, random_coding, strict=True):
        z = columns_of(bar.effects.intercept, part, values, plain, n)
        terms.append(RandomTerm(bar.group, z.names, z.values, *groups[bar.group]))
    order = lme4_order([len(term.levels) for term in terms])
    checks.check_response(formula, response)
    checks.check_weights(w, rows)
    checks.check_groups([(term.group, bar.text, len(term.levels), len(term.names))
                         for term, bar in zip(terms, formula.random, strict=True)], n)  # fmt: skip
    return ModelMatrices(
        response=response,
        response_name=formula.response_name,
        names=x.names,
        columns=x.values,
        assign=x.assign,
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
    if all(a >= b for a, b in pairwise(sizes)):
        return list(range(len(sizes)))
    return sorted(range(len(sizes)), key=sizes.__getitem__)[::-1]


def _dot(formula: Formula, frame: Frame) -> tuple[str, ...]:
    used = set(names_in(formula.response))
    return tuple(name for name in frame.names if name not in used)


def _used(codes: IntArray, labels: Any) -> tuple[IntArray, Any]:
    renumbered, used = used_codes(codes, len(labels))
    return renumbered, labels if len(used) == len(labels) else labels[used]


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


def _treatment(levels: dict[str, Levels]) -> dict[str, Levels]:
    """Return levels without the contrasts that were asked for: lme4 uses those in X alone."""
    return {name: Levels(each.levels, each.ordered, None) for name, each in levels.items()}


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
    encoding, n = matrices.encoding, frame.n_rows
    wanted = [i for i in matrices.bars if i in bars]
    coding = {i: encoding.random_coding[i] for i in wanted}
    used = {name for part in (encoding.fixed_coding, *coding.values()) for term in part
            for name in term.variables}  # fmt: skip
    parts = [encoding.fixed, *(formula.random[i].effects for i in wanted)]
    values = {
        name: match_levels(name, value, encoding.levels.get(name))
        for name, value in evaluate_all(parts, frame, encoding.memory, used).items()
    }
    x = columns_of(encoding.fixed.intercept, encoding.fixed_coding, values, encoding.levels, n)
    plain = _treatment(encoding.levels)
    terms = []
    for position, term in zip(matrices.bars, matrices.random, strict=True):
        if position not in coding:
            continue
        bar = formula.random[position]
        z = columns_of(bar.effects.intercept, coding[position], values, plain, n)
        groups = combined_groups([evaluate(node, frame, encoding.memory) for node in bar.factors])
        codes = match_groups(groups, term.levels)
        terms.append(RandomTerm(term.group, term.names, z.values, codes, term.levels))
    offsets = [
        checks.numeric_offset(node, evaluate(node, frame, encoding.memory))
        for node in encoding.fixed.offsets
    ]
    total = np.asarray(sum(offsets), dtype=float) if offsets else None
    return NewRows(x.values, tuple(terms), total, n)
