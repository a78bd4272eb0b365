"""Reading a formula: an allow-list of symbols, no evaluation of any kind."""

import re
from dataclasses import dataclass

from nestling.errors import FormulaError, did_you_mean
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Text,
    Unary,
)
from nestling.model.functions import FUNCTIONS

LONGEST = 10_000
DEEPEST = 60
"""Bounds that no formula written by a person reaches: parsing takes bounded time and depth."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    | (?P<name>[^\W\d_][\w.]*|\.(?:[^\W\d][\w.]*)?)
    | `(?P<quoted>[^`]+)`
    | "(?P<text>[^"\\]*)" | '(?P<text2>[^'\\]*)'
    | (?P<operator>%in%|\|\||[-+*/^:|~(),=])
    )""",
    re.VERBOSE,
)

# from loosest to tightest, R's precedence; all associate to the left but ^
_LEVELS = (("~",), ("||", "|"), ("+", "-"), ("*", "/"), ("%in%",), (":",))


@dataclass(frozen=True, slots=True)
class Token:
    """A symbol of the formula and where it starts."""

    kind: str
    text: str
    position: int


def tokenize(source: str) -> list[Token]:
    """Split a formula into symbols.

    Raises
    ------
    FormulaError
        At the first character that no formula contains.
    """
    if len(source) > LONGEST:
        raise FormulaError(
            f"The formula has {len(source)} characters; at most {LONGEST} are read. "
            "Shorten it, or use '.' for all other columns."
        )
    tokens, position = [], 0
    end = len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            start = position + len(source[position:]) - len(source[position:].lstrip())
            raise FormulaError(
                pointing(source, start, f"{source[start]!r} has no meaning in a formula")
            )
        kind = str(match.lastgroup)
        tokens.append(Token(kind.rstrip("2"), match.group(kind), match.start(kind)))
        position = match.end()
    return [*tokens, Token("end", "", end)]


def pointing(source: str, position: int, message: str) -> str:
    """Return a message with the formula and a caret under the place it speaks of."""
    line = source.replace("\n", " ")
    return f"{message}:\n  {line}\n  {' ' * position}^"


class _Reader:
    """The tokens that are left, for recursive descent."""

    __slots__ = ("depth", "index", "source", "tokens")

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.index = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def error(self, message: str, token: Token | None = None) -> FormulaError:
        place = (token or self.next).position
        return FormulaError(pointing(self.source, place, message))

    def expect(self, text: str) -> None:
        if self.next.text != text or self.next.kind != "operator":
            found = repr(self.next.text) if self.next.text else "the end"
            raise self.error(f"Expected {text!r} but found {found}")
        self.take()


def parse_expression(source: str) -> Expression:
    """Read a whole formula or expression.

    Raises
    ------
    FormulaError
        With a caret at the symbol that cannot stand where it does.
    """
    reader = _Reader(source)
    if reader.next.kind == "end":
        raise FormulaError("The formula is empty. Write for instance 'y ~ x + (1 | group)'.")
    node = _level(reader, 0)
    if reader.next.kind != "end":
        raise reader.error(f"{reader.next.text!r} cannot stand here; an operator is missing")
    return node


def _level(reader: _Reader, level: int) -> Expression:
    if level == len(_LEVELS):
        return _signed(reader)
    reader.depth += 1
    if reader.depth > DEEPEST * len(_LEVELS):
        raise reader.error("The formula is nested too deeply")
    if level == 0 and reader.next.text == "~" and reader.next.kind == "operator":
        raise reader.error("The formula has no response. Put the column to explain before '~'")
    node = _level(reader, level + 1)
    while reader.next.kind == "operator" and reader.next.text in _LEVELS[level]:
        operator = reader.take().text
        node = Binary(operator, node, _level(reader, level + 1))
    reader.depth -= 1
    return node


def _signed(reader: _Reader) -> Expression:
    if reader.next.kind == "operator" and reader.next.text in {"-", "+"}:
        reader.depth += 1
        if reader.depth > DEEPEST * len(_LEVELS):
            raise reader.error("The formula is nested too deeply")
        operator = reader.take().text
        # a sign binds looser than ':' in R, so that -a:b is -(a:b)
        node = Unary(operator, _level(reader, len(_LEVELS) - 1))
        reader.depth -= 1
        return node
    return _power(reader)


def _power(reader: _Reader) -> Expression:
    base = _atom(reader)
    if reader.next.kind == "operator" and reader.next.text == "^":
        reader.take()
        return Binary("^", base, _signed(reader))
    return base


def _atom(reader: _Reader) -> Expression:
    token = reader.take()
    if token.kind == "number":
        return Number(float(token.text.rstrip("L")))
    if token.kind == "text":
        return Text(token.text)
    if token.kind == "quoted":
        return Name(token.text)
    if token.kind == "name":
        if reader.next.text == "(" and reader.next.kind == "operator":
            return _call(reader, token)
        return Text(token.text) if token.text in {"TRUE", "FALSE"} else Name(token.text)
    if token.kind == "operator" and token.text == "(":
        inner = _level(reader, 1)
        reader.expect(")")
        return Parentheses(inner)
    if token.kind == "end":
        raise reader.error("The formula ends where a column or term is expected", token)
    raise reader.error(f"{token.text!r} stands where a column or term is expected", token)


def _call(reader: _Reader, name: Token) -> Expression:
    if name.text not in FUNCTIONS:
        raise reader.error(
            f"{name.text!r} is not a function of formulas. "
            f"{did_you_mean(name.text, FUNCTIONS)} Compute anything else as a column first",
            name,
        )
    reader.expect("(")
    arguments: list[Expression] = []
    names: list[str | None] = []
    while reader.next.text != ")" or reader.next.kind != "operator":
        if arguments:
            reader.expect(",")
        following = reader.tokens[min(reader.index + 1, len(reader.tokens) - 1)]
        if reader.next.kind == "name" and following.kind == "operator" and following.text == "=":
            names.append(reader.take().text)
            reader.take()
        else:
            names.append(None)
        arguments.append(_level(reader, 1))
    reader.expect(")")
    if not arguments:
        raise reader.error(f"{name.text}() needs a column", name)
    return Function(name.text, tuple(arguments), tuple(names))
