"""Values written as text on the command line and in files: numbers, lists and listed calls.

The text is parsed and walked, never evaluated: whatever is not on the list is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from nestling.errors import ArgumentError, NestlingError, did_you_mean

Functions = Mapping[str, Callable[..., Any]]

# Far more than any description of a study; keeps the parser's work small.
LONGEST: Final = 100_000

SHOWN: Final = 120
"""Characters of a text that a message repeats."""


def read_literal(text: str, option: str, functions: Functions, *, longest: int = LONGEST) -> Any:
    """Read a number, text in quotes, a list, or a call of one of the functions.

    Parameters
    ----------
    text : str
        As `4`, `[20, 25]`, `sd(2)` or `normal(0, 3, level="Cluster")`.
    option : str
        Where it was written, for the message.
    functions : mapping of str to callable
        What may be called, as `sd(2)` or, as Python code has it, `nl.sd(2)`. One named `.drop` is
        called with what another call made: `nested(g=5).drop(0.1)`.
    longest : int
        Characters that are read at most.

    Raises
    ------
    ArgumentError
        For anything else.

    Examples
    --------
    >>> read_literal("[1, -2.5]", "--random", {})
    [1, -2.5]
    >>> read_literal("pair(1, b=2)", "--random", {"pair": lambda a, b: (a, b)})
    (1, 2)
    """
    return _Reader(text, option, functions).value(_parsed(text, option, longest).body)


def named(text: str, option: str, *, last: bool = False) -> tuple[str, str]:
    """Split `name=value` at the first equals sign, or at the last.

    Examples
    --------
    >>> named("Cluster = sd(2)", "--random")
    ('Cluster', 'sd(2)')
    """
    name, sign, value = text.rpartition("=") if last else text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise ArgumentError(f"{option} {text!r} is not of the form name=value.")
    return name.strip(), value.strip()


def _parsed(text: str, option: str, longest: int) -> ast.Expression:
    if len(text) > longest:
        raise ArgumentError(f"{option} is {len(text)} characters long; at most {longest} are read.")
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        shown = text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
        raise ArgumentError(
            f"{option} {shown!r} cannot be read: {getattr(error, 'msg', None) or error}."
        ) from None


class _Reader:
    """Turns the nodes of one text into values."""

    __slots__ = ("_functions", "_option", "_text")

    def __init__(self, text: str, option: str, functions: Functions) -> None:
        self._text, self._option, self._functions = text, option, functions

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.Dict(keys=keys, values=values):
                # a key is written out: anything else, {**x} among it, is refused
                if all(isinstance(key, ast.Constant | ast.UnaryOp) for key in keys):
                    names = [self.value(key) for key in keys if key is not None]
                    return dict(zip(names, map(self.value, values), strict=True))
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="nl"), attr=name),
                args=args,
                keywords=keywords,
            ):
                return self._call(name, args, keywords)
            case ast.Call(
                func=ast.Attribute(value=ast.Call() as made, attr=name),
                args=args,
                keywords=keywords,
            ):
                return self._call(f".{name}", args, keywords, made)
        raise ArgumentError(f"{self._where()} {self._allowed()}")

    def _call(
        self,
        name: str,
        args: list[ast.expr],
        keywords: list[ast.keyword],
        made: ast.Call | None = None,
    ) -> Any:
        if name not in self._functions:
            raise ArgumentError(
                f"{self._where()} {name!r} is not a function here. "
                f"{did_you_mean(name, self._functions)}"
            )
        given_names = [keyword.arg for keyword in keywords]
        for argument in given_names:
            if argument is None or given_names.count(argument) > 1:
                raise ArgumentError(f"{self._where()} each argument is named once.")
        given = [self.value(each) for each in ([] if made is None else [made]) + args]
        by_name = {str(keyword.arg): self.value(keyword.value) for keyword in keywords}
        try:
            return self._functions[name](*given, **by_name)
        except NestlingError:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise ArgumentError(f"{self._where()} {error}.") from error

    def _where(self) -> str:
        shown = self._text if len(self._text) <= SHOWN else self._text[: SHOWN - 3] + "..."
        return f"{self._option} {shown!r} cannot be read:"

    def _allowed(self) -> str:
        calls = ", ".join(f"{name}(...)" for name in self._functions)
        return "it may hold numbers, text in quotes and lists" + (f", {calls}." if calls else ".")
