"""A population as its arguments: to change some, to compare, to store."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentTypeError, did_you_mean
from nestling.model.equations import Equations
from nestling.model.families import read_family
from nestling.model.formula import parse
from nestling.simulate.coefficients import coefficient_name
from nestling.simulate.needs import needs_of
from nestling.simulate.symbols import by_group

if TYPE_CHECKING:
    from nestling.simulate.population import Population

ARGUMENTS = (
    "formula",
    "fixed",
    "random",
    "residual",
    "predictors",
    "weights",
    "offset",
    "contrasts",
    "departures",
    "family",
)


# Arguments whose entries are changed one by one.
ENTRIES = ("fixed", "random", "predictors")


def arguments(truth: "Population") -> dict[str, Any]:
    """Return the arguments that make this population again."""
    return {
        "formula": truth.stated_equations or truth.formula,
        "fixed": dict(truth.stated["fixed"]),
        "random": truth.stated["random"],
        "residual": truth.stated["residual"],
        "predictors": dict(truth.predictors),
        "weights": truth.weights,
        "offset": truth.offset,
        "contrasts": dict(truth.contrasts),
        "departures": truth.departures,
        "family": truth.family,
    }


def identity(truth: "Population") -> tuple[object, ...]:
    """Return what two equal populations share."""
    contrasts = {
        name: given if isinstance(given, str) else np.asarray(given).tolist()
        for name, given in truth.contrasts.items()
    }
    return (
        truth.formula.text,
        truth.stated_equations,
        truth.parameters,
        dict(truth.predictors),
        truth.weights,
        truth.offset,
        contrasts,
        truth.departures,
        truth.family,
    )


def changed(truth: "Population", changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with some of them changed; mappings entry by entry.

    With another formula, values of coefficients and grouping factors that it does not have are
    left out; with another family, a residual variance that it does not have.
    """
    made = arguments(truth)
    made |= {name: changes[name] for name in ARGUMENTS if name in changes and name not in ENTRIES}
    if "residual" not in changes and not read_family(made["family"]).has_residual:
        made["residual"] = None
    made["predictors"] |= _entries(changes, "predictors")
    equations = made["formula"] if isinstance(made["formula"], Equations) else None
    needs = truth.needs
    if "formula" in changes:
        formula = parse(str(getattr(made["formula"], "formula", made["formula"])))
        needs = needs_of(formula, made["predictors"], made["contrasts"])
    symbols = {name: value for name, value in changes.items() if name not in ARGUMENTS}
    for name in symbols:
        if equations is None or name not in equations.coefficients:
            known = [*ARGUMENTS, *(equations.coefficients if equations else ())]
            raise ArgumentTypeError(
                f"replace() has no argument {name!r}. {did_you_mean(name, known)}"
            )
    new = {
        coefficient_name(key, needs.coefficients, equations): value
        for key, value in [*_entries(changes, "fixed").items(), *symbols.items()]
    }
    old = {name: value for name, value in made["fixed"].items() if name in needs.coefficients}
    made["fixed"] = old | new
    groups = {term.group for term in needs.terms}
    spreads = {group: spread for group, spread in made["random"].items() if group in groups}
    for group, spread in by_group(_entries(changes, "random"), equations).items():
        before = spreads.get(group)
        if isinstance(before, Mapping) and isinstance(spread, Mapping):
            spreads[group] = {**before, **spread}
        else:
            spreads[group] = spread
    made["random"] = spreads
    return made


def _entries(changes: Mapping[str, Any], argument: str) -> dict[Any, Any]:
    """One of the arguments that are changed entry by entry."""
    given = changes.get(argument)
    if given is None:
        return {}
    if not hasattr(given, "items"):
        raise ArgumentTypeError(f"{argument}={given!r}; expected names with their new values.")
    return dict(given.items())
