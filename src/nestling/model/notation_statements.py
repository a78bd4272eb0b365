"""Text to statements: level headings, equations, and the lines that say more about symbols."""

import re
import unicodedata
from dataclasses import dataclass

from nestling.model.notation import Place, Token, problem, tokens

_HEADING = re.compile(
    r"\s*(?:(?:level|lvl)[\s-]*(?P<number>\d+)|l(?P<short>\d+)(?=\s*(?:\([^()]*\)\s*)?:))"
    r"\s*(?:\((?P<groups>[^()]*)\))?\s*(?P<colon>:)?",
    re.IGNORECASE,
)
_GROUP = re.compile(r"(?:`[^`]+`|[^\W\d_][\w.]*)(?:\s*:\s*(?:`[^`]+`|[^\W\d_][\w.]*))*")
_ITALIC = re.compile("[\U0001d400-\U0001d7ff]")
_GOES_ON = {"+", "-", "*", "=", "~"}


@dataclass(frozen=True, slots=True)
class Heading:
    """`Level 2 (Cluster):` with its number and the names between the parentheses."""

    number: int
    groups: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Statement:
    """The tokens of one statement and the heading it stands under, if any."""

    heading: Heading | None
    tokens: tuple[Token, ...]
    implicit_products: bool

    @property
    def place(self) -> Place:
        """Where the statement begins."""
        return self.tokens[0].place


def statements(text: str) -> tuple[tuple[Heading, ...], tuple[Statement, ...]]:
    r"""Split a text into headings and statements.

    A line is a statement; it goes on while a parenthesis is open, after an operator at its
    end, and when the next line begins with one. `;` and LaTeX's `\\` also end a statement,
    `#` begins a comment. In a statement written with LaTeX commands, names side by side
    are a product.

    Examples
    --------
    >>> headings, found = statements('''
    ...     Level 1 (ID): y = b0 + e
    ...     Level 2 (school:class): b0 = g00
    ...                                + u0''')
    >>> [(heading.number, heading.groups) for heading in headings]
    [(1, ('ID',)), (2, ('school:class',))]
    >>> len(found)
    2
    """
    headings: list[Heading] = []
    heading: Heading | None = None
    found: list[Statement] = []
    held: list[Token] = []

    def close() -> None:
        if held:
            latex = any("\\" in token.place.text for token in held)
            found.append(Statement(heading, tuple(held), latex))
            held.clear()

    for number, line in enumerate(_usual_letters(text).splitlines(), start=1):
        code = line.split("#", maxsplit=1)[0]
        start = 0
        if (opened := _heading(code, line, number)) is not None:
            close()
            heading, start = opened
            headings.append(heading)
        for begin, stop in _pieces(code, start):
            if begin > start:
                close()
            piece = tokens(line, number, begin, stop)
            if held and piece and not _continues(held, piece):
                close()
            held.extend(piece)
        if not code.strip():
            close()
    close()
    return tuple(headings), tuple(found)


def _usual_letters(text: str) -> str:
    """Return composed characters, and plain letters for the italic ones of equation editors."""
    composed = unicodedata.normalize("NFC", text)
    return _ITALIC.sub(lambda match: unicodedata.normalize("NFKC", match.group()), composed)


def _pieces(code: str, start: int) -> list[tuple[int, int]]:
    r"""Columns between the separators `;` and `\\`, from `start`."""
    pieces = []
    for mark in re.finditer(r";(?<!\\;)|\\\\", code):
        if mark.start() >= start:
            pieces.append((start, mark.start()))
            start = mark.end()
    pieces.append((start, len(code)))
    return pieces


def _continues(held: list[Token], piece: tuple[Token, ...]) -> bool:
    texts = [token.text for token in held if token.kind == "op"]
    opened = texts.count("(") + texts.count("[") > texts.count(")") + texts.count("]")
    last, first = held[-1], piece[0]
    return (
        opened
        or (last.kind == "op" and last.text in _GOES_ON)
        or (first.kind == "op" and first.text in _GOES_ON - {"=", "~"})
    )


def _heading(code: str, line: str, number: int) -> tuple[Heading, int] | None:
    """Read a heading at the start of a line and the column after it."""
    match = _HEADING.match(code)
    if match is None:
        return None
    digits = match["number"] or match["short"]
    place = Place(number, len(code) - len(code.lstrip()), len(code[: match.end()].rstrip()), line)
    if match["colon"] is None:
        if re.match(r"\s*=", code[match.end() :]):
            return None
        raise problem(f"A level's heading ends with ':', as in 'Level {digits} (Cluster):'.", place)
    if len(digits) > 2 or int(digits) < 1:
        raise problem(f"Levels are numbered 1, 2, 3, ...; got {digits}.", place)
    written = match["groups"]
    if written is not None and not written.strip():
        raise problem(
            "The parentheses after the level are empty; name the unit or the grouping factor.",
            place,
        )
    groups = tuple(group_name(name, place) for name in (written or "").split(",") if written)
    if len(set(groups)) < len(groups):
        raise problem("A grouping factor is named twice in one heading.", place)
    return Heading(int(digits), groups, place), match.end()


def group_name(written: str, place: Place) -> str:
    """Return a grouping factor in lme4's spelling: 'school', 'school:class'."""
    name = written.strip()
    if not _GROUP.fullmatch(name):
        hint = " Nested identifiers are joined by ':', as in school:class." if "/" in name else ""
        raise problem(
            f"{name!r} is not a grouping factor; expected a column name such as Cluster, or "
            f"columns joined by ':'.{hint}",
            place,
        )
    return ":".join(part.strip().strip("`") for part in name.split(":"))
