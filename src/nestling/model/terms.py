"""From an expression to terms, as R's terms() expands them."""

from dataclasses import dataclass

from nestling.errors import FormulaError
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Unary,
    deparse,
)

Term = frozenset[str]
"""The variables of a term, by their text; the empty set never occurs."""


@dataclass(frozen=True, slots=True)
class TermList:
    """The terms of one side of a formula or of one random-effects term.

    Attributes
    ----------
    intercept : bool
    terms : tuple of frozenset of str
        Main effects first, then interactions by order, as R sorts them.
    variables : tuple of str
        The text of every variable in order of appearance; columns of an interaction multiply in
        this order.
    expressions : tuple of Expression
        The same variables.
    offsets : tuple of Expression
    """

    intercept: bool
    terms: tuple[Term, ...]
    variables: tuple[str, ...]
    expressions: tuple[Expression, ...]
    offsets: tuple[Expression, ...]

    def label(self, term: Term) -> str:
        """Return a term's name, its variables in order of appearance."""
        return ":".join(name for name in self.variables if name in term)


class _Expansion:
    """The variables met so far, and whether the intercept stands."""

    __slots__ = ("dot", "expressions", "intercept", "offsets")

    def __init__(self, dot: tuple[str, ...]) -> None:
        self.dot = dot
        self.expressions: dict[str, Expression] = {}
        self.offsets: list[Expression] = []
        self.intercept = True

    def variable(self, node: Expression) -> Term:
        text = deparse(node)
        self.expressions.setdefault(text, node)
        return frozenset((text,))


def expand(node: Expression, dot: tuple[str, ...] = ()) -> TermList:
    """Expand `+ - * : / ^ %in%` into terms.

    `dot` are the columns that `.` stands for.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> terms = expand(parse_expression("a * b - 1"))
    >>> terms.intercept, [terms.label(term) for term in terms.terms]
    (False, ['a', 'b', 'a:b'])
    """
    expansion = _Expansion(dot)
    terms = _sum(node, expansion)
    ordered = sorted(dict.fromkeys(terms), key=len)
    return TermList(
        intercept=expansion.intercept,
        terms=tuple(ordered),
        variables=tuple(expansion.expressions),
        expressions=tuple(expansion.expressions.values()),
        offsets=tuple(expansion.offsets),
    )


def _sum(node: Expression, into: _Expansion) -> list[Term]:
    """Terms of a sum; constants in it set the intercept."""
    match node:
        case Parentheses(inner):
            return _sum(inner, into)
        case Number(value) if value in {0.0, 1.0}:
            into.intercept = value == 1.0
            return []
        case Unary("-", operand):
            return _minus([], operand, into)
        case Unary("+", operand):
            return _sum(operand, into)
        case Binary("+", left, right):
            terms = _sum(left, into)
            return terms + _sum(right, into)
        case Binary("-", left, right):
            return _minus(_sum(left, into), right, into)
        case Function("offset", arguments, _):
            into.offsets.extend(arguments)
            return []
        case _:
            return _product(node, into)


def _minus(terms: list[Term], node: Expression, into: _Expansion) -> list[Term]:
    inner = node
    while isinstance(inner, Parentheses):
        inner = inner.inner
    if isinstance(inner, Number) and inner.value in {0.0, 1.0}:
        into.intercept = inner.value == 0.0
        return terms
    known = dict(into.expressions)
    removed = set(_product(node, into)) if not isinstance(inner, Binary) else set(_sum(node, into))
    for text in list(into.expressions):
        if text not in known:
            del into.expressions[text]
    return [term for term in terms if term not in removed]


def _product(node: Expression, into: _Expansion) -> list[Term]:  # noqa: C901, PLR0911  one case per operator
    match node:
        case Parentheses(inner):
            return _sum(inner, into)
        case Binary("*", left, right):
            a, b = _sum(left, into), _sum(right, into)
            return a + b + _cross(a, b)
        case Binary(":" | "%in%", left, right):
            return _cross(_sum(left, into), _sum(right, into))
        case Binary("/", left, right):
            a, b = _sum(left, into), _sum(right, into)
            whole = frozenset().union(*a) if a else frozenset()
            return a + [whole | term for term in b]
        case Binary("^", base, Number(power)) if power == round(power) and 1 <= power <= 20:
            terms = _sum(base, into)
            result = terms
            for _ in range(int(power) - 1):
                result = list(dict.fromkeys(result + _cross(result, terms)))
            return result
        case Binary("^", _, _):
            raise FormulaError(
                f"The power in {deparse(node)!r} is not a whole number from 1 to 20. For the "
                "square of a column write I(x^2)."
            )
        case Name("."):
            return [into.variable(Name(name)) for name in into.dot]
        case Binary("+" | "-", _, _) | Unary(_, _):
            return _sum(node, into)
        case Binary("|" | "||" | "~", _, _):
            raise FormulaError(
                f"{deparse(node)!r} must stand in parentheses as a term of its own: "
                f"'... + ({deparse(node)})'."
            )
        case Number(value):
            raise FormulaError(
                f"The number {deparse(node)} cannot be a term; only 0 and 1 can, for the "
                f"intercept. For a constant times a column write I({value:g} * x)."
            )
        case Function("offset", _, _):
            raise FormulaError("offset() must be added to the formula, not multiplied or nested.")
        case _:
            return [into.variable(node)]


def _cross(left: list[Term], right: list[Term]) -> list[Term]:
    return [a | b for a in left for b in right]
