"""A cursor over the tokens of one statement, and the errors of a token out of place."""

from typing import NoReturn

from nestling.model.notation import Token, problem
from nestling.model.notation_statements import Statement


class Cursor:
    """Where the reading of a statement stands."""

    __slots__ = ("at", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.at = 0

    def peek(self) -> Token | None:
        """Return the next token, or None at the end."""
        every = self.statement.tokens
        return every[self.at] if self.at < len(every) else None

    def sees(self, text: str) -> bool:
        """Tell whether the next token is this operator."""
        token = self.peek()
        return token is not None and token.kind == "op" and token.text == text

    def take(self, after: Token | None = None) -> Token:
        """Return the next token and step over it; `after` is named if there is none."""
        token = self.peek()
        if token is None:
            last = after or self.statement.tokens[-1]
            raise problem(f"The line ends after {last.text!r}; more was expected.", last.place)
        self.at += 1
        return token

    def names(self, closes: str | None) -> tuple[Token, ...]:
        """Read names separated by commas, up to and with the closing sign."""
        found: list[Token] = []
        last = self.statement.tokens[-1]
        while True:
            token = self.take(after=last)
            if token.kind != "name":
                unexpected(token)
            found.append(token)
            if closes is None and self.peek() is None:
                return tuple(found)
            comma = self.take(after=last)
            if comma.text == closes:
                return tuple(found)
            if comma.text != ",":
                unexpected(comma)


def unexpected(token: Token) -> NoReturn:
    """Raise the error of a token that cannot stand where it does."""
    if token.kind == "op" and token.text == "/":
        raise problem(
            "Division has no place in an equation: divide in the data, or write I(X/10).",
            token.place,
        )
    if token.kind in {"name", "quoted", "number"}:
        raise problem(
            f"{token.text!r} follows without an operator: write '*' for a product or '+' "
            "for a sum.",
            token.place,
        )
    if token.text == ")":
        raise problem("This parenthesis was never opened.", token.place)
    raise problem(f"Unexpected {token.text!r}.", token.place)
