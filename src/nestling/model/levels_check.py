"""What must hold between the equations of a model, each with its own message."""

from collections.abc import Iterator
from dataclasses import dataclass

from nestling.errors import FormulaError, did_you_mean
from nestling.model.composite import label, substitute
from nestling.model.equations_parts import Equation, Level, Term
from nestling.model.levels_parse import Factor, Product, SumEquation
from nestling.model.notation import problem
from nestling.model.notation_statements import Heading


@dataclass(frozen=True, slots=True)
class Placed:
    """An equation whose terms still know their places in the text."""

    level: int
    left: Factor
    terms: tuple[tuple[Term, Product], ...]

    @property
    def equation(self) -> Equation:
        """The equation without places."""
        return Equation(self.level, self.left.name, tuple(term for term, _ in self.terms))


def check_headings(headings: tuple[Heading, ...]) -> tuple[Level, ...]:
    """Return the levels that the headings describe.

    Raises
    ------
    FormulaError
        For a missing level, or a level described twice in different ways.
    """
    by_number: dict[int, Heading] = {}
    for heading in headings:
        other = by_number.setdefault(heading.number, heading)
        if heading.groups and other.groups and heading.groups != other.groups:
            crossed = f"{', '.join(other.groups)}, {', '.join(heading.groups)}"
            raise problem(
                f"Level {heading.number} is headed twice, with different grouping factors. Crossed "
                f"factors share a heading, Level {heading.number} ({crossed}):, and each of their "
                f"random effects says whose it is: u0[{heading.groups[0]}].",
                heading.place,
            )
        if heading.groups and not other.groups:
            by_number[heading.number] = heading
    top = max(by_number)
    for number in range(1, top + 1):
        if number not in by_number:
            raise problem(
                f"There is a Level {top} but no Level {number}; levels are numbered from 1, the "
                "lowest, without gaps.",
                by_number[top].place,
            )
    if len(by_number[1].groups) > 1:
        raise problem("Level 1 has one unit.", by_number[1].place)
    seen: dict[str, int] = {}
    for number in range(1, top + 1):
        for name in by_number[number].groups:
            if name in seen:
                raise problem(
                    f"{name!r} names both Level {seen[name]} and Level {number}.",
                    by_number[number].place,
                )
            seen[name] = number
    return tuple(Level(number, by_number[number].groups) for number in range(1, top + 1))


def check_left_sides(sums: tuple[SumEquation, ...]) -> dict[str, int]:
    """Return the modelled coefficients and the level of their equations.

    Raises
    ------
    FormulaError
        If the response has no equation or several, or a symbol is defined twice.
    """
    lowest = [one for one in sums if one.level == 1]
    if not lowest:
        raise problem(
            "No equation stands at Level 1; the response's equation is the Level-1 equation, as "
            "in 'Level 1 (ID): y = b0 + e'.",
            sums[0].left.place,
        )
    if len(lowest) > 1:
        raise problem(
            f"Level 1 has one equation, that of the response {lowest[0].left.name}; the equation "
            f"of the coefficient {lowest[1].left.name} belongs under a heading such as "
            "'Level 2 (Cluster):'.",
            lowest[1].left.place,
        )
    response = lowest[0].left
    defined: dict[str, int] = {}
    for one in sums:
        name = one.left.name
        if one is lowest[0]:
            continue
        if name == response.name:
            raise problem(
                f"The response {name} has its equation at Level 1; Level {one.level} holds the "
                "equations of coefficients.",
                one.left.place,
            )
        if name in defined:
            raise problem(
                f"The coefficient {name} has two equations; put all its terms in one.",
                one.left.place,
            )
        if one.left.column:
            raise problem(
                f"{name} is a column or a function; only the response and coefficients have "
                "equations.",
                one.left.place,
            )
        defined[name] = one.level
    return defined


