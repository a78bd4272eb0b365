"""lme4's formulas: the response, the fixed effects and the random-effects terms."""

from dataclasses import dataclass, field
from functools import lru_cache

from nestling.errors import ArgumentTypeError, FormulaError
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Unary,
    deparse,
    names_in,
    summands,
    total,
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
    """A parsed formula; two are equal when their sources are.

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
    terms : TermList or None
        Of the fixed effects; None when '.' waits for the columns of the data.
    response_name : str
        The text of the response: 'log(y)'.
    """

    source: str
    text: str = field(compare=False)
    tree: Expression = field(compare=False, repr=False)
    response: Expression = field(compare=False, repr=False)
    fixed: Expression | None = field(compare=False, repr=False)
    random: tuple[Bar, ...] = field(compare=False, repr=False)
    terms: TermList | None = field(compare=False, repr=False)
    response_name: str = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Pickle the source: a long sum is a deeper tree than pickle descends."""
        return parse, (self.source,)

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
    fixed, bars = _parted(right)
    # refuses what is no term, before there are data
    terms = expand(Number(1.0) if fixed is None else fixed)
    dotted = fixed is not None and "." in names_in(fixed)
    response = _response(tree.left)
    expanded = tuple(bar for node in bars for bar in _expanded(node))
    _check_response(response, fixed, expanded)
    tree = Binary("~", tree.left, right)
    return Formula(
        source=source,
        text=deparse(tree),
        tree=tree,
        response=response,
        fixed=fixed,
        random=expanded,
        terms=None if dotted else terms,
        response_name=deparse(response),
    )


def _response(node: Expression) -> Expression:
    while isinstance(node, Parentheses):
        node = node.inner
    if not names_in(node):
        raise FormulaError(f"The response {deparse(node)!r} names no column of the data.")
    return node


def _check_response(response: Expression, fixed: Expression | None, bars: tuple[Bar, ...]) -> None:
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
            return Parentheses(
                total([("+", Parentheses(Binary("|", part, group))) for part in parts])
            )
        case Parentheses(inner):
            return Parentheses(_doubled(inner))
        case Binary("+" | "-", _, _):
            (_, first), *rest = summands(node)
            return total([("", _doubled(first)), *((sign, _doubled(part)) for sign, part in rest)])
        case _:
            return node


def _term_expression(terms: TermList, term: frozenset[str]) -> Expression:
    nodes = [
        node for text, node in zip(terms.variables, terms.expressions, strict=True) if text in term
    ]
    product = nodes[0]
    for node in nodes[1:]:
        product = Binary(":", product, node)
    return product


def _parted(node: Expression) -> tuple[Expression | None, list[Binary]]:
    """Part the right-hand side into fixed effects (None where none are left) and bars."""
    match node:
        case Parentheses(Binary("|" | "||", _, _) as bar):
            return None, [bar]
        case Parentheses(inner):
            fixed, bars = _parted(inner)
            return (node if not bars else None if fixed is None else Parentheses(fixed)), bars
        case Binary("+" | "-", _, _):
            kept: list[tuple[str, Expression]] = []
            bars = []
            for sign, part in summands(node):
                fixed, found = _parted(part)
                if found and sign == "-":
                    raise _misplaced(found[0], sign)
                bars += found
                if fixed is not None:
                    kept.append((sign, fixed))
            return (total(kept) if kept else None), bars
        case Binary("|" | "||", left, right):
            raise FormulaError(
                f"{deparse(node)!r} is a random-effects term without parentheses. "
                f"Write ({_without_sum(left)} {node.operator} {deparse(right)})."
            )
        case Unary(operator, operand) | Binary(operator, operand, _):
            parts = [operand] if isinstance(node, Unary) else [node.left, node.right]
            bars = [bar for part in parts for bar in _parted(part)[1]]
            if bars:
                raise _misplaced(bars[0], operator)
            return node, []
        case _:
            return node, []


def _without_sum(node: Expression) -> str:
    """Return the last summand: what stands next to a bar without parentheses."""
    return deparse(summands(node)[-1][1])


def _misplaced(bar: Binary, operator: str) -> FormulaError:
    return FormulaError(
        f"The random-effects term ({deparse(bar)}) can only be added to the formula; here it "
        f"stands with {operator!r}. Put '+' before it."
    )


def _expanded(node: Binary) -> list[Bar]:
    """Split a nested grouping a/b into b:a and a, innermost first as lme4 does."""
    if "." in names_in(node):
        raise FormulaError(
            f"'.' cannot stand in a random-effects term: ({deparse(node)}). Write the columns out."
        )
    effects = expand(node.left)
    if effects.offsets:
        raise FormulaError(f"offset() cannot vary by group: ({deparse(node)}).")
    if not effects.intercept and not effects.terms:
        raise FormulaError(f"The term ({deparse(node)}) has no random effects.")
    text = deparse(node.left)
    return [
        Bar(effects, factors, group, f"{text} | {group}")
        for factors, group in _groupings(node.right)
    ]


def _groupings(node: Expression) -> list[tuple[tuple[Expression, ...], str]]:
    match node:
        case Parentheses(inner):
            (factors, name), *outer = _groupings(inner)
            return [(factors, f"({name})"), *outer] if not outer else _groupings(inner)
        case Binary("/", left, right):
            outer = _groupings(left)
            factors, name = outer[0]
            own, own_name = _groupings(right)[0]
            shown = f"({name})" if len(factors) > 1 and not name.startswith("(") else name
            return [((*own, *factors), f"{own_name}:{shown}"), *outer]
        case Binary(":", left, right):
            (first, name), (second, other) = _groupings(left)[0], _groupings(right)[0]
            return [((*first, *second), f"{name}:{other}")]
        case Name(_):
            return [((node,), deparse(node))]
        case Function(_, _, _) if names_in(node):
            return [((node,), deparse(node))]
        case _:
            raise FormulaError(
                f"{deparse(node)!r} cannot be a grouping factor. "
                "Use a column, a:b for combinations, or a/b for nesting."
            )
