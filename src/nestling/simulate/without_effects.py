"""A population in which some random effects do not vary: the hypothesis of a variance test."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.model.parameters import TermParameters

if TYPE_CHECKING:
    from nestling.simulate.population import Population


def without_effects(truth: Population, group: str, effects: Collection[str]) -> Population:
    """Return the population with these variances, and their covariances, zero.

    All other values stay as they are, also those that were stated as shares of a total. Streams
    stay too: what does not depend on the variances is drawn alike.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 5}, 3)
    >>> float(without_effects(truth, "g", ["(Intercept)"]).varcorr["vcov"].iloc[0])
    0.0
    """
    terms = tuple(
        _without(term, effects) if term.group == group else term for term in truth.parameters.terms
    )
    made = copy(truth)
    # a frozen record of values that were checked when `truth` was made
    object.__setattr__(made, "parameters", replace(truth.parameters, terms=terms))
    return made


def _without(term: TermParameters, effects: Collection[str]) -> TermParameters:
    stays = np.array([name not in effects for name in term.names], dtype=float)
    return replace(term, covariance=term.covariance * np.outer(stays, stays))
