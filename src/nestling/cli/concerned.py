"""Which entry of a study file an error of the library speaks of, found by the names it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from nestling.errors import FormulaError
from nestling.simulate.listed import DEPARTURES, FAMILIES, SPREADS

Path: TypeAlias = tuple[str | int, ...]

TABLES: Final = ("random", "fixed", "predictors", "contrasts", "design")
ENTRIES: Final = ("residual", "weights", "offset", "departures", "family", "formula")
ARGUMENT: Final = re.compile(rf"\b({'|'.join((*TABLES, *ENTRIES))})(?:=| names| gives| states)")
NOUNS: Final = {
    "predictors": r"predictor '",
    "fixed": r"fixed effect '",
    "random": r"grouping factor '",
    "design": r"size|outermost|units or rows",
}
QUOTED: Final = re.compile(r"'([^']*)'")
CALL: Final = re.compile(r"\bnl\.(\w+)\(")


def of_population(error: Exception, data: Mapping[str, Any]) -> Path:
    """Return the path to what an error about a population or its data speaks of.

    Examples
    --------
    >>> from nestling.errors import PopulationError
    >>> of_population(PopulationError("fixed= names 'W', which is not a coefficient. Known: 'X'."),
    ...               {"fixed": {"X": 1, "W": 2}})
    ('fixed', 'W')
    """
    said = _first_sentence(error)
    model = ("model", "levels" if "levels" in data.get("model", {}) else "formula")
    if isinstance(error, FormulaError):
        return model
    named: list[str] = ARGUMENT.findall(said)
    tables = [name for name in named if name in TABLES] or ([] if named else _tables(said))
    found = _entry(names_in(error), tables, data)
    if found is None and not named:
        calls = CALL.findall(said)
        named = ["departures" for name in calls if name in DEPARTURES]
        named += ["family" for name in calls if name in FAMILIES]
        named += ["random" for name in calls if name in SPREADS]
    if found is None and named:
        name = named[0]
        found = (name,) if name in TABLES else ("model", name)
        if not _there(found, data):
            return model
    return found or _entry(_words(said, data), TABLES, data) or model


def of_section(error: Exception, data: Mapping[str, Any], section: str) -> Path:
    """Return the path to what an error about the arguments of a study speaks of.

    Examples
    --------
    >>> of_section(ValueError("along names 'h', no unit."), {"curve": {"along": {"h": [1]}}},
    ...            "curve")
    ('curve', 'along', 'h')
    """
    said, table = _first_sentence(error), data.get(section, {})
    if "seed" in said and "seed" in data and "seed" not in table:
        return ("seed",)
    for word in re.findall(r"\w+", said):
        if word in table:
            inside = table[word] if isinstance(table[word], Mapping) else {}
            deeper = next((name for name in names_in(error) if name in inside), None)
            return (section, word) if deeper is None else (section, word, deeper)
    found = _entry(names_in(error), _tables(said), data)
    if found is not None:
        return found
    if not table:
        return of_population(error, data)
    return (section, "formula") if "formula" in table else (section,)


def names_in(error: Exception) -> list[str]:
    """Return the names in quotes in what an error says is wrong.

    Examples
    --------
    >>> names_in(ValueError("fixed= names 'W'. Did you mean 'X'?"))
    ['W']
    """
    return QUOTED.findall(_first_sentence(error))


def _tables(said: str) -> list[str]:
    """Return the tables, those first that a sentence calls by what is in them."""
    return sorted(
        TABLES, key=lambda table: re.search(NOUNS.get(table, "(?!)"), said.lower()) is None
    )


def _first_sentence(error: Exception) -> str:
    """Return what is wrong, without what there is and what to do."""
    return re.split(r"[.;] |\n", str(error))[0]


def _entry(names: Iterable[str], tables: Iterable[str], data: Mapping[str, Any]) -> Path | None:
    for table in tables:
        for name in names:
            if _there((table, name), data):
                return table, name
    return None


def _there(path: Path, data: Mapping[str, Any]) -> bool:
    here: Any = data
    for key in path:
        if not isinstance(here, Mapping) or key not in here:
            return False
        here = here[key]
    return True


def _words(said: str, data: Mapping[str, Any]) -> list[str]:
    """Names of entries that stand in a sentence without quotes."""
    names = [
        name for table in TABLES if isinstance(data.get(table), Mapping) for name in data[table]
    ]
    return [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)]
