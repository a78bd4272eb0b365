"""Fixed effects as users state them, by coefficient name or by symbol, to one number per column."""

from collections.abc import Mapping, Sequence

from nestling.errors import ArgumentTypeError, FormulaError, PopulationError, did_you_mean
from nestling.model.equations import Equations
from nestling.model.spreads import number
from nestling.simulate.effect_scales import Scaled


def fixed_effects(
    given: Mapping[str, object],
    symbols: Mapping[str, object],
    names: Sequence[str],
    equations: Equations | None,
) -> dict[str, float | Scaled]:
    """One value per coefficient, in the order of `names`.

    Parameters
    ----------
    given : mapping
        Coefficient name to value; with equations also symbol to value.
    symbols : mapping
        Symbol to value, given as keywords.
    names : sequence of str
        Coefficients of the formula, as lme4 names them.
    equations : Equations or None
        Where the symbols come from.

    Raises
    ------
    PopulationError
        When a coefficient is missing, unknown or given twice.
    """
    values: dict[str, float | Scaled] = {}
    for key, value in [*given.items(), *symbols.items()]:
        if equations is None and key in symbols:
            raise ArgumentTypeError(
                f"nl.Population() has no argument {key!r}. Coefficients are given by symbol only "
                "with equations (nl.levels); with a formula write fixed={'(Intercept)': ...}."
            )
        name = coefficient_name(key, names, equations)
        if name in values:
            raise PopulationError(f"The coefficient {name!r} is given twice, once as {key!r}.")
        values[name] = (
            value if isinstance(value, Scaled) else number(value, f"the fixed effect {key!r}")
        )
    missing = [name for name in names if name not in values]
    if missing:
        raise PopulationError(
            f"{_missing(missing, equations)} have no value in fixed=. {_needs(names, equations)}"
        )
    return {name: values[name] for name in names}


def coefficient_name(key: object, names: Sequence[str], equations: Equations | None) -> str:
    """Name of the coefficient that a name or, with equations, a symbol stands for.

    Raises
    ------
    PopulationError
        When there is none.
    """
    if key in names:
        return str(key)
    if not isinstance(key, str):
        raise ArgumentTypeError(f"fixed= has the key {key!r}; expected names of coefficients.")
    if equations is None:
        raise PopulationError(
            f"fixed= names {key!r}, which is not a coefficient of the formula. "
            f"{did_you_mean(key, names)} {_needs(names, None)}"
        )
    try:
        term = equations.term_of(key)
    except FormulaError:
        known = [*equations.coefficients, *names]
        raise PopulationError(
            f"{key!r} is neither a coefficient's symbol in the equations nor its name in the "
            f"formula. {did_you_mean(key, known)} {_needs(names, equations)}"
        ) from None
    if term not in names:
        own = [name for name in names if _without_levels(name, term)]
        raise PopulationError(
            f"The symbol {key!r} stands for the term {term!r}, which is a factor with "
            f"{len(own)} coefficients. Give each by name in fixed=: {', '.join(map(repr, own))}."
        )
    return term


def _without_levels(name: str, term: str) -> bool:
    """Whether a coefficient such as 'trtB:X' belongs to the term 'trt:X'."""
    parts, variables = name.split(":"), term.split(":")
    return len(parts) == len(variables) and all(
        part.startswith(variable) for part, variable in zip(parts, variables, strict=True)
    )


def _missing(missing: Sequence[str], equations: Equations | None) -> str:
    symbols = _symbols(equations)
    return ", ".join(
        f"{name!r}{f' ({symbols[name]})' if name in symbols else ''}" for name in missing
    )


def _needs(names: Sequence[str], equations: Equations | None) -> str:
    symbols = _symbols(equations)
    shown = ", ".join(f"{symbols[n]} = {n!r}" if n in symbols else repr(n) for n in names)
    return f"The formula needs {shown or 'no fixed effects'}."


def _symbols(equations: Equations | None) -> dict[str, str]:
    if equations is None:
        return {}
    return {name: symbol for symbol, name in equations.coefficients.items()}
