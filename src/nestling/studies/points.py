"""The studies at the points of a curve, all with the same random numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nestling.errors import NestlingError
from nestling.random.streams import seed_sequence
from nestling.simulate.amounts import shown
from nestling.simulate.population import Population
from nestling.studies.along import Along
from nestling.studies.place import place_of
from nestling.studies.plan import make_plan
from nestling.studies.power_study import Power, one_power
from nestling.studies.questions import LRT
from nestling.studies.store import seed_inside


def points_of(
    truth: Any, design: Any, along: Along, n_sims: int, *, seed: Any, store: Any, **options: Any
) -> tuple[Power, ...]:
    """Return one study per point, in the order of the values.

    Along values of a fixed effect one study is enough: what is added to X beta is added to the
    estimates, and standard errors and degrees of freedom stay what they are.
    """
    values = along.values
    place = None if store is None else place_of(store)
    stores = [place and place.inside(f"{along.name}={shown(value)}") for value in values]
    seed = seed_sequence(seed_inside(place, seed))
    if along.kind == "fixed" and _fits_the_truth(truth, design, options):
        one = _at(truth, design, along, values[0], n_sims, seed=seed, store=stores[0], **options)
        return tuple(_shifted(one, along, value, truth) for value in values)
    return tuple(
        _at(truth, design, along, value, n_sims, seed=seed, store=kept, **options)
        for value, kept in zip(values, stores, strict=True)
    )


def _fits_the_truth(truth: Any, design: Any, options: dict[str, Any]) -> bool:
    """Whether another true effect does nothing but move the estimates by as much.

    The fitted model then has the truth's fixed effects, the response is normal around them, no
    departure looks at it, no hypothesis is tested beside it, and no stop rule sees the power.
    """
    if options.get("hypotheses") is not None or options.get("variances") or LRT in options["test"]:
        return False
    settings = {
        name: options[name] for name in ("formula", "reml", "test", "predictors") if name in options
    }
    plan = make_plan(truth, design, **settings, seed=0)
    same_model = plan.formula.text == truth.formula.text
    return same_model and truth.is_plain and options.get("mcse") is None


def _at(
    truth: Population, design: Any, along: Along, value: float, n_sims: int, **options: Any
) -> Power:
    try:
        return one_power(*along.at(truth, design, value), n_sims, **options)
    except NestlingError as error:
        raise type(error)(f"At {along.name} = {value:g}: {error}") from error


def _shifted(study: Power, along: Along, value: float, truth: Population) -> Power:
    changed = truth.replace(fixed={along.name: value})
    shift = np.zeros(len(study.names.fixed))
    shift[study.names.fixed.index(along.name)] = value - study.plan.true_values[along.name]
    replicates = replace(study.replicates, fixed=study.replicates.fixed + shift)
    return replace(study, plan=replace(study.plan, truth=changed), replicates=replicates)
