"""The way back: a formula to equations by level."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from nestling.data.door import read
from nestling.errors import ArgumentError, FormulaError
from nestling.model.composite import Composite, label
from nestling.model.equations import Equations
from nestling.model.equations_parts import Level, Term
from nestling.model.expressions import Name, Number, deparse, names_in
from nestling.model.formula import Bar, Formula, parse
from nestling.model.levels_hierarchy import from_data, from_design, from_names, said
from nestling.model.levels_tree import spread
from nestling.model.terms import TermList, expand


def levels_of(
    formula: str,
    data_or_design: Any = None,
    *,
    at: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Equations:
    """Write a formula as equations by level.

    Parameters
    ----------
    formula : str
        An lme4 formula.
    data_or_design : data frame, dict or design, optional
        Data say at which level each predictor varies (one that is constant in every Cluster is
        of that level) and which grouping factor is inside which. A design says how units are
        nested. Without either, grouping factors are crossed unless their names say more
        (`school:class` is inside `school`).
    at : mapping of str to str, optional
        Predictors and the grouping factor at whose level they stand, `{"Z": "Cluster"}`;
        without data, all others are of Level 1.
    unit : str, optional
        Name of the Level-1 unit; a design's lowest unit by default.

    Returns
    -------
    Equations
        Coefficients are named g00, g01, g10, ...; random effects u0, u1; the residual e. Every
        coefficient has its equation up to the top level, and the terms come in the order of
        the equations: `eq.formula` has the same terms as the formula given.

    Raises
    ------
    FormulaError
        If the formula cannot be read or has no equations of this kind.
    DataError
        If the data do not have a column.
    ArgumentError
        If `at` or `unit` do not fit the formula.

    Examples
    --------
    >>> eq = levels_of("y ~ X * Z + (1 + X | Cluster)", at={"Z": "Cluster"}, unit="ID")
    >>> print(eq)
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + g11*Z + u1
    >>> eq.formula
    'y ~ 1 + Z + X + Z:X + (1 + X | Cluster)'
    """
    if "=" in (text := str(formula)) and "~" not in text:
        raise FormulaError(
            f"{text.strip()!r} is an equation, not a formula; nl.levels() reads equations."
        )
    parsed = parse(formula)
    units = _units(data_or_design)
    frame = None if units is not None or data_or_design is None else read(data_or_design)
    fixed = _fixed(parsed, () if frame is None else frame.names)
    groups = tuple(dict.fromkeys(_group(bar) for bar in parsed.random))
    columns = _columns([fixed, *(bar.effects for bar in parsed.random)])
    variables = list(dict.fromkeys(name for names in columns.values() for name in names))
    level_of: dict[str, int] = {}
    if frame is not None:
        levels, level_of = from_data(frame, groups, variables)
    elif units is not None:
        levels = from_design(units, groups)
        lowest = next(reversed(units))
        unit = lowest if unit is None and lowest not in groups else unit
    else:
        levels = from_names(groups)
    if unit in groups:
        raise ArgumentError(f"unit={unit!r} is a grouping factor of the formula, not the unit.")
    levels = (Level(1, (unit,) if unit is not None else ()), *levels[1:])
    placed = said(at or {}, levels, unit, (*columns, *variables))
    _check_constant(placed, level_of)
    level_of |= placed
    at_level = {
        text: level_of.get(text, min((level_of.get(name, 1) for name in names), default=1))
        for text, names in columns.items()
    }
    return spread(_composite(parsed, fixed), levels, at_level)


def _check_constant(placed: dict[str, int], found: dict[str, int]) -> None:
    for name, level in placed.items():
        if level > found.get(name, level):
            raise ArgumentError(
                f"at= places {name!r} at Level {level}, but in the data it varies within the units "
                f"of that level: it is of Level {found[name]}."
            )


def _units(given: Any) -> dict[str, tuple[str, ...]] | None:
    """Return a design's units, outermost first, with what each is nested in; None for data."""
    names = getattr(given, "names", None)
    if not isinstance(names, tuple) or hasattr(given, "column") or hasattr(given, "columns"):
        return None
    inside = getattr(given, "inside", None)
    if inside is None:
        inside = {name: names[:position] for position, name in enumerate(names)}
    return {name: tuple(inside[name]) for name in names}


def _fixed(formula: Formula, columns: tuple[str, ...]) -> TermList:
    """Expand the fixed part; `.` is every column but the response, as in a fit."""
    if formula.fixed is None:
        return expand(Number(1.0))
    used = names_in(formula.response)
    dot = tuple(name for name in columns if name not in used)
    if "." in names_in(formula.fixed) and not dot:
        raise FormulaError("'.' stands for the columns of the data; give the data as well.")
    return expand(formula.fixed, dot)


def _columns(parts: Iterable[TermList]) -> dict[str, list[str]]:
    """Return the columns that each variable of the formula is made of."""
    return {
        text: names_in(node)
        for part in parts
        for text, node in zip(part.variables, part.expressions, strict=True)
    }


def _group(bar: Bar) -> str:
    """Name a grouping factor by its columns, `school:class`."""
    parts = []
    for node in bar.factors:
        if not isinstance(node, Name):
            raise FormulaError(
                f"The grouping factor {deparse(node)} is no column; make it one, so that its level "
                "can have a name."
            )
        parts.append(node.text)
    return ":".join(parts)


def _composite(formula: Formula, fixed: TermList) -> Composite:
    """Collect the terms of a formula; their symbols are still to be made."""
    random = tuple(
        tuple(replace(term, kind="random", group=_group(bar)) for term in _terms(bar.effects))
        for bar in formula.random
    )
    _check_once(random)
    return Composite(
        response=formula.response_name,
        fixed=_terms(fixed),
        offsets=tuple(f"offset({deparse(node)})" for node in fixed.offsets),
        random=random,
        residual="",
    )


def _terms(part: TermList) -> tuple[Term, ...]:
    intercept = (Term("", "fixed"),) if part.intercept else ()
    products = (tuple(name for name in part.variables if name in term) for term in part.terms)
    return (*intercept, *(Term("", "fixed", predictors) for predictors in products))


def _check_once(random: tuple[tuple[Term, ...], ...]) -> None:
    every = sorted(
        (str(term.group), tuple(sorted(term.predictors))) for block in random for term in block
    )
    for first, second in pairwise(every):
        if first == second:
            raise FormulaError(
                f"The formula has the random effect {label(first[1])} of {first[0]} twice; "
                "equations have it once."
            )
