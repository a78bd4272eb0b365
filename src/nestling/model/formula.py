"""lme4's formulas: the response, the fixed effects and the random-effects terms."""

from dataclasses import dataclass
from functools import lru_cache

from nestling.errors import ArgumentTypeError, FormulaError
from nestling.model.expressions import (
    Binary,
    Expression,
    Name,
    Number,
    Parentheses,
    Unary,
    deparse,
    names_in,
)
from nestling.model.parser import parse_expression
from nestling.model.terms import TermList, expand


@dataclass(frozen=True, slots=True)
class Bar:
    """One random-effects term after expansion of `||` and `/`.

    Attributes
    ----------
    effects : TermList
        What varies.
    factors : tuple of str
        Columns whose combinations are the levels: ('cask', 'batch') for cask:batch.
    group : str
        The grouping factor's name as lme4 prints it.
    text : str
        The term, `x | g`.
    """

    effects: TermList
    factors: tuple[Expression, ...]
    group: str
    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    source : str
        As given.
    text : str
        As R deparses it, `||` written out as lme4 prints it.
    tree : Expression
        The whole formula behind `text`.
    response : Expression
    fixed : Expression or None
        The right-hand side without random-effects terms; None is `1`.
    random : tuple of Bar
        In the order of the formula.
    """

    source: str
    text: str
    tree: Expression
    response: Expression
    fixed: Expression | None
    random: tuple[Bar, ...]

    @property
    def response_name(self) -> str:
        """The text of the response: 'log(y)'."""
        return deparse(self.response)

    def __str__(self) -> str:
        """Return the text."""
        return self.text


@lru_cache(maxsize=512)
def parse(source: str) -> Formula:
    """Read a formula in lme4's syntax.

    Parameters
    ----------
    source : str
        `"y ~ x + (1 + x | g)"`. Random-effects terms take `(1|g) (x|g) (0+x|g) (x||g) (1|a/b)
        (1|a:b)`; both sides of the bar take factors, interactions and the functions I, log,
        sqrt, exp, scale, poly, ns, bs, factor and their like.

    Raises
    ------
    FormulaError
        With a caret at what cannot be read. A formula is never evaluated as code.

    Examples
    --------
    >>> formula = parse("y ~ x + (x || g)")
    >>> formula.text
    'y ~ x + ((1 | g) + (0 + x | g))'
    >>> [bar.text for bar in formula.random]
    ['1 | g', '0 + x | g']
    """
    if not isinstance(source, str):
        raise ArgumentTypeError(
            f"formula is of type {type(source).__name__}; give a text such as 'y ~ x + (1 | g)'."
        )
    tree = parse_expression(source)
    if not (isinstance(tree, Binary) and tree.operator == "~"):
        raise FormulaError(
            f"{source!r} has no '~'. Write response ~ predictors, for instance 'y ~ x + (1 | g)'."
        )
    if isinstance(tree.left, Binary) and tree.left.operator == "~":
        raise FormulaError(f"{source!r} has more than one '~'. Write response ~ predictors.")
    right = _doubled(tree.right)
    bars = [bar for node in _bars(right) for bar in _expanded(node)]
    response = _response(tree.left)
    fixed = _without_bars(right)
    _check_response(response, fixed, bars)
    return Formula(
        source=source,
        text=f"{deparse(tree.left)} ~ {deparse(right)}",
        tree=Binary("~", tree.left, right),
        response=response,
        fixed=fixed,
        random=tuple(bars),
    )


def _response(node: Expression) -> Expression:
    while isinstance(node, Parentheses):
        node = node.inner
    if not names_in(node):
        raise FormulaError(f"The response {deparse(node)!r} names no column of the data.")
    return node


def _check_response(response: Expression, fixed: Expression | None, bars: list[Bar]) -> None:
    used = [*(names_in(fixed) if fixed is not None else [])]
    for bar in bars:
        used += [
            name for node in (*bar.effects.expressions, *bar.factors) for name in names_in(node)
        ]
    both = [name for name in names_in(response) if name in used]
    if both:
        raise FormulaError(
            f"The response {both[0]!r} also stands on the right of '~'. "
            "Leave it out there: a column cannot explain itself."
        )


def _doubled(node: Expression) -> Expression:
    """Write `(a + b || g)` out as `((1 | g) + (0 + a | g) + (0 + b | g))`."""
    match node:
        case Parentheses(Binary("||", effects, group)):
            terms = expand(effects)
            parts: list[Expression] = [Number(1.0)] if terms.intercept else []
            parts += [
                Binary("+", Number(0.0), _term_expression(terms, term)) for term in terms.terms
            ]
            if not parts:
                raise FormulaError(f"The term ({deparse(node.inner)}) has no random effects.")
            bars: list[Expression] = [Parentheses(Binary("|", part, group)) for part in parts]
            total = bars[0]
            for bar in bars[1:]:
                total = Binary("+", total, bar)
            return Parentheses(total)
        case Parentheses(inner):
            return Parentheses(_doubled(inner))
        case Binary(operator, left, right):
            return Binary(operator, _doubled(left), _doubled(right))
        case _:
            return node


def _term_expression(terms: TermList, term: frozenset[str]) -> Expression:
    nodes = [
        node for text, node in zip(terms.variables, terms.expressions, strict=True) if text in term
    ]
    total = nodes[0]
    for node in nodes[1:]:
        total = Binary(":", total, node)
    return total


def _bars(node: Expression) -> list[Binary]:
    match node:
        case Parentheses(Binary("|", _, _) as bar):
            return [bar]
        case Parentheses(inner):
            return _bars(inner)
        case Binary("+", left, right):
            return _bars(left) + _bars(right)
        case Binary("|", _, _):
            raise FormulaError(
                f"{deparse(node)!r} is a random-effects term without parentheses. "
                f"Write ({deparse(node)})."
            )
        case Binary("-" | "*" | ":" | "/" | "^" | "%in%", left, right):
            if operator_bars := _bars(left) + _bars(right):
                if node.operator == "-" and not _bars(right):
                    return operator_bars
                raise FormulaError(
                    f"The random-effects term ({deparse(operator_bars[0])}) can only be added to "
                    f"the formula; here it stands with {node.operator!r}."
                )
            return []
        case _:
            return []


def _without_bars(node: Expression) -> Expression | None:
    match node:
        case Parentheses(Binary("|", _, _)):
            return None
        case Parentheses(inner):
            rest = _without_bars(inner)
            return None if rest is None else Parentheses(rest)
        case Binary("+" | "-" as operator, left, right):
            first, second = _without_bars(left), _without_bars(right)
            if first is None and second is not None and operator == "-":
                return Unary("-", second)
            if first is None or second is None:
                return first if second is None else second
            return Binary(operator, first, second)
        case _:
            return node


def _expanded(node: Binary) -> list[Bar]:
    """Split a nested grouping a/b into b:a and a, innermost first as lme4 does."""
    effects = expand(node.left)
    if not effects.intercept and not effects.terms:
        raise FormulaError(f"The term ({deparse(node)}) has no random effects.")
    if effects.offsets:
        raise FormulaError(f"offset() cannot vary by group: ({deparse(node)}).")
    text = deparse(node.left)
    return [
        Bar(effects, factors, group, f"{text} | {group}")
        for factors, group in _groupings(node.right)
    ]


def _groupings(node: Expression) -> list[tuple[tuple[Expression, ...], str]]:
    match node:
        case Parentheses(inner):
            return _groupings(inner)
        case Binary("/", left, right):
            outer = _groupings(left)
            factors, name = outer[0]
            own, own_name = _groupings(right)[0]
            shown = f"({name})" if len(factors) > 1 else name
            return [((*own, *factors), f"{own_name}:{shown}"), *outer]
        case Binary(":", left, right):
            (first, name), (second, other) = _groupings(left)[0], _groupings(right)[0]
            return [((*first, *second), f"{name}:{other}")]
        case Name(text) if text != ".":
            return [((node,), deparse(node))]
        case _:
            if names_in(node) and not isinstance(node, Binary | Unary):
                return [((node,), deparse(node))]
            raise FormulaError(
                f"{deparse(node)!r} cannot be a grouping factor. "
                "Use a column, a:b for combinations, or a/b for nesting."
            )
