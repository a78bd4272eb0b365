"""Arguments of a listed function, matched to R's names."""

from typing import Any

from nestling.errors import FormulaError, did_you_mean
from nestling.model.expressions import (
    Expression,
    Function,
    Name,
    Number,
    Text,
    Truth,
    Unary,
    deparse,
)


def options_of(node: Function, formal: tuple[str, ...], text: str) -> dict[str, Any]:
    """Match all arguments but the first, by name and then by position, as R does.

    Parameters
    ----------
    node : Function
    formal : tuple of str
        R's names of the arguments; the first is the column.
    text : str
        The call, for messages.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> options_of(parse_expression("poly(x, raw = TRUE, 2)"), ("x", "degree", "raw"), "poly")
    {'raw': True, 'degree': 2}
    """
    free = [name for name in formal[1:] if name not in node.names]
    options: dict[str, Any] = {}
    for argument, name in zip(node.arguments[1:], node.names[1:], strict=True):
        if name is not None and name not in formal[1:]:
            raise FormulaError(
                f"{text}: unknown argument {name!r}. {did_you_mean(name, formal[1:])}"
            )
        if name is None and not free:
            raise FormulaError(f"{text} has too many arguments; {', '.join(formal)} are known.")
        key = name or free.pop(0)
        if key in options:
            raise FormulaError(f"{text} gives {key!r} twice.")
        options[key] = _constant(argument, text)
    return options


def _constant(node: Expression, text: str) -> Any:
    match node:
        case Number(value):
            return int(value) if value == round(value) else value
        case Unary("-", Number(value)):
            return -value
        case Truth(value) | Text(value):
            return value
        case Name("T" | "F" as value):
            return value == "T"
        case Function("c", arguments, _):
            return [_constant(argument, text) for argument in arguments]
        case _:
            raise FormulaError(
                f"{text}: {deparse(node)!r} must be a number, a quoted text, TRUE, FALSE or c(...) "
                "of these."
            )
