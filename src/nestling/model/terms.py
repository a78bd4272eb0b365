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
    Text,
    Truth,
    Unary,
    deparse,
    summands,
)

MOST = 5000
HIGHEST = 20
"""Bounds on terms and powers: `(a + b + ...)^20` of many columns would never end."""

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

    __slots__ = ("adding", "dot", "expressions", "intercept", "offsets")

    def __init__(self, dot: tuple[str, ...]) -> None:
        self.dot = dot
        self.expressions: dict[str, Expression] = {}
        self.offsets: list[Expression] = []
        self.intercept = True
        self.adding = True  # False between a minus sign and what it removes

    def variable(self, node: Expression) -> Term:
        text = deparse(node)
        self.expressions.setdefault(text, node)
        return frozenset((text,))

    def removed(self, node: Expression) -> set[Term]:
        """Expand what a minus sign removes; constants in it mean the opposite."""
        self.adding = not self.adding
        terms = set(_terms(node, self))
        self.adding = not self.adding
        return terms


def expand(node: Expression, dot: tuple[str, ...] = ()) -> TermList:
    """Expand `+ - * : / ^ %in%` into terms.

    `dot` are the columns that `.` stands for. As in R a variable that only stands after a minus
    sign has no term but is still a variable: it has its place in the order, and rows where it is
    missing are left out.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> terms = expand(parse_expression("a * b - 1"))
    >>> terms.intercept, [terms.label(term) for term in terms.terms]
    (False, ['a', 'b', 'a:b'])
    """
    expansion = _Expansion(dot)
    terms = _terms(node, expansion)
    return TermList(
        intercept=expansion.intercept,
        terms=tuple(sorted(terms, key=len)),
        variables=tuple(expansion.expressions),
        expressions=tuple(expansion.expressions.values()),
        offsets=tuple(expansion.offsets),
    )


def _terms(node: Expression, into: _Expansion) -> list[Term]:
    """Return the distinct terms of an expression; constants in it set the intercept."""
    match node:
        case Binary("+" | "-", _, _):
            terms: dict[Term, None] = {}
            for sign, part in summands(node):
                if sign == "-":
                    for term in into.removed(part):
                        terms.pop(term, None)
                else:
                    terms.update(dict.fromkeys(_terms(part, into)))
            return list(terms)
        case Parentheses(inner) | Unary("+", inner):
            return _terms(inner, into)
        case Unary("-", operand):
            into.removed(operand)
            return []
        case Binary("*" | ":" | "/" | "^" | "%in%", _, _):
            _refuse_offset(node)
            return _product(node, into)
        case _:
            return _single(node, into)


def _single(node: Expression, into: _Expansion) -> list[Term]:
    match node:
        case Number(value) if value in {0.0, 1.0}:
            into.intercept = into.adding == (value == 1.0)
            return []
        case Name("."):
            return [into.variable(Name(name)) for name in into.dot]
        case Function("offset", arguments, _):
            into.offsets.extend(arguments)
            return []
        case _:
            _check_variable(node)
            return [into.variable(node)]


def _product(node: Binary, into: _Expansion) -> list[Term]:
    a = _terms(node.left, into)
    if node.operator == "^":
        result = a
        for _ in range(_power(node) - 1):
            result = _distinct(_cross(result, a))  # a term times itself is itself
        return result
    b = _terms(node.right, into)
    match node.operator:
        case "*":
            return _distinct(a, b, _cross(a, b))
        case "/":
            whole: Term = frozenset().union(*a)
            return _distinct(a, [whole | term for term in b])
        case "%in%":
            whole = frozenset().union(*b)
            return _distinct([term | whole for term in a])
        case _:
            return _distinct(_cross(a, b))


def _cross(left: list[Term], right: list[Term]) -> list[Term]:
    if len(left) * len(right) > MOST:
        raise FormulaError(
            f"The formula expands to more than {MOST} terms. Write out those that are meant."
        )
    return [a | b for a in left for b in right]


def _distinct(*parts: list[Term]) -> list[Term]:
    return list(dict.fromkeys(term for part in parts for term in part))


def _power(node: Binary) -> int:
    match node.right:
        case Number(value) if value == round(value) and 1 <= value <= HIGHEST:
            return int(value)
    raise FormulaError(
        f"The power in {deparse(node)!r} is not a whole number from 1 to {HIGHEST}. For a power "
        f"of a column write I({deparse(node)})."
    )


def _refuse_offset(node: Binary) -> None:
    for part in (node.left, node.right):
        if isinstance(part, Function) and part.name == "offset":
            raise FormulaError(
                f"offset() can only be added to the formula; {deparse(node)!r} multiplies it."
            )


def _check_variable(node: Expression) -> None:
    """Refuse what is neither a column nor a function or comparison of columns."""
    match node:
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
        case Text(_) | Truth(_):
            raise FormulaError(f"{deparse(node)} cannot be a term; name a column without quotes.")
        case Function("c" | "cbind" as name, _, _):
            raise FormulaError(f"{name}() cannot be a term: {deparse(node)!r}. Add its columns.")
        case Binary("%%" | "%/%", _, _):
            raise FormulaError(f"Arithmetic needs I(): write I({deparse(node)}).")
