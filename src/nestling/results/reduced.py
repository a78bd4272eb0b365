"""A fitted model without one of its terms, on the same rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.fit.criterion import profile
from nestling.model.coding import Columns, Levels, code_terms, columns_of
from nestling.model.evaluate import Value
from nestling.model.matching import match_levels
from nestling.model.matrices import RandomTerm
from nestling.model.terms import Term, TermList
from nestling.model.variables import evaluate_all, take
from nestling.results.lmer import fit_matrices

if TYPE_CHECKING:
    from collections.abc import Callable

    from nestling.results.chi_bar import Blocks
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is asked of a reduced model.

    Attributes
    ----------
    criterion : float
        REML criterion or ML deviance at its optimum.
    n_parameters : int
    blocks : sequence of (group, effects)
        Its random-effects terms.
    singular : bool
        Whether it lies on its own boundary.
    """

    criterion: float
    n_parameters: int
    blocks: Blocks
    singular: bool


def droppable(terms: TermList) -> list[Term]:
    """Return the terms that are no part of another: what marginality lets go.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> from nestling.model.terms import expand
    >>> [sorted(term) for term in droppable(expand(parse_expression("a * b + c")))]
    [['c'], ['a', 'b']]
    """
    return [term for term in terms.terms if not any(term < other for other in terms.terms)]


def without(terms: TermList, term: Term) -> TermList:
    """Return the terms but one."""
    return replace(terms, terms=tuple(each for each in terms.terms if each != term))


def columns_for(
    fit: LmerFit,
    terms: TermList,
    *,
    fixed: bool,
    change: Callable[[Value], Value] | None = None,
) -> Columns:
    """Return the columns of other terms of the model's variables, for the rows of the fit.

    Factors of random effects take the default contrasts, as in lme4. `change` is done to every
    variable first.
    """
    encoding, rows = fit.matrices.encoding, fit.matrices.row_index
    coding = code_terms(terms, frozenset(encoding.levels))
    used = {name for each in coding for name in each.variables}
    values: dict[str, Value] = {}
    for name, value in evaluate_all([terms], fit.frame, encoding.memory, used).items():
        present = value if rows is None else take(value, rows)
        matched = match_levels(name, present, encoding.levels.get(name))
        values[name] = matched if change is None else change(matched)
    levels = encoding.levels
    if not fixed:
        levels = {name: Levels(each.levels, each.ordered, None) for name, each in levels.items()}
    return columns_of(terms.intercept, coding, values, levels, fit.nobs)


def with_random(fit: LmerFit, position: int, effects: TermList | None) -> Reduced:
    """Fit with other effects in the random-effects term at a place, or without that term."""
    reduced = fit_with_random(fit, position, effects)
    return _without_random_effects(fit) if reduced is None else _summarised(reduced)


def fit_with_random(fit: LmerFit, position: int, effects: TermList | None) -> LmerFit | None:
    """Return that fit; None when no random effects are left.

    An intercept that stands in another term of the grouping factor already is not added again.
    """
    kept = [i for i in range(len(fit.matrices.random)) if i != position]
    terms = {i: fit.matrices.random[i] for i in kept}
    old = fit.matrices.random[position]
    if effects is not None:
        z = columns_for(fit, effects, fixed=False)
        new = RandomTerm(old.group, z.names, z.values, old.codes, old.levels)
        if (new.group, new.names) not in {(each.group, each.names) for each in terms.values()}:
            terms[position] = new
    if not terms:
        return None
    order = sorted(terms)
    matrices = replace(
        fit.matrices,
        random=tuple(terms[i] for i in order),
        bars=tuple(fit.matrices.bars[i] for i in order),
    )
    return fit_matrices(fit.call, matrices, fit.frame)


def without_fixed(fit: LmerFit, term: Term) -> Reduced:
    """Fit without a term of the fixed effects."""
    terms = without(fit.matrices.encoding.fixed, term)
    x = columns_for(fit, terms, fixed=True)
    matrices = replace(
        fit.matrices,
        names=x.names,
        columns=x.values,
        assign=x.assign,
        term_labels=tuple(terms.label(each) for each in terms.terms),
    )
    return _summarised(fit_matrices(fit.call, matrices, fit.frame))


def _summarised(fit: LmerFit) -> Reduced:
    blocks = [(term.group, term.names) for term in fit.matrices.random]
    return Reduced(fit.criterion, fit.n_parameters, blocks, fit.is_singular)


def _without_random_effects(fit: LmerFit) -> Reduced:
    """Return the linear model: the same criterion where all covariances are zero."""
    problem = fit.solution.problem
    zero = problem.parameters.roots(np.zeros(len(problem.parameters)))
    criterion = profile(problem, problem.structure.factorise(zero))[-1]
    return Reduced(criterion, len(fit.basis.kept) + 1, [], singular=False)
