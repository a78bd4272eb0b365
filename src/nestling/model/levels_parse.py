"""Equations to sums of products, by recursive descent over an allow-list of tokens."""

from dataclasses import dataclass, replace
from itertools import product
from math import prod

from nestling.errors import FormulaError
from nestling.model.expressions import Name, deparse
from nestling.model.functions import FUNCTIONS
from nestling.model.levels_cursor import Cursor, unexpected
from nestling.model.notation import Place, Token, close_to, problem
from nestling.model.notation_statements import Heading, Statement, group_name
from nestling.model.parser import parse_expression

_DEEPEST = 30
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a product.

    `column` is True when the notation itself says that this is a predictor: a name in
    backticks, a function call, a power. `group` is the grouping factor in brackets.
    """

    name: str
    place: Place
    column: bool = False
    group: str | None = None
    offset: bool = False


Product = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class SumEquation:
    """`left = products`, under a heading or under none."""

    heading: Heading | None
    left: Factor
    products: tuple[Product, ...]

    @property
    def level(self) -> int:
        """The level of its heading; 1 without one."""
        return self.heading.number if self.heading else 1


def parse_equation(statement: Statement) -> SumEquation:
    """Read `left = sum of products`; sums in parentheses are multiplied out.

    Raises
    ------
    FormulaError
        For anything else, with the line and a caret.
    """
    cursor = Cursor(statement)
    left = _left(cursor)
    products = _sum(cursor, 0)
    if (token := cursor.peek()) is not None:
        if token.text == "=":
            raise problem("An equation has one '='.", token.place)
        unexpected(token)
    return SumEquation(statement.heading, left, products)


def _left(cursor: Cursor) -> Factor:
    """Read the left side up to and with '='."""
    token = cursor.take()
    if token.kind not in {"name", "quoted"}:
        raise problem(
            "An equation begins with the name of the response or of a coefficient, as in "
            "'y = b0 + e'.",
            token.place,
        )
    left = _call(cursor, token) if cursor.sees("(") else _named(token)
    if not cursor.sees("="):
        raise problem(
            f"Expected '=' after {left.name!r}: an equation reads 'b0 = g00 + u0'.",
            (cursor.peek() or cursor.statement.tokens[-1]).place,
        )
    cursor.take()
    return left


def _named(token: Token) -> Factor:
    if token.kind == "quoted":
        return Factor(deparse(Name(token.text)), token.place, column=True)
    return Factor(token.text, token.place)


def _sum(cursor: Cursor, depth: int) -> tuple[Product, ...]:
    products = list(_product(cursor, depth))
    while (token := cursor.peek()) is not None and token.text in {"+", "-"}:
        if token.text == "-":
            raise problem(
                "A minus sign has no place in an equation: write '+' and give the coefficient a "
                "negative value.",
                token.place,
            )
        cursor.take()
        products += _product(cursor, depth)
        if len(products) > _LONGEST:
            raise problem(f"More than {_LONGEST} terms in one equation.", token.place)
    return tuple(products)


def _product(cursor: Cursor, depth: int) -> tuple[Product, ...]:
    """Read factors joined by '*', or side by side in LaTeX."""
    factors = [_factor(cursor, depth)]
    while (token := cursor.peek()) is not None:
        if token.kind == "op" and token.text in {"*", ":"}:
            cursor.take()
        elif not (cursor.statement.implicit_products and _begins_factor(token)):
            break
        factors.append(_factor(cursor, depth))
    if prod(map(len, factors)) > _LONGEST:
        raise problem(f"More than {_LONGEST} terms in one product.", factors[0][0][0].place)
    return tuple(sum(choice, ()) for choice in product(*factors))


def _begins_factor(token: Token) -> bool:
    return token.kind in {"name", "quoted"} or token.text == "("


def _factor(cursor: Cursor, depth: int) -> tuple[Product, ...]:
    token = cursor.take()
    if token.kind == "op":
        return _parenthesis(cursor, token, depth) if token.text == "(" else unexpected(token)
    if token.kind == "number":
        raise problem(
            f"The number {token.text} stands where a symbol is expected. Name the coefficient "
            "here and give its value to nl.Population(eq, g00=2, ...); a transformed predictor "
            "is written I(...).",
            token.place,
        )
    latex = cursor.statement.implicit_products and token.text not in FUNCTIONS
    if cursor.sees("(") and not latex:
        return ((_call(cursor, token),),)
    if cursor.sees("^"):
        return ((_power(cursor, token),),)
    if cursor.sees("["):
        return ((replace(_named(token), group=_group(cursor)),),)
    return ((_named(token),),)


def _parenthesis(cursor: Cursor, opened: Token, depth: int) -> tuple[Product, ...]:
    if depth >= _DEEPEST:
        raise problem(f"More than {_DEEPEST} parentheses inside one another.", opened.place)
    inner = _sum(cursor, depth + 1)
    closed = cursor.peek()
    if closed is None:
        raise problem("This parenthesis is never closed.", opened.place)
    if closed.text != ")":
        unexpected(closed)
    cursor.take()
    return inner


def _power(cursor: Cursor, base: Token) -> Factor:
    """Read X^2 as the predictor I(X^2)."""
    sign = cursor.take()
    exponent = cursor.take(after=sign)
    if exponent.kind != "number" or "." in exponent.text:
        raise problem(
            "A power is a whole number, as in b2*t^2; anything else goes inside I(...).",
            exponent.place,
        )
    place = replace(base.place, stop=exponent.place.stop)
    return Factor(f"I({deparse(Name(base.text))}^{exponent.text})", place, column=True)


def _call(cursor: Cursor, name: Token) -> Factor:
    """Read a listed function of predictors as one predictor."""
    _check_function(name)
    begun, depth = cursor.at, 0
    while True:
        token = cursor.take(after=name)
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "op" and token.text in {"[", "]", "~", "|"}:
            unexpected(token)
        if depth == 0:
            break
        following = cursor.peek()
        if token.kind == "name" and cursor.sees("("):
            _check_function(token)
        elif following is not None and "op" not in {token.kind, following.kind}:
            unexpected(following)
    inside = cursor.statement.tokens[begun : cursor.at]
    if len(inside) == 2:
        raise problem(f"{name.text}() needs a predictor between its parentheses.", name.place)
    text = _as_formula(name, inside)
    return Factor(text, name.place, column=True, offset=name.text == "offset")


def _as_formula(name: Token, inside: tuple[Token, ...]) -> str:
    """Spell a call as a formula does, and have the formula's grammar read it."""
    words = [f"`{token.text}`" if token.kind == "quoted" else token.text for token in inside]
    try:
        return deparse(parse_expression(" ".join((name.text, *words))))
    except FormulaError as error:
        raise problem(f"{name.text}(...) is no function call: {error}", name.place) from None


def _check_function(name: Token) -> None:
    if name.kind != "name" or name.text not in FUNCTIONS:
        raise problem(
            f"{name.text!r} is not a function of the notation. Write '*' for a product; the "
            f"functions are {', '.join(sorted(FUNCTIONS))}." + close_to(name.text, FUNCTIONS),
            name.place,
        )


def _group(cursor: Cursor) -> str:
    """Read [Cluster] or [school:class] after a random effect."""
    opened = cursor.take()
    parts: list[str] = []
    while (token := cursor.take(after=opened)).text != "]":
        parts.append(f"`{token.text}`" if token.kind == "quoted" else token.text)
    return group_name("".join(parts), replace(opened.place, stop=token.place.stop))
