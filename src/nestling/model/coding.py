"""How the terms of a model become columns: R's rules for dummies, contrasts and names."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.columns import Numeric
from nestling.model.contrasts import contrast_matrix
from nestling.model.evaluate import Block, Value
from nestling.model.terms import Term, TermList


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The levels of a factor in the rows that were fitted, and its contrasts.

    Attributes
    ----------
    levels : tuple of str
    ordered : bool
    given : str, array or None
        The contrasts that were asked for.
    """

    levels: tuple[str, ...]
    ordered: bool
    given: object


@dataclass(frozen=True, slots=True)
class TermCoding:
    """One term: its variables in order, and which of them carry all levels' dummies."""

    label: str
    variables: tuple[str, ...]
    full: tuple[bool, ...]


def code_terms(terms: TermList, factors: frozenset[str]) -> tuple[TermCoding, ...]:
    """Decide per term and factor between contrasts and dummies of all levels.

    A factor is coded by contrasts where what remains of the term without it is empty or part of
    an earlier term (Chambers and Hastie 1992, Statistical Models in S, page 38); otherwise by all
    its dummies. Without an intercept the first factor of the first term that has one gets all
    its dummies.
    """
    codings = []
    promoted = terms.intercept
    for index, term in enumerate(terms.terms):
        names = tuple(name for name in terms.variables if name in term)
        earlier = terms.terms[:index]
        full = [name in factors and not _within(term - {name}, earlier) for name in names]
        if not promoted:
            first = next((i for i, name in enumerate(names) if name in factors), None)
            if first is not None:
                full[first] = True
                promoted = True
        codings.append(TermCoding(":".join(names), names, tuple(full)))
    return tuple(codings)


def _within(margin: Term, earlier: tuple[Term, ...]) -> bool:
    return not margin or any(margin <= term for term in earlier)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Named columns of a term list.

    Attributes
    ----------
    names : tuple of str
    values : tuple of (n,) arrays
        The intercept is one number without stride.
    assign : tuple of int
        Term of each column, 0 for the intercept.
    """

    names: tuple[str, ...]
    values: tuple[FloatArray, ...]
    assign: tuple[int, ...]


_ONE = np.float64(1.0).tobytes()


def ones(n: int) -> FloatArray:
    """Return an intercept: one number seen n times, which nothing can write to.

    The same as broadcasting, at a tenth of its time.

    Examples
    --------
    >>> ones(3), ones(10**9).strides
    (array([1., 1., 1.]), (0,))
    """
    return np.ndarray((n,), np.float64, _ONE, strides=(0,))


def packed(columns: tuple[FloatArray, ...]) -> tuple[FloatArray | int, ...]:
    """Return columns for pickling: an intercept by its length, or it would be written out."""
    return tuple(len(each) if each.strides == (0,) else each for each in columns)


def unpacked(columns: tuple[FloatArray | int, ...]) -> tuple[FloatArray, ...]:
    """Return the columns that were packed."""
    return tuple(ones(each) if isinstance(each, int) else each for each in columns)


def columns_of(
    intercept: bool,
    coding: tuple[TermCoding, ...],
    values: dict[str, Value],
    levels: dict[str, Levels],
    n: int,
) -> Columns:
    """Return the columns of all terms."""
    named: list[tuple[str, FloatArray]] = []
    assign: list[int] = []
    if intercept:
        named.append(("(Intercept)", ones(n)))
        assign.append(0)
    for index, term in enumerate(coding):
        own = term_columns(term, values, levels)
        named += own
        assign += [index + 1] * len(own)
    return Columns(
        tuple(name for name, _ in named), tuple(column for _, column in named), tuple(assign)
    )


def term_columns(
    coding: TermCoding, values: dict[str, Value], levels: dict[str, Levels]
) -> list[tuple[str, FloatArray]]:
    """Return the named columns of a term; the first variable varies fastest."""
    first, *others = (
        variable_columns(name, values[name], levels.get(name), full=full)
        for name, full in zip(coding.variables, coding.full, strict=True)
    )
    for own in others:
        first = [(f"{left}:{right}", a * b) for right, b in own for left, a in first]
    return first


def variable_columns(
    name: str, value: Value, levels: Levels | None, *, full: bool
) -> list[tuple[str, FloatArray]]:
    """Return the named columns of one variable; NaN where a category is missing."""
    if isinstance(value, Block):
        return [
            (f"{name}{j + 1}", np.ascontiguousarray(value.values[:, j]))
            for j in range(value.values.shape[1])
        ]
    if isinstance(value, Numeric):
        return [(name, value.values)]
    assert levels is not None
    k = len(levels.levels)
    if full:
        matrix, suffixes = np.eye(k), levels.levels
    else:
        matrix, suffixes = contrast_matrix(name, levels.levels, levels.ordered, levels.given)
    table = np.vstack([matrix, np.full(matrix.shape[1], np.nan)])  # the last row is code -1
    return [(f"{name}{suffix}", table[:, j][value.codes]) for j, suffix in enumerate(suffixes)]
