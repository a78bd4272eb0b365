"""What a population's family allows of its other arguments."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from nestling.errors import PopulationError
from nestling.model.equations import Equations
from nestling.model.expressions import deparse
from nestling.model.families_base import Family
from nestling.model.families_means import Binomial
from nestling.model.formula import Formula
from nestling.model.scales import INTERCEPT, residual_variance
from nestling.simulate.arguments import check_column
from nestling.simulate.coefficients import coefficient_name
from nestling.simulate.departures import Departure, ResidualDeparture
from nestling.simulate.effect_scales import Scaled
from nestling.simulate.inverse import response_of
from nestling.simulate.predictors import Predictor


def residual_of(family: Family, residual: object) -> float:
    """Read `residual=`; NaN for a family that has none.

    Raises
    ------
    PopulationError
        When it is missing, or given to a family without one.
    """
    if family.has_residual:
        return residual_variance(residual)
    if residual is not None:
        raise PopulationError(
            f"residual={residual}: {family} has no residual variance; the spread around the mean "
            "follows from the family. Leave residual= out."
        )
    return nan


def check_family(
    family: Family, formula: Formula, predictors: Mapping[str, Predictor], weights: str | None
) -> None:
    """Refuse a response, trials or weights that do not go with a family."""
    response = response_of(formula.response)
    if response.function and not family.has_residual:
        raise PopulationError(
            f"The response {deparse(formula.response)!r} is a function of a column; {family} "
            f"describes the column itself and has the link {family.link!r} of its own. "
            f"Write {response.column!r}."
        )
    if isinstance(family, Binomial) and isinstance(family.trials, str):
        check_column("trials", family.trials, predictors)
    if weights is not None and not family.takes_weights:
        remedy = (
            f"Trials of each row are nl.family('binomial', trials={weights!r})."
            if isinstance(family, Binomial)
            else "An exposure belongs in the offset, as its logarithm with the log link."
        )
        raise PopulationError(
            f"weights={weights!r}: weights divide a residual variance or a dispersion, which "
            f"{family} does not have. {remedy}"
        )


def check_departures(family: Family, departures: Sequence[Departure]) -> None:
    """Refuse departures of residuals where there are none."""
    for each in departures:
        if isinstance(each, ResidualDeparture) and not family.has_residual:
            raise PopulationError(
                f"departures= holds {each}, which changes the residuals; {family} has none. "
                "Departures of random effects and of the finished data go with any family."
            )


def with_thresholds(
    family: Family,
    fixed: Mapping[Any, Any],
    symbols: Mapping[str, Any],
    names: Sequence[str],
    equations: Equations | None,
) -> dict[Any, Any]:
    """Add the intercept of 0 that thresholds stand for, unless it is stated."""
    if family.name != "ordinal" or INTERCEPT not in names:
        return dict(fixed)
    keys = [*fixed, *(symbols if equations is not None else ())]
    stated = {coefficient_name(key, names, equations) for key in keys}
    return dict(fixed) if INTERCEPT in stated else {INTERCEPT: 0.0, **fixed}


def check_intercept(family: Family, effects: Mapping[str, float | Scaled]) -> None:
    """Refuse an intercept beside thresholds."""
    if family.name == "ordinal" and effects.get(INTERCEPT, 0.0) != 0.0:
        raise PopulationError(
            f"fixed= gives the intercept {effects[INTERCEPT]}, but {family} has thresholds in its "
            "place: to raise the intercept is to lower all of them. Leave it out, or give 0."
        )