def check_symbols(placed: tuple[Placed, ...]) -> None:
    """Check that each symbol stands once, has one meaning, and that none is left over.

    Raises
    ------
    FormulaError
        Pointing at the second use, or at the equation of an unused coefficient.
    """
    used: dict[str, Term] = {}
    for term, symbol, _ in walk(placed):
        if term.kind != "offset" and term.symbol in used:
            raise _used_twice(term, symbol)
        used[term.symbol] = term
    response = placed[0].left
    for term, symbol, predictors in walk(placed):
        for name, place in [(term.symbol, symbol), *((one.name, one) for one in predictors)]:
            if name == response.name:
                raise problem(
                    f"The response {name} stands on the right-hand side too.", place.place
                )
        for one in predictors:
            if one.name in used:
                kind = _WORDS[used[one.name].kind]
                raise problem(
                    f"{one.name} is {kind} elsewhere in the equations and a predictor here; give "
                    "one of them another name.",
                    one.place,
                )
    for higher in placed[1:]:
        if higher.left.name not in used:
            known = [
                term.symbol
                for lower in placed
                for term, _ in lower.terms
                if lower.level < higher.level and term.kind == "fixed"
            ]
            raise problem(
                f"No equation below Level {higher.level} has the coefficient {higher.left.name}."
                + (f" {did_you_mean(higher.left.name, known)}" if known else ""),
                higher.left.place,
            )


_WORDS = {
    "modelled": "a coefficient", "fixed": "a coefficient", "random": "a random effect",
    "residual": "the residual", "offset": "an offset",
}  # fmt: skip


def _used_twice(term: Term, symbol: Factor) -> FormulaError:
    if term.kind in {"random", "residual"}:
        return problem(
            f"The random effect {term.symbol} stands twice; each term has a random effect of its "
            "own.",
            symbol.place,
        )
    return problem(
        f"The coefficient {term.symbol} stands twice; each term has a coefficient of its own.",
        symbol.place,
    )


def check_residual(lowest: Placed) -> None:
    """Check that the Level-1 equation has exactly one residual.

    Raises
    ------
    FormulaError
        If it has none or several.
    """
    residuals = [(term, product) for term, product in lowest.terms if term.kind == "residual"]
    if not residuals:
        raise problem(
            f"The equation of {lowest.left.name} has no residual: end it with '+ e'.",
            lowest.left.place,
        )
    if len(residuals) > 1:
        first, second = residuals[0][0].symbol, residuals[1][0].symbol
        raise problem(
            f"{first} and {second} are both random terms of Level 1, which has one residual. A "
            f"random effect of a grouping factor is written {first}[Cluster], or stands in the "
            "equation of a coefficient at Level 2.",
            residuals[1][1][0].place,
        )


def check_terms(placed: tuple[Placed, ...], levels: tuple[Level, ...]) -> None:
    """Check what substitution makes of the equations.

    Raises
    ------
    FormulaError
        If a predictor is multiplied by itself, or two symbols belong to the same term.
    """
    places = {term.symbol: symbol for term, symbol, _ in walk(placed)}
    composite = substitute(levels, tuple(one.equation for one in placed))
    seen: dict[tuple[str | None, frozenset[str]], Term] = {}
    for term in (*composite.fixed, *composite.effects):
        for name in term.predictors:
            if term.predictors.count(name) > 1:
                raise problem(
                    f"Substitution multiplies {name} by itself in the term of {term.symbol}; a "
                    f"square is written {name}^2.",
                    places[term.symbol].place,
                )
        other = seen.setdefault((term.group, frozenset(term.predictors)), term)
        if other is not term:
            what = label(term.predictors)
            raise problem(
                f"{other.symbol} and {term.symbol} both belong to the term {what}"
                f"{f' of {term.group}' if term.group else ''}, so they cannot be told apart; keep "
                "one of them.",
                places[term.symbol].place,
            )


def walk(placed: tuple[Placed, ...]) -> Iterator[tuple[Term, Factor, tuple[Factor, ...]]]:
    """Yield each term with the factor that is its symbol and those that are predictors."""
    for one in placed:
        for term, product in one.terms:
            symbol = next(factor for factor in product if factor.name == term.symbol)
            yield term, symbol, tuple(factor for factor in product if factor is not symbol)
