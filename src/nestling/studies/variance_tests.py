"""Likelihood-ratio tests of random effects in a replicate, and in its like without the effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.model.terms import TermList
from nestling.results.chi_bar import mixture_of
from nestling.results.likelihood_ratio import blocks
from nestling.results.lmer_fit import LmerFit
from nestling.results.ranova import reducible
from nestling.results.reduced import columns_for, with_random
from nestling.simulate.population import Population
from nestling.simulate.without_effects import without_effects


@dataclass(frozen=True, slots=True)
class Reduction:
    """One random effect, with its covariances, that a model can do without.

    Attributes
    ----------
    name : str
        As `fit.ranova` names it.
    position : int
        Of its term among the model's.
    rest : TermList or None
        What the term keeps; None when it goes.
    group : str
    effects : tuple of str
        What goes.
    """

    name: str
    position: int
    rest: TermList | None
    group: str
    effects: tuple[str, ...]

    def truth(self, truth: Population) -> float:
        """Return the true variance; the sum of several; zero where the truth has no such effect."""
        return float(
            sum(
                term.covariance[k, k]
                for term in truth.parameters.terms
                if term.group == self.group
                for k, name in enumerate(term.names)
                if name in self.effects
            )
        )

    def null(self, truth: Population) -> Population:
        """Return the truth without the effect."""
        return without_effects(truth, self.group, self.effects)


def reductions_of(fit: LmerFit, wanted: bool | Sequence[str]) -> tuple[Reduction, ...]:
    """Return the reductions of `fit.ranova()`, or those named; whole terms can be named too.

    Raises
    ------
    ArgumentError
        For a name that is none of them.
    """
    if wanted is False:
        return ()
    default = reducible(fit, reduce_terms=True)
    known = {**default, **reducible(fit, reduce_terms=False)}
    names = tuple(default) if wanted is True else tuple(dict.fromkeys(wanted))
    found = []
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"variances={name!r} is none of the model's random effects. "
                f"{did_you_mean(name, tuple(known))}"
            )
        position, rest = known[name]
        term = fit.matrices.random[position]
        kept = () if rest is None else columns_for(fit, rest, fixed=False).names
        gone = tuple(each for each in term.names if each not in kept)
        found.append(Reduction(name, position, rest, term.group, gone))
    return tuple(found)


def variance_test(fit: LmerFit, reduction: Reduction) -> float:
    """Return the p value that `fit.ranova(boundary=True)` gives."""
    reduced = with_random(fit, reduction.position, reduction.rest)
    df = fit.n_parameters - reduced.n_parameters
    mixture = mixture_of(reduced.blocks, blocks(fit), df, singular=reduced.singular)
    return mixture.tail(max(reduced.criterion - fit.criterion, 0.0)) if df > 0 else np.nan
