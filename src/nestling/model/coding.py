"""How the terms of a model become columns: R's rules for dummies, contrasts and names."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.data.columns import Factor, Numeric
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

    A factor is coded by contrasts where the term without it is in the model (or is empty);
    otherwise by all its dummies. Without an intercept the first factor of the first term that
    has one gets all its dummies.
    """
    present = set(terms.terms)
    codings = []
    promoted = terms.intercept
    for term in terms.terms:
        names = tuple(name for name in terms.variables if name in term)
        full = [name in factors and not _has_margin(term - {name}, present) for name in names]
        if not promoted:
            first = next((i for i, name in enumerate(names) if name in factors), None)
            if first is not None:
                full[first] = True
                promoted = True
        codings.append(TermCoding(":".join(names), names, tuple(full)))
    return tuple(codings)


def _has_margin(margin: Term, present: set[Term]) -> bool:
    return not margin or margin in present


def term_columns(
    coding: TermCoding, values: dict[str, Value], levels: dict[str, Levels], n: int
) -> list[tuple[str, FloatArray]]:
    """Return the named columns of a term; the first variable varies fastest."""
    combined: list[tuple[str, FloatArray]] | None = None
    for name, full in zip(coding.variables, coding.full, strict=True):
        own = variable_columns(name, values[name], levels.get(name), full=full)
        if combined is None:
            combined = own
        else:
            combined = [(f"{left}:{right}", a * b) for right, b in own for left, a in combined]
    assert combined is not None and all(len(column) == n for _, column in combined)
    return combined


def variable_columns(
    name: str, value: Value, levels: Levels | None, *, full: bool
) -> list[tuple[str, FloatArray]]:
    """Return the named columns of one variable."""
    if isinstance(value, Block):
        return [
            (f"{name}{j + 1}", np.ascontiguousarray(value.values[:, j]))
            for j in range(value.values.shape[1])
        ]
    if isinstance(value, Numeric):
        return [(name, value.values)]
    assert levels is not None
    if full:
        return [
            (f"{name}{level}", (value.codes == code).astype(float))
            for code, level in enumerate(levels.levels)
        ]
    matrix, suffixes = contrast_matrix(name, levels.levels, levels.ordered, levels.given)
    return [(f"{name}{suffix}", matrix[:, j][value.codes]) for j, suffix in enumerate(suffixes)]


def as_factor(value: Value) -> Value:
    """Return logical values as the factor with levels FALSE and TRUE, others unchanged."""
    if isinstance(value, Numeric) and value.kind == "logical":
        missing = np.isnan(value.values)
        codes = np.where(missing, -1, value.values == 1.0).astype(np.intp)
        return Factor(codes, ("FALSE", "TRUE"), ordered=False)
    return value


def drop_unused(factor: Factor) -> Factor:
    """Return the factor with the levels that occur."""
    used = np.bincount(factor.codes, minlength=len(factor.levels)) > 0
    if used.all():
        return factor
    rank: IntArray = np.cumsum(used) - 1
    kept = tuple(level for level, keep in zip(factor.levels, used, strict=True) if keep)
    return Factor(rank[factor.codes], kept, factor.ordered)
