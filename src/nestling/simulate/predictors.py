"""All kinds of predictors a population may have."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from nestling.simulate.assign import Assigned
from nestling.simulate.assignment import Assignment
from nestling.simulate.clustered import Clustered
from nestling.simulate.computed import Computed, in_order
from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.correlated import Joint
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.drawing import Stream
from nestling.simulate.marginals import (
    Bernoulli,
    Categorical,
    Constant,
    Given,
    Normal,
    Uniform,
)
from nestling.simulate.times import Time

Random: TypeAlias = (
    Normal
    | Uniform
    | Bernoulli
    | Categorical
    | Lognormal
    | Gamma
    | Beta
    | StudentT
    | Binomial
    | Poisson
    | Empirical
)
Fixed: TypeAlias = Constant | Given
Predictor: TypeAlias = Random | Fixed | Clustered | Joint | Computed | Time | Assignment


def is_random(predictor: Predictor) -> bool:
    """Whether a predictor needs a stream."""
    if isinstance(predictor, Time):
        return predictor.random
    if isinstance(predictor, Assignment):
        return predictor.is_random
    return not isinstance(predictor, Fixed | Computed)


def column_names(name: str, predictor: Predictor) -> tuple[str, ...]:
    """Columns a predictor makes: itself, and its parts when they are asked for."""
    own = predictor.own if isinstance(predictor, Joint) else predictor
    if isinstance(own, Clustered) and own.parts:
        return name, *own.part_names(name)
    return (name,)


def at(predictor: Predictor, level: str) -> Predictor:
    """Return the same predictor at this level."""
    if isinstance(predictor, Clustered):
        return dataclasses.replace(predictor, base=dataclasses.replace(predictor.base, level=level))
    if isinstance(predictor, Joint | Computed):
        return predictor
    if isinstance(predictor, Assignment) and not isinstance(predictor, Assigned):
        return predictor  # its rows follow from their place in the design
    return dataclasses.replace(predictor, level=level)


def with_parts(predictors: Mapping[str, Predictor], used: Iterable[str]) -> dict[str, Predictor]:
    """Ask for the parts X_within, X_between of predictors when these names are used."""
    wanted = set(used)
    for each in predictors.values():
        if isinstance(each, Computed):
            wanted |= set(each.names)
    made: dict[str, Predictor] = {}
    for name, each in predictors.items():
        own = each.own if isinstance(each, Joint) else each
        if isinstance(own, Clustered) and wanted & set(own.part_names(name)) - set(predictors):
            own = dataclasses.replace(own, parts=True)
            made[name] = dataclasses.replace(each, own=own) if isinstance(each, Joint) else own
        else:
            made[name] = each
    return made


__all__ = [
    "Assignment",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Clustered",
    "Computed",
    "Constant",
    "Empirical",
    "Fixed",
    "Gamma",
    "Given",
    "Joint",
    "Lognormal",
    "Normal",
    "Poisson",
    "Predictor",
    "Random",
    "Stream",
    "StudentT",
    "Time",
    "Uniform",
    "at",
    "column_names",
    "in_order",
    "is_random",
    "with_parts",
]
