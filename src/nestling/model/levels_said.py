"""Lines that say more about symbols than the equations do."""

from dataclasses import dataclass
from typing import Literal

from nestling.model.levels_cursor import Cursor, unexpected
from nestling.model.levels_parse import Factor
from nestling.model.notation import Token, problem
from nestling.model.notation_statements import Statement

_COVARIANCE = {"cov", "cor", "corr", "covariance", "correlation"}
_NORMAL = {"N", "MVN", "Normal", "normal"}


@dataclass(frozen=True, slots=True)
class Declaration:
    """Symbols that are random, fixed coefficients, or random effects without covariance."""

    says: Literal["uncorrelated", "random", "fixed"]
    symbols: tuple[Factor, ...]


def parse_declaration(statement: Statement) -> Declaration | None:
    """Read a line about symbols; None if the statement is no such line.

    Raises
    ------
    FormulaError
        If a line begins like one of these and goes on otherwise.
    """
    texts = [token.text for token in statement.tokens]
    first = texts[0].lower()
    cursor = Cursor(statement)
    if first in _COVARIANCE and texts[1:2] == ["("]:
        return _uncorrelated(cursor)
    if first == "coefficients" and texts[1:2] == [":"]:
        cursor.at = 2
        return Declaration("fixed", _factors(cursor.names(None)))
    return _normal(cursor, texts) if "~" in texts else None


def _factors(tokens: tuple[Token, ...]) -> tuple[Factor, ...]:
    return tuple(Factor(token.text, token.place) for token in tokens)


def _uncorrelated(cursor: Cursor) -> Declaration:
    """Read cov(u0, u1) = 0."""
    word = cursor.take()
    cursor.take()
    symbols = _factors(cursor.names(")"))
    if [token.text for token in cursor.statement.tokens[cursor.at :]] != ["=", "0"]:
        place = (cursor.peek() or cursor.statement.tokens[-1]).place
        raise problem(
            f"Only {word.text}(u0, u1) = 0 can be said in the equations: it makes the random "
            "effects uncorrelated. Values are given to nl.Population(random=...).",
            place,
        )
    if len(symbols) < 2:
        raise problem("A covariance is of two or more random effects.", word.place)
    return Declaration("uncorrelated", symbols)


def _normal(cursor: Cursor, texts: list[str]) -> Declaration:
    """Read e ~ N(0, sigma2) or (u0, u1) ~ N(0, T)."""
    tilde = texts.index("~")
    if tilde + 1 == len(texts) or texts[tilde + 1] not in _NORMAL:
        formula = "=" not in texts and (tilde == 1 or "|" in texts)
        raise problem(
            "'~' says how a random effect is distributed, as in 'u0 ~ N(0, tau)'."
            + (
                " This looks like a formula: nl.levels_of() turns a formula into equations."
                if formula
                else ""
            ),
            cursor.statement.tokens[tilde].place,
        )
    closes = {"(": ")", "[": "]"}.get(texts[0], "~")
    if closes != "~":
        cursor.take()
    symbols = _factors(cursor.names(closes))
    if closes != "~" and not cursor.sees("~"):
        unexpected(cursor.take())
    _check_spread(cursor.statement.tokens[tilde + 1 :])
    return Declaration("random", symbols)


def _check_spread(spread: tuple[Token, ...]) -> None:
    if [token.text for token in spread[1:4]] != ["(", "0", ","] or spread[-1].text != ")":
        raise problem("Random effects have mean 0: write 'u0 ~ N(0, tau)'.", spread[0].place)
    if len(spread) < 6 or any(token.kind == "number" for token in spread[4:5]):
        raise problem(
            "The spread is a symbol here; its value is given to nl.Population(random=..., "
            "residual=...).",
            spread[4].place,
        )
