"""Equations as text to the record `Equations`."""

from nestling.errors import ArgumentError, ArgumentTypeError, FormulaError
from nestling.model.equations import Equations
from nestling.model.equations_parts import Level
from nestling.model.levels_check import (
    Placed,
    check_headings,
    check_left_sides,
    check_residual,
    check_symbols,
    check_terms,
)
from nestling.model.levels_declared import check_declared
from nestling.model.levels_kinds import Known, term_of
from nestling.model.levels_parse import SumEquation, parse_equation
from nestling.model.levels_said import Declaration, parse_declaration
from nestling.model.levels_tree import spread_over_levels
from nestling.model.notation import Token, problem
from nestling.model.notation_statements import Heading, Statement, statements
from nestling.model.notation_subscripts import Subscripts, plain_names

_EXAMPLE = """for example
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1"""


def levels(text: str, *, subscripts: Subscripts = "auto") -> Equations:
    r"""Read a multilevel model written as equations by level, or as a composite.

    Parameters
    ----------
    text : str
        Equations under headings `Level 1 (unit):`, `Level 2 (grouping factor):` and so on, to
        any number of levels; or, without headings, one composite equation whose random effects
        say their grouping factor in brackets: `y = g00 + g10*X + u0[Cluster] + e`.
    subscripts : {'auto', 'keep', 'ignore'}
        What becomes of level indices in names. `auto` leaves out what is written as a subscript
        (`y_ij`, `X_{ij}`, `Xᵢⱼ`) and letters attached to symbols (`b0j`), and letters attached
        to columns (`X1ij`, `Zj`) only where the random terms of the text carry them too (`eij`,
        `u0j`); `keep` keeps every name as written; `ignore` drops them everywhere.

    Returns
    -------
    Equations

    Raises
    ------
    FormulaError
        If the text is no multilevel model; the message shows the line and points at the symbol.

    Notes
    -----
    A coefficient is modelled if it has an equation at a higher level. Of the other symbols,
    those named by convention `g γ b β p π ...` are fixed coefficients, `u r v e ε ...` random
    effects (alone at Level 1: the residual); what they are multiplied by are predictors. Where
    the names leave a question open: a column is written in backticks, a random effect with its
    grouping factor in brackets or as `w0 ~ N(0, tau)`, fixed coefficients on a line
    `Coefficients: slope, start`. `cov(u0, u1) = 0` makes random effects uncorrelated. Crossed
    factors share a heading: `Level 2 (subject, item): b0 = g00 + u0[subject] + w0[item]`.

    Examples
    --------
    >>> eq = levels('''
    ...     Level 1 (ID):      y_ij = β_0j + β_1j × X_ij + e_ij
    ...     Level 2 (Cluster): β_0j = γ_00 + u_0j
    ...                        β_1j = γ_10 + γ_11 × Z_j + u_1j
    ... ''')
    >>> eq.formula
    'y ~ 1 + X + X:Z + (1 + X | Cluster)'
    >>> levels("y = g00 + g10*X + u0[Cluster] + u1[Cluster]*X + e; cov(u0, u1) = 0").formula
    'y ~ 1 + X + (1 + X || Cluster)'
    """
    _check_arguments(text, subscripts)
    headings, found = statements(text)
    if not found:
        raise FormulaError(f"The text holds no equations. Write {_EXAMPLE}")
    _check_under_headings(headings, found)
    described = check_headings(headings) if headings else None
    groups = _bracketed(found)
    n_levels = len(described) if described else 1 + len(groups)
    sums: list[SumEquation] = []
    declared: list[Declaration] = []
    for statement in plain_names(found, n_levels, subscripts):
        said = parse_declaration(statement)
        if said is None:
            sums.append(parse_equation(statement))
        else:
            declared.append(said)
    if not sums:
        raise problem(f"The text holds no equation. Write {_EXAMPLE}", found[0].place)
    placed, hierarchy = _placed(tuple(sums), tuple(declared), described, groups)
    uncorrelated = check_declared(placed, hierarchy, tuple(declared))
    equations = tuple(one.equation for one in placed)
    if described is None:
        return spread_over_levels(equations[0], groups, uncorrelated)
    return Equations(hierarchy, equations, uncorrelated)


def _check_arguments(text: str, subscripts: str) -> None:
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"nl.levels() takes the equations as text; got {type(text).__name__}. Write {_EXAMPLE}"
        )
    if subscripts not in {"auto", "keep", "ignore"}:
        raise ArgumentError(
            f"subscripts={subscripts!r} is unknown; expected 'auto', 'keep' or 'ignore'."
        )


def _check_under_headings(headings: tuple[Heading, ...], found: tuple[Statement, ...]) -> None:
    for one in found:
        if headings and one.heading is None:
            raise problem(
                "This line stands before the first heading; begin the text with 'Level 1 (ID):'.",
                one.place,
            )


def _bracketed(found: tuple[Statement, ...]) -> tuple[str, ...]:
    """Return the grouping factors in brackets, in the order of the text."""
    groups: dict[str, None] = {}
    for one in found:
        inside: list[Token] | None = None
        for token in one.tokens:
            if token.text == "[":
                inside = []
            elif token.text == "]" and inside is not None:
                groups["".join(part.text for part in inside)] = None
                inside = None
            elif inside is not None:
                inside.append(token)
    return tuple(groups)


def _placed(
    sums: tuple[SumEquation, ...],
    declared: tuple[Declaration, ...],
    described: tuple[Level, ...] | None,
    groups: tuple[str, ...],
) -> tuple[tuple[Placed, ...], tuple[Level, ...]]:
    """Decide what every symbol is and check that the equations fit together."""
    if described is None and len(sums) > 1:
        raise problem(
            "Several equations need headings that say their level, such as 'Level 1 (ID):' and "
            "'Level 2 (Cluster):'; a text without headings is one composite equation.",
            sums[1].left.place,
        )
    defined = check_left_sides(sums)
    hierarchy = described or (Level(1, ()), *([Level(2, groups)] if groups else []))
    known = Known(hierarchy, defined, _declared(declared, "fixed"), _declared(declared, "random"))
    ordered = sorted(sums, key=lambda one: one.level)
    placed = []
    for one in ordered:
        terms = tuple((term_of(product, one.level, known), product) for product in one.products)
        placed.append(Placed(one.level, one.left, terms))
    check_residual(placed[0])
    check_symbols(tuple(placed))
    check_terms(tuple(placed), hierarchy)
    return tuple(placed), hierarchy


def _declared(declared: tuple[Declaration, ...], says: str) -> frozenset[str]:
    return frozenset(one.name for line in declared if line.says == says for one in line.symbols)
