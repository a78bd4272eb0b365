"""A population as plain data: text, numbers, lists and mappings, complete and exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.model.equations import Equations
from nestling.model.levels import levels
from nestling.simulate import replace
from nestling.simulate.call_text import call_text
from nestling.simulate.correlated import Correlation, Joint
from nestling.simulate.predictors import Computed, Predictor

if TYPE_CHECKING:
    from nestling.simulate.population import Population

# What a response is unless another family is named.
NORMAL = "family('gaussian')"

# Arguments that are tables of their own, not entries of [model].
TABLES = ("fixed", "random", "predictors", "contrasts")


def written(truth: Population) -> dict[str, Any]:
    """Write a population as the tables of a study file.

    `model` (formula or levels, residual and whatever has one value), `fixed`, `random`,
    `predictors`, `correlated`, `contrasts`; what is not there is left out.
    """
    given = replace.arguments(truth)
    made: dict[str, Any] = {"model": _model(given)}
    made["fixed"] = plain(given["fixed"])
    made["random"] = plain(given["random"])
    made["predictors"] = {name: _predictor(each) for name, each in given["predictors"].items()}
    made["correlated"] = _correlated(given["predictors"])
    made["contrasts"] = plain(given["contrasts"])
    return {name: table for name, table in made.items() if table}


def plain(value: Any) -> Any:
    """Return numbers and text as they are, descriptions as their calls, the rest as lists.

    Examples
    --------
    >>> import nestling as nl
    >>> plain({"Cluster": nl.sd(2), "item": np.float64(1.5)})
    {'Cluster': 'sd(2)', 'item': 1.5}
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if is_dataclass(value):
        return call_text(value)
    if hasattr(value, "items"):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _model(given: Mapping[str, Any]) -> dict[str, Any]:
    formula = given["formula"]
    made: dict[str, Any] = {}
    if isinstance(formula, Equations):
        made["levels"] = str(formula)
        if levels(made["levels"]) != formula:
            made["subscripts"] = "keep"
    else:
        made["formula"] = formula.source
    for name, value in given.items():
        said = plain(value)
        if name not in {"formula", *TABLES} and said is not None and said != []:
            made[name] = said
    if made.get("family") == NORMAL:
        del made["family"]
    return made


def _predictor(predictor: Predictor) -> str:
    if isinstance(predictor, Joint):
        return call_text(predictor.group.members[predictor.position])
    if isinstance(predictor, Computed):
        return predictor.text
    return call_text(predictor)


def _correlated(predictors: Mapping[str, Predictor]) -> list[dict[str, Any]]:
    """Write each group of correlated predictors: their names and correlations."""
    groups: dict[tuple[str, ...], Correlation] = {}
    for each in predictors.values():
        if isinstance(each, Joint):
            groups[each.group.names] = each.group
    return [
        {"predictors": list(names), "corr": [list(row) for row in group.matrix]}
        for names, group in groups.items()
    ]
