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
    Truth,
    Unary,
)
from nestling.model.functions import FUNCTIONS

LONGEST = 50_000
DEEPEST = 60
"""Bounds that no formula written by a person reaches: parsing takes bounded time and depth."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    | (?P<name>[^\W\d_][\w.]*|\.(?:[^\W\d][\w.]*)?)
    | `(?P<quoted>[^`\\]+)`
    | "(?P<text>[^"\\]*)" | '(?P<text2>[^'\\]*)'
    | (?P<operator>%in%|%%|%/%|\|\||\*\*|[<>=!]=|<(?!-)|[-+*/^:|~(),=>])
    )""",
    re.VERBOSE,
)

# R's precedence, loosest first
_LEVELS = (
    ("~",),
    ("||", "|"),
    ("<", ">", "<=", ">=", "==", "!="),
    ("+", "-"),
    ("*", "/"),
    ("%in%", "%%", "%/%"),
    (":",),
)
_BINDING = {operator: level for level, row in enumerate(_LEVELS) for operator in row}
_SIGN = len(_LEVELS)
"""A sign binds tighter than all of them but looser than ^: -x^2 is -(x^2)."""


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
        text = "^" if match.group(kind) == "**" else match.group(kind)
        tokens.append(Token(kind.rstrip("2"), text, match.start(kind)))
        position = match.end()
    return [*tokens, Token("end", "", end)]


def pointing(source: str, position: int, message: str) -> str:
    """Return a message with the formula and a caret under the place it speaks of."""
    first = max(0, position - 60)
    line = re.sub(r"\s", " ", source[first : position + 60])
    return f"{message}:\n  {line}\n  {' ' * (position - first)}^"


class _Reader:
    """The tokens that are left, for recursive descent."""

    __slots__ = ("depth", "heights", "index", "source", "tokens")

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.index = 0
        self.depth = 0
        self.heights: dict[int, int] = {}

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def at(self, *texts: str) -> bool:
        return self.next.kind == "operator" and self.next.text in texts

    def error(self, message: str, token: Token | None = None) -> FormulaError:
        place = (token or self.next).position
        return FormulaError(pointing(self.source, place, message))

    def expect(self, text: str) -> None:
        if not self.at(text):
            found = repr(self.next.text) if self.next.text else "the end"
            raise self.error(f"Expected {text!r} but found {found}")
        self.take()

    def grown(self, node: Expression, *parts: Expression, by: int = 1) -> Expression:
        """Note the height of a new node; a tree that is too high is refused while small."""
        height = max(self.heights.get(id(part), 0) for part in parts) + by
        if height > DEEPEST:
            raise self.error("The formula is nested too deeply")
        self.heights[id(node)] = height
        return node


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
    if reader.at("~"):
        raise reader.error("The formula has no response. Put the column to explain before '~'")
    node = _expression(reader, 0)
    if reader.next.kind != "end":
        raise reader.error(f"{reader.next.text!r} cannot stand here; an operator is missing")
    return node


def _expression(reader: _Reader, loosest: int) -> Expression:
    """Read operators that bind at least as tightly as `loosest`, associating to the left."""
    reader.depth += 1
    if reader.depth > DEEPEST:
        raise reader.error("The formula is nested too deeply")
    node = _signed(reader)
    while reader.next.kind == "operator" and (
        loosest <= (level := _BINDING.get(reader.next.text, -1))
    ):
        operator = reader.take().text
        right = _expression(reader, level + 1)
        # sums are walked without recursion, so a long one is not high
        grow = 0 if operator in {"+", "-"} else 1
        node = reader.grown(Binary(operator, node, right), node, right, by=grow)
    reader.depth -= 1
    return node


def _signed(reader: _Reader) -> Expression:
    if not reader.at("-", "+"):
        return _power(reader)
    operator = reader.take().text
    operand = _expression(reader, _SIGN)
    return reader.grown(Unary(operator, operand), operand)


def _power(reader: _Reader) -> Expression:
    base = _atom(reader)
    if not reader.at("^"):
        return base
    reader.take()
    exponent = _expression(reader, _SIGN)
    return reader.grown(Binary("^", base, exponent), base, exponent)


def _atom(reader: _Reader) -> Expression:
    token = reader.take()
    if token.kind == "operator" and token.text == "(":
        inner = _expression(reader, 1)
        reader.expect(")")
        return reader.grown(Parentheses(inner), inner)
    if token.kind == "name" and reader.at("("):
        return _call(reader, token)
    match token.kind:
        case "number":
            return Number(float(token.text.rstrip("L")), token.text.endswith("L"))
        case "text":
            return Text(token.text)
        case "name" if token.text in {"TRUE", "FALSE"}:
            return Truth(token.text == "TRUE")
        case "name" | "quoted":
            return Name(token.text)
    found = repr(token.text) if token.text else "The end"
    raise reader.error(f"{found} stands where a column or term is expected", token)


def _call(reader: _Reader, name: Token) -> Expression:
    if name.text not in FUNCTIONS:
        raise reader.error(
            f"{name.text!r} is not a function of formulas. "
            f"{did_you_mean(name.text, sorted(FUNCTIONS))} Compute anything else as a column first",
            name,
        )
    reader.expect("(")
    arguments: list[Expression] = []
    names: list[str | None] = []
    while not reader.at(")"):
        if arguments:
            reader.expect(",")
        names.append(_argument_name(reader))
        arguments.append(_expression(reader, 1))
    reader.expect(")")
    if not arguments:
        raise reader.error(f"{name.text}() needs a column", name)
    call = Function(name.text, tuple(arguments), tuple(names))
    return reader.grown(call, *arguments)


def _argument_name(reader: _Reader) -> str | None:
    following = reader.tokens[min(reader.index + 1, len(reader.tokens) - 1)]
    if reader.next.kind != "name" or (following.kind, following.text) != ("operator", "="):
        return None
    name = reader.take().text
    reader.take()
    return name
