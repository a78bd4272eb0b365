"""Plain data to the arguments of a population: what `written` writes, and people by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from nestling.data.literal import read_literal
from nestling.design.design import Design, nested
from nestling.errors import EntryError, NestlingError, did_you_mean, dotted
from nestling.model.functions import FUNCTIONS
from nestling.model.levels import levels
from nestling.simulate.correlated import correlated
from nestling.simulate.listed import (
    DEPARTURES,
    DESIGNS,
    EFFECTS,
    FAMILIES,
    INSIDE,
    PREDICTORS,
    SPREADS,
    Calls,
)
from nestling.simulate.predictors import Computed, Predictor

Path: TypeAlias = tuple[str | int, ...]

# A quarter of a million numbers in one text; more than a description, and read in a second.
LONGEST: Final = 5_000_000

TABLES: Final = ("model", "fixed", "random", "predictors", "correlated", "contrasts")
MODEL: Final = (
    "formula", "levels", "subscripts", "residual", "weights", "offset", "family", "departures",
)  # fmt: skip
# Sizes may be drawn from what describes predictors.
SIZED: Final = {**PREDICTORS, **DESIGNS}
CALL: Final = re.compile(r"\s*(?:nl\.)?([A-Za-z_]\w*)\s*\(")


def arguments_of(data: Any) -> dict[str, Any]:
    """Read the arguments of `Population`.

    Raises
    ------
    EntryError
        With the path of the entry.
    """
    table = mapping(data, ())
    check_keys(table, TABLES, ())
    if "model" not in table:
        raise EntryError(
            (), "there is no table 'model' with a formula; nothing says what the model is."
        )
    made = _model(mapping(table["model"], ("model",)))
    made["fixed"] = {
        name: _value(each, EFFECTS, ("fixed", name)) for name, each in _table(table, "fixed")
    }
    made["random"] = {
        name: _value(each, SPREADS, ("random", name)) for name, each in _table(table, "random")
    }
    made["predictors"] = _predictors(table)
    made["contrasts"] = dict(_table(table, "contrasts"))
    return made


def design_of(data: Any, path: Path = ("design",)) -> Design:
    """Read a design: a call as text, or nested units with their sizes.

    Examples
    --------
    >>> design_of({"Cluster": 20, "ID": 50}).n, design_of("crossed(subject=30, item=20)").n
    (1000, 600)
    """
    if isinstance(data, str):
        made = read(data, SIZED, path)
        if not isinstance(made, Design):
            raise EntryError(
                path, f"{data!r} is no design; write for example 'nested(g=20, id=50)'."
            )
        return made
    units = {name: _value(size, SIZED, (*path, name)) for name, size in mapping(data, path).items()}
    for name, size in units.items():
        if isinstance(size, Design):
            raise EntryError((*path, name), "a design was given; expected a number of units.")
    return nested(**units)


def read(text: str, calls: Calls, path: Path) -> Any:
    """Read one text by the calls listed for it."""
    try:
        return read_literal(text, "", {**calls, **INSIDE}, longest=LONGEST)
    except NestlingError as error:
        raise EntryError(path, str(error).strip()) from error


def mapping(value: Any, path: Path) -> dict[str, Any]:
    """Refuse what is no mapping by text."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        shown = "a study" if not path else f"[{dotted(path)}]"
        raise EntryError(
            path, f"{_short(value)} was given; expected a table of names with values for {shown}."
        )
    return dict(value)


def check_keys(table: Mapping[str, Any], known: Iterable[str], path: Path) -> None:
    """Refuse keys that mean nothing."""
    listed = list(known)
    for key in table:
        if key not in listed:
            where = f"[{dotted(path)}] has" if path else "there is"
            raise EntryError((*path, key), f"{where} no key {key!r}. {did_you_mean(key, listed)}")


def text(value: Any, path: Path) -> str:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise EntryError(path, f"{_short(value)} was given; expected text in quotes.")
    return value


def _table(table: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    return mapping(table.get(name, {}), (name,)).items()


def _model(model: Mapping[str, Any]) -> dict[str, Any]:
    path: Path = ("model",)
    check_keys(model, MODEL, path)
    if ("formula" in model) == ("levels" in model):
        raise EntryError(path, "give the model once: a formula, or its equations as levels.")
    made: dict[str, Any] = {
        name: text(model[name], (*path, name)) for name in ("weights", "offset") if name in model
    }
    if "formula" in model:
        made["formula"] = text(model["formula"], (*path, "formula"))
    else:
        made["formula"] = _levels(model)
    if "residual" in model:
        made["residual"] = _value(model["residual"], SPREADS, (*path, "residual"))
    if "family" in model:
        said = text(model["family"], (*path, "family"))
        # a name alone stands for its family
        made["family"] = read(said, FAMILIES, (*path, "family")) if CALL.match(said) else said
    if "departures" in model:
        listed = model["departures"]
        given = [listed] if isinstance(listed, str) else listed
        if not isinstance(given, list):
            raise EntryError((*path, "departures"), f"{_short(given)} was given; expected a list.")
        made["departures"] = [
            read(text(each, (*path, "departures")), DEPARTURES, (*path, "departures"))
            for each in given
        ]
    return made


def _levels(model: Mapping[str, Any]) -> Any:
    subscripts = model.get("subscripts", "auto")
    try:
        return levels(text(model["levels"], ("model", "levels")), subscripts=subscripts)
    except EntryError:
        raise
    except NestlingError as error:
        raise EntryError(("model", "levels"), str(error)) from error


def _value(value: Any, calls: Calls, path: Path) -> Any:
    """Read a number, a call as text, or lists and tables of them."""
    if isinstance(value, str):
        return read(value, calls, path)
    if isinstance(value, Mapping):
        return {key: _value(each, calls, (*path, key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each, calls, path) for each in value]
    return value


def _predictors(table: Mapping[str, Any]) -> dict[str, Any]:
    made = {
        name: _predictor(each, ("predictors", name)) for name, each in _table(table, "predictors")
    }
    groups = table.get("correlated", [])
    if not isinstance(groups, list):
        raise EntryError(("correlated",), "expected [[correlated]], a list of tables.")
    for i, group in enumerate(groups):
        path: Path = ("correlated", i)
        check_keys(mapping(group, path), ("predictors", "corr", "cov"), path)
        names = group.get("predictors")
        if not isinstance(names, list):
            raise EntryError(
                path, "expected predictors = [...], the names of those that are correlated."
            )
        for name in names:
            if name not in made:
                raise EntryError(
                    (*path, "predictors"),
                    f"{name!r} is not described in [predictors]. {did_you_mean(str(name), made)}",
                )
        said = {key: group[key] for key in ("corr", "cov") if key in group}
        try:
            made |= correlated(**said, **{name: made[name] for name in names})
        except NestlingError as error:
            raise EntryError(path, str(error)) from error
    return made


def _predictor(value: Any, path: Path) -> Predictor:
    """Read what a predictor is: a listed call, or an expression of the others."""
    said = text(value, path)
    call = CALL.match(said)
    name = call.group(1) if call else ""
    if name in PREDICTORS:
        made = read(said, PREDICTORS, path)
        if isinstance(made, Predictor):
            return made
        raise EntryError(
            path, f"{said!r} describes no predictor; write for example 'normal(0, 1)'."
        )
    if name and name not in FUNCTIONS:
        known = did_you_mean(name, [*PREDICTORS, *FUNCTIONS])
        raise EntryError(
            path, f"{_short(said)} cannot be read: {name!r} is not a function here. {known}"
        )
    try:
        return Computed(said)
    except NestlingError as error:
        raise EntryError(path, str(error)) from error


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
