"""The syntax tree of a formula, and its text as R deparses it."""

import re
from dataclasses import dataclass

from nestling.data.labels import number_text


@dataclass(frozen=True, slots=True)
class Name:
    """A column, or `pi`, or `.`."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number; `integer` when it was written with R's L."""

    value: float
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string; only some functions take one."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before an expression."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Parentheses:
    """An expression in parentheses; kept, because R's text keeps them."""

    inner: "Expression"


@dataclass(frozen=True, slots=True)
class Function:
    """A call of a listed function; `names` holds None for positional arguments."""

    name: str
    arguments: tuple["Expression", ...]
    names: tuple[str | None, ...]


Expression = Name | Number | Text | Truth | Binary | Unary | Parentheses | Function

TIGHT = frozenset({"^", ":", "/", "%%", "%/%"})
"""Operators that R deparses without spaces around them."""

_PLAIN = re.compile(r"(?:[^\W\d_]|\.(?!\d))[\w.]*")
"""Names that need no backticks, but for R's reserved words."""

_RESERVED = frozenset(
    ("if", "else", "repeat", "while", "function", "for", "next", "break", "in",
     "TRUE", "FALSE", "NULL", "Inf", "NaN", "NA")
)  # fmt: skip


def summands(node: Expression) -> list[tuple[str, Expression]]:
    """Return the operands of a chain of + and -, each with the operator before it.

    A walk without recursion: a sum of a thousand terms is a tree a thousand deep.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> [(sign, deparse(part)) for sign, part in summands(parse_expression("a + b:c - d"))]
    [('', 'a'), ('+', 'b:c'), ('-', 'd')]
    """
    backwards: list[tuple[str, Expression]] = []
    while isinstance(node, Binary) and node.operator in {"+", "-"}:
        backwards.append((node.operator, node.right))
        node = node.left
    return [("", node), *reversed(backwards)]


def total(parts: list[tuple[str, Expression]]) -> Expression:
    """Chain operands again; the sign before the first counts only when it is a minus."""
    sign, node = parts[0]
    if sign == "-":
        node = Unary("-", node)
    for operator, part in parts[1:]:
        node = Binary(operator, node, part)
    return node


def deparse(node: Expression) -> str:
    """Return the text of an expression as R prints it.

    Examples
    --------
    >>> deparse(Function("poly", (Name("x"), Number(2.0)), (None, None)))
    'poly(x, 2)'
    """
    match node:
        case Binary("+" | "-", _, _):
            (_, first), *rest = summands(node)
            return deparse(first) + "".join(f" {sign} {deparse(part)}" for sign, part in rest)
        case Binary(operator, left, right):
            space = "" if operator in TIGHT else " "
            return f"{deparse(left)}{space}{operator}{space}{deparse(right)}"
        case Unary(operator, operand):
            return f"{operator}{deparse(operand)}"
        case Parentheses(inner):
            return f"({deparse(inner)})"
        case Function(name, arguments, names):
            parts = [
                deparse(argument) if key is None else f"{key} = {deparse(argument)}"
                for argument, key in zip(arguments, names, strict=True)
            ]
            return f"{name}({', '.join(parts)})"
        case _:
            return _leaf(node)


def _leaf(node: Name | Number | Text | Truth) -> str:
    match node:
        case Name(text):
            return text if _PLAIN.fullmatch(text) and text not in _RESERVED else f"`{text}`"
        case Number(value, True):
            return f"{value:.0f}L"
        case Number(value):
            return number_text(value)
        case Text(value):
            return '"' + value.replace('"', '\\"') + '"'
        case Truth(value):
            return "TRUE" if value else "FALSE"


def names_in(node: Expression) -> list[str]:
    """Return the names of columns that occur in an expression, in order, without repeats."""
    match node:
        case Name(text):
            return [] if text == "pi" else [text]
        case Binary("+" | "-", _, _):
            parts = [part for _, part in summands(node)]
        case Binary(_, left, right):
            parts = [left, right]
        case Unary(_, inner) | Parentheses(inner):
            parts = [inner]
        case Function(_, arguments, _):
            parts = list(arguments)
        case _:
            return []
    return list(dict.fromkeys(name for part in parts for name in names_in(part)))


def functions_in(node: Expression) -> list[str]:
    """Return the names of functions that an expression calls, without repeats.

    Examples
    --------
    >>> functions_in(Function("log", (Function("abs", (Name("x"),), (None,)),), (None,)))
    ['log', 'abs']
    """
    match node:
        case Binary(_, left, right):
            parts = [left, right]
        case Unary(_, inner) | Parentheses(inner):
            parts = [inner]
        case Function(_, arguments, _):
            parts = list(arguments)
        case _:
            parts = []
    own = [node.name] if isinstance(node, Function) else []
    return list(dict.fromkeys([*own, *(name for part in parts for name in functions_in(part))]))
