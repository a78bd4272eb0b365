"""Which contrasts of the coefficients belong to each term of a model: types I, II and III."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.model.coding import Columns, Levels, TermCoding, columns_of
from nestling.model.matching import match_levels
from nestling.model.variables import evaluate_all, take
from nestling.statistics.basis import RANK_TOLERANCE

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

TREATMENT = ("treatment", "contr.treatment")
ROUNDING = 1e-10
"""Weights below this share of the largest of their matrix are rounding."""


def term_contrasts(fit: LmerFit, kind: int) -> dict[str, FloatArray]:
    """Return per term the rows (q, p) that are zero if the term has no effect.

    Parameters
    ----------
    fit : LmerFit
    kind : {1, 2, 3}
        I: each term after those before it. II: after all terms that do not contain it. III:
        averaged over the levels of the factors of the terms that contain it.
    """
    terms = {
        label: np.flatnonzero(np.array(fit.matrices.assign)[fit.basis.kept] == number)
        for number, label in enumerate(fit.matrices.term_labels, start=1)
    }
    terms = {label: columns for label, columns in terms.items() if len(columns)}
    if not terms:
        return {}
    # lmerTest's choice of rows; the degrees of freedom of a test depend on it, its F does not
    if kind == 3 and len(terms) > 1:
        return _marginal(fit, terms)
    triangle = np.asarray(np.linalg.qr(_fixed(fit), mode="r"))
    if kind == 1 or len(terms) == 1:
        unit = triangle / np.diag(triangle)[:, None]
        return {label: _cleaned(unit[columns]) for label, columns in terms.items()}
    return _after_others(fit, terms, triangle)


def containing(fit: LmerFit, label: str) -> list[str]:
    """Return the terms that contain a term: the same numbers, and further factors.

    A polynomial, a spline and scale() count as factors, as in lmerTest: R sees a matrix in them.
    """
    encoding = fit.matrices.encoding
    factors = frozenset(encoding.levels) | frozenset(encoding.memory.bases)
    variables = {each.label: frozenset(each.variables) for each in encoding.fixed_coding}
    own = variables[label]
    return [other for other, these in variables.items() if own < these and these - own <= factors]


def _fixed(fit: LmerFit) -> FloatArray:
    return np.column_stack([fit.matrices.columns[j] for j in fit.basis.kept])


def _after_others(
    fit: LmerFit, terms: dict[str, IntArray], triangle: FloatArray
) -> dict[str, FloatArray]:
    """Put each term's columns between those that do not contain it and those that do."""
    p = triangle.shape[1]
    found = {}
    for label, columns in terms.items():
        last = [j for other in containing(fit, label) for j in terms.get(other, [])]
        if not last:
            found[label] = np.eye(p)[columns]
            continue
        first = np.setdiff1d(np.arange(p), [*columns, *last])
        order = np.concatenate([first, columns, np.array(last, dtype=np.intp)])
        again = np.linalg.qr(triangle[:, order], mode="r")
        unit = again / np.diag(again)[:, None]
        L = np.zeros((len(columns), p))
        L[:, order] = unit[len(first) : len(first) + len(columns)]
        found[label] = _cleaned(L)
    return found


def _marginal(fit: LmerFit, terms: dict[str, IntArray]) -> dict[str, FloatArray]:
    """Contrasts that do not depend on the coding of factors.

    In the model with a dummy for every level, the rows of each term of a treatment coding are
    functions of the dummies' effects; those of a term are made orthogonal to those of the terms
    that contain it (Goodnight 1980, SAS R-101). The result is mapped to the coding in use.
    """
    given = _fixed(fit)
    if all(not containing(fit, label) for label in terms) and not _recoded(fit):
        return {label: np.eye(given.shape[1])[columns] for label, columns in terms.items()}
    treatment = _columns(fit, full=False)
    X, assign = _independent(treatment)
    dummies = np.column_stack(_columns(fit, full=True).values)
    Q, R = np.linalg.qr(X)
    estimable = np.linalg.solve(R, Q.T @ dummies)
    back = np.linalg.solve(R, Q.T @ given)
    labels = {label: i for i, label in enumerate(fit.matrices.term_labels, start=1)}
    found = {}
    for label in terms:
        own = np.flatnonzero(assign == labels[label])
        L = np.zeros((len(own), X.shape[1]))
        L[np.arange(len(own)), own] = 1.0
        outer = np.isin(assign, [labels[each] for each in containing(fit, label)])
        if outer.any():
            weights = np.linalg.lstsq(estimable[outer].T, estimable[own].T, rcond=None)[0]
            L[:, outer] = -weights.T
        found[label] = _cleaned(L @ back)
    return found


def _recoded(fit: LmerFit) -> bool:
    """Whether a factor of the fixed effects has contrasts other than treatment contrasts."""
    encoding = fit.matrices.encoding
    used = [each for name, each in encoding.levels.items() if name in encoding.fixed.variables]
    return any(each.ordered if each.given is None else each.given not in TREATMENT for each in used)


def _columns(fit: LmerFit, *, full: bool) -> Columns:
    """Return X with treatment contrasts, or with the dummies of all levels."""
    encoding = fit.matrices.encoding
    used = {name for term in encoding.fixed_coding for name in term.variables}
    values = evaluate_all([encoding.fixed], fit.frame, encoding.memory, used)
    rows = fit.matrices.row_index
    if rows is not None:
        values = {name: take(value, rows) for name, value in values.items()}
    values = {
        name: match_levels(name, value, encoding.levels.get(name)) for name, value in values.items()
    }
    coding: tuple[TermCoding, ...] = encoding.fixed_coding
    if full:
        coding = tuple(replace(term, full=(True,) * len(term.full)) for term in coding)
    levels = {
        name: Levels(each.levels, ordered=False, given="treatment")
        for name, each in encoding.levels.items()
    }
    return columns_of(encoding.fixed.intercept, coding, values, levels, fit.nobs)


def _independent(columns: Columns) -> tuple[FloatArray, IntArray]:
    """Return the columns that do not repeat what earlier ones say, and the term of each."""
    kept: list[int] = []
    Q = np.empty((len(columns.values[0]), 0))
    for j, column in enumerate(columns.values):
        rest = column - Q @ (Q.T @ column)
        rest -= Q @ (Q.T @ rest)
        norm = np.linalg.norm(rest)
        if norm > RANK_TOLERANCE * np.linalg.norm(column):
            kept.append(j)
            Q = np.column_stack([Q, rest / norm])
    X = np.column_stack([columns.values[j] for j in kept])
    return X, np.array([columns.assign[j] for j in kept])


def _cleaned(L: FloatArray) -> FloatArray:
    return np.where(np.abs(L) > ROUNDING * np.abs(L).max(), L, 0.0)
