"""The arguments of a population, each read and checked by itself."""

from collections.abc import Mapping
from typing import Any

from nestling.errors import ArgumentTypeError, PopulationError, did_you_mean
from nestling.model.equations import Equations
from nestling.model.formula import Formula, parse
from nestling.simulate.predictors import Computed, Given, Joint, Predictor, at


def parsed(formula: object) -> Formula:
    """Read `formula=`: text, equations, or a formula already read."""
    if isinstance(formula, Formula):
        return formula
    if isinstance(formula, Equations):
        return parse(formula.formula)
    if isinstance(formula, str):
        return parse(formula)
    raise ArgumentTypeError(
        f"formula is {formula!r}; expected a formula such as 'y ~ X + (1 | Cluster)' or equations "
        "from nl.levels()."
    )


def mapping(argument: str, given: Any) -> dict[Any, Any]:
    """Read a mapping, or a pandas Series such as `fit.fixef`."""
    if given is None:
        return {}
    if not hasattr(given, "items"):
        example = "{'(Intercept)': 2}" if argument == "fixed" else "{'Cluster': 5}"
        raise ArgumentTypeError(f"{argument}={given!r}; expected names with values: {example}.")
    return dict(given.items())


def described(predictors: Any) -> dict[str, Predictor]:
    """Read `predictors=`: names with descriptions."""
    if predictors is None:
        return {}
    if not isinstance(predictors, Mapping):
        raise ArgumentTypeError(
            f"predictors={predictors!r}; expected names with what they are, such as "
            "{'X': nl.normal(0, 1)}."
        )
    read = {
        name: Computed(each) if isinstance(each, str) else each for name, each in predictors.items()
    }
    for name, predictor in read.items():
        if not isinstance(name, str) or not isinstance(predictor, Predictor):
            raise ArgumentTypeError(
                f"predictors= describes {name!r} by {predictor!r}; expected nl.normal, "
                "another distribution, nl.constant, nl.values for an array, or an expression "
                "of the others as text."
            )
        if name == "residual":
            raise PopulationError(
                "A predictor is named 'residual', the name under which seed= knows the residuals; "
                "rename it."
            )
        if isinstance(predictor, Joint):
            _check_together(name, predictor, read)
    return read


def _check_together(name: str, joint: Joint, predictors: Mapping[str, object]) -> None:
    """Refuse predictors of one nl.correlated() that are renamed or without the others."""
    for position, each in enumerate(joint.group.names):
        there = predictors.get(each)
        if (
            not isinstance(there, Joint)
            or there.group != joint.group
            or there.position != position
            or joint.group.names[joint.position] != name
        ):
            raise PopulationError(
                f"{name!r} comes from nl.correlated() of {', '.join(joint.group.names)}; all of "
                "them stand in predictors= under these names. Describe them anew, together."
            )


def levels_from(
    equations: Equations | None, predictors: dict[str, Predictor]
) -> dict[str, Predictor]:
    """Give predictors without a level the level of the equation they stand in."""
    if equations is None:
        return predictors
    stated = equations.predictor_levels
    made: dict[str, Predictor] = {}
    for name, predictor in predictors.items():
        level = stated.get(name)
        if level in {None, equations.unit} or predictor.level or isinstance(predictor, Given):
            made[name] = predictor
        else:
            made[name] = at(predictor, str(level))
    return made


def check_column(argument: str, name: object, predictors: Mapping[str, Predictor]) -> None:
    """Refuse `weights=` or `offset=` that names no predictor."""
    if name is None:
        return
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"{argument}= takes the name of a predictor; describe the values there, with "
            "nl.values(...) if they are given."
        )
    if name not in predictors:
        hint = did_you_mean(name, predictors) if predictors else ""
        raise PopulationError(
            f"{argument}={name!r} is not described in predictors=. {hint}".rstrip()
        )
