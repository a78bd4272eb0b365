"""The equations of a population: those it was given, or those its formula stands for."""

from typing import TYPE_CHECKING, Any

from nestling.design.design import Design
from nestling.errors import ArgumentTypeError
from nestling.model.equations import Equations
from nestling.model.levels_of import levels_of
from nestling.simulate.needs import variables_of

if TYPE_CHECKING:
    from nestling.simulate.population import Population


def equations_of(truth: "Population", design: Any) -> Equations:
    """Write a population's model by levels; see `Population.equations`."""
    if design is not None and not isinstance(design, Design):
        raise ArgumentTypeError(
            f"design is of type {type(design).__name__}; expected a design such as "
            "nl.nested(Cluster=20, ID=50), or None."
        )
    if truth.stated_equations is not None:
        return truth.stated_equations
    groups = {term.group for term in truth.parameters.terms}
    used = set(variables_of(truth.formula))
    levels = {
        name: each.level
        for name, each in truth.predictors.items()
        if name in used and each.level in groups
    }
    return levels_of(truth.formula.source, design, at=levels)
