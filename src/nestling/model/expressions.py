"""The syntax tree of a formula, and its text as R deparses it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A column, or `pi`, or `.`."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, with the text it was written in."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string or TRUE and FALSE; only some functions take one."""

    value: str


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


Expression = Name | Number | Text | Binary | Unary | Parentheses | Function

TIGHT = frozenset({"^", ":", "/"})
"""Operators that R deparses without spaces around them."""


def deparse(node: Expression) -> str:
    """Return the text of an expression as R prints it.

    Examples
    --------
    >>> deparse(Function("poly", (Name("x"), Number(2.0)), (None, None)))
    'poly(x, 2)'
    """
    match node:
        case Name(text):
            return text if _plain(text) else f"`{text}`"
        case Number(value):
            return number_text(value)
        case Text(value):
            return value if value in {"TRUE", "FALSE"} else f'"{value}"'
        case Parentheses(inner):
            return f"({deparse(inner)})"
        case Unary(operator, operand):
            return f"{operator}{deparse(operand)}"
        case Binary(operator, left, right):
            space = "" if operator in TIGHT else " "
            return f"{deparse(left)}{space}{operator}{space}{deparse(right)}"
        case Function(name, arguments, names):
            parts = [
                deparse(argument) if key is None else f"{key} = {deparse(argument)}"
                for argument, key in zip(arguments, names, strict=True)
            ]
            return f"{name}({', '.join(parts)})"


def number_text(value: float) -> str:
    """Return a number as R deparses it: 15 significant digits, no trailing zeros.

    Examples
    --------
    >>> number_text(2.0), number_text(0.1), number_text(1e5), number_text(1e-7)
    ('2', '0.1', '1e+05', '1e-07')
    """
    text = f"{value:.15g}"
    if value and value == round(value) and abs(value) < 1e15:
        plain = f"{value:.0f}"
        digits = plain.lstrip("-").rstrip("0")
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        scientific = f"{mantissa}e+{len(plain.lstrip('-')) - 1:02d}"
        return scientific if len(scientific) < len(plain.lstrip("-")) else plain
    return text


def _plain(text: str) -> bool:
    body = text.replace(".", "a").replace("_", "a")
    return bool(body) and body.isalnum() and not text[0].isdigit() and text[0] != "_"


def names_in(node: Expression) -> list[str]:
    """Return the names of columns that occur in an expression, in order, without repeats."""
    match node:
        case Name(text):
            return [] if text == "pi" else [text]
        case Binary(_, left, right):
            return list(dict.fromkeys(names_in(left) + names_in(right)))
        case Unary(_, operand):
            return names_in(operand)
        case Parentheses(inner):
            return names_in(inner)
        case Function(_, arguments, _):
            return list(dict.fromkeys(name for part in arguments for name in names_in(part)))
        case _:
            return []
