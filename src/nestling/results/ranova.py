"""Likelihood-ratio tests of the random effects, one reduction at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.model.expressions import deparse
from nestling.model.terms import TermList
from nestling.results.chi_bar import mixture_of
from nestling.results.deletions import Deletions
from nestling.results.likelihood_ratio import CORRECTED, blocks
from nestling.results.reduced import Reduced, droppable, with_random, without

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

TITLE = "ANOVA-like table for random-effects: Single term deletions"


def ranova(fit: LmerFit, *, reduce_terms: bool = True, boundary: bool = False) -> Deletions:
    """Test each random-effects term; see `ComparisonQuestions.ranova`."""
    import pandas as pd
    from scipy.special import chdtrc

    reduced = reductions(fit, reduce_terms=reduce_terms)
    models = [Reduced(fit.criterion, fit.n_parameters, blocks(fit), fit.is_singular)]
    models += reduced.values()
    table = pd.DataFrame(index=["<none>", *reduced])
    table["npar"] = [each.n_parameters for each in models]
    table["logLik"] = [-each.criterion / 2.0 for each in models]
    table["AIC"] = [each.criterion + 2.0 * each.n_parameters for each in models]
    statistics = [each.criterion - fit.criterion for each in models[1:]]
    dfs = [fit.n_parameters - each.n_parameters for each in models[1:]]
    tails = [float(chdtrc(df, max(x, 0.0))) if df > 0 else np.nan
             for x, df in zip(statistics, dfs, strict=True)]  # fmt: skip
    table["LRT"] = [np.nan, *statistics]
    table["Df"] = [np.nan, *dfs]
    table["Pr(>Chisq)"] = [np.nan, *tails]
    notes: list[str] = []
    if boundary:
        mixtures = [
            mixture_of(each.blocks, blocks(fit), df, singular=each.singular)
            for each, df in zip(models[1:], dfs, strict=True)
        ]
        corrected = [each.tail(max(x, 0.0)) for each, x in zip(mixtures, statistics, strict=True)]
        table[CORRECTED] = [np.nan, *corrected]
        notes = [f"{CORRECTED} of {name}: {mixture}"
                 for name, mixture in zip(reduced, mixtures, strict=True)]  # fmt: skip
    return Deletions(TITLE, (formula_text(fit),), table, tuple(notes))


def reductions(fit: LmerFit, *, reduce_terms: bool) -> dict[str, Reduced]:
    """Return the reduced models by the names lmerTest gives them, in the formula's order."""
    found = reducible(fit, reduce_terms=reduce_terms)
    return {name: with_random(fit, place, rest) for name, (place, rest) in found.items()}


def reducible(fit: LmerFit, *, reduce_terms: bool) -> dict[str, tuple[int, TermList | None]]:
    """Return which term can be reduced to what, by the names lmerTest gives it.

    None is a term that is left out.
    """
    found: dict[str, tuple[int, TermList | None]] = {}
    for index, bar in enumerate(fit.formula.random):
        position = fit.matrices.bars.index(index)
        effects = bar.effects
        if not (reduce_terms and effects.terms):
            found[f"({bar.text})"] = position, None
            continue
        for term in droppable(effects):
            rest = without(effects, term)
            if not rest.terms and not rest.intercept:
                rest = replace(rest, intercept=True)
            found[f"{effects.label(term)} in ({bar.text})"] = position, rest
    return found


def formula_text(fit: LmerFit) -> str:
    """Return the formula as R simplifies it: terms by order, interactions after the bars."""
    fixed = fit.matrices.encoding.fixed
    labels = [(len(term), fixed.label(term)) for term in fixed.terms]
    parts = [label for order, label in labels if order == 1]
    parts += [f"({bar.text})" for bar in fit.formula.random]
    parts += [label for order, label in labels if order > 1]
    parts += [f"offset({deparse(each)})" for each in fixed.offsets]
    end = "" if fixed.intercept else " - 1"
    return f"{fit.matrices.response_name} ~ {' + '.join(parts)}{end}"
