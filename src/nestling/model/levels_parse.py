"""Statements to sums of products, by recursive descent over an allow-list of tokens."""

from dataclasses import dataclass, replace
from itertools import product
from typing import NoReturn

from nestling.model.levels_calls import FUNCTIONS, quoted, spelled
from nestling.model.notation import Place, Token, close_to, problem
from nestling.model.notation_statements import Heading, Statement, group_name

_COVARIANCE = {"cov", "cor", "corr", "covariance", "correlation"}
_NORMAL = {"N", "MVN", "Normal", "normal"}
_DEEPEST = 30
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a product.

    `column` is True when the notation itself says that this is a predictor: a name in
    backticks, a function call, a power. `group` is the grouping factor in brackets.
    """

    name: str
    place: Place
    column: bool = False
    group: str | None = None
    offset: bool = False


Product = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class SumEquation:
    """`left = products`, under a heading or under none."""

    heading: Heading | None
    left: Factor
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A line about symbols: uncorrelated effects, random symbols, or fixed coefficients."""

    says: str
    symbols: tuple[Factor, ...]


def parse_statement(statement: Statement) -> SumEquation | Declaration:
    """Read one statement.

    Raises
    ------
    FormulaError
        For anything that is not an equation, `cov(u0, u1) = 0`, `e ~ N(0, sigma2)` or
        `Coefficients: a, b`, with the line and a caret.
    """
    reader = _Reader(statement)
    first = statement.tokens[0].text
    texts = [token.text for token in statement.tokens]
    if first.lower() in _COVARIANCE and texts[1:2] == ["("]:
        return reader.uncorrelated()
    if first.lower() == "coefficients" and texts[1:2] == [":"]:
        return reader.coefficients()
    if "~" in texts:
        return reader.normal()
    return reader.equation()


def named(token: Token) -> Factor:
    """Make a factor of a name; a name in backticks is a column."""
    if token.kind == "quoted":
        return Factor(quoted(token.text), token.place, column=True)
    return Factor(token.text, token.place)


class _Reader:
    """A cursor over the tokens of one statement."""

    __slots__ = ("at", "depth", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.at = 0
        self.depth = 0

    def equation(self) -> SumEquation:
        left = self.left()
        products = self.sum()
        if (token := self.peek()) is not None:
            if token.text == "=":
                raise problem("An equation has one '='.", token.place)
            self.unexpected(token)
        return SumEquation(self.statement.heading, left, products)

    def left(self) -> Factor:
        """Read the left side up to and with '='."""
        token = self.take()
        if token.kind not in {"name", "quoted"}:
            raise problem(
                "An equation begins with the name of the response or of a coefficient, as in "
                "'y = b0 + e'.",
                token.place,
            )
        opens = (following := self.peek()) is not None and following.text == "("
        left = self.call(token) if opens else named(token)
        equals = self.peek()
        if equals is None or equals.text != "=":
            raise problem(
                f"Expected '=' after {left.name!r}: an equation reads 'b0 = g00 + u0'.",
                (equals or self.statement.tokens[-1]).place,
            )
        self.at += 1
        return left

    def sum(self) -> tuple[Product, ...]:
        products: list[Product] = list(self.product())
        while (token := self.peek()) is not None and token.text in {"+", "-"}:
            if token.text == "-":
                raise problem(
                    "A minus sign has no place in an equation: write '+' and give the "
                    "coefficient a negative value.",
                    token.place,
                )
            self.at += 1
            products.extend(self.product())
            if len(products) > _LONGEST:
                raise problem(f"More than {_LONGEST} terms in one equation.", token.place)
        return tuple(products)

    def product(self) -> tuple[Product, ...]:
        """Read factors joined by '*'; sums in parentheses are multiplied out."""
        factors = [self.factor()]
        while (token := self.peek()) is not None:
            if token.text in {"*", ":"}:
                self.at += 1
            elif not (self.statement.implicit_products and self.begins_factor(token)):
                break
            factors.append(self.factor())
        size = 1
        for choices in factors:
            size *= len(choices)
        if size > _LONGEST:
            raise problem(f"More than {_LONGEST} terms in one product.", factors[0][0][0].place)
        return tuple(sum(choice, ()) for choice in product(*factors))

    @staticmethod
    def begins_factor(token: Token) -> bool:
        return token.kind in {"name", "quoted"} or token.text == "("

    def factor(self) -> tuple[Product, ...]:
        token = self.take()
        if token.text == "(" and token.kind == "op":
            return self.parenthesis(token)
        if token.kind == "number":
            raise problem(
                f"The number {token.text} stands where a symbol is expected. Name the "
                "coefficient here and give its value to nl.Population(eq, g00=2, ...); a "
                "transformed predictor is written I(...).",
                token.place,
            )
        if token.kind == "op":
            self.unexpected(token)
        following = self.peek()
        if following is not None and following.text == "(" and not self.multiplies(token):
            return ((self.call(token),),)
        if following is not None and following.text == "^":
            return ((self.power(token),),)
        found = named(token)
        if following is not None and following.text == "[":
            found = replace(found, group=self.group())
        return ((found,),)

    def multiplies(self, token: Token) -> bool:
        return self.statement.implicit_products and token.text not in FUNCTIONS

    def parenthesis(self, opened: Token) -> tuple[Product, ...]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise problem(f"More than {_DEEPEST} parentheses inside one another.", opened.place)
        inner = self.sum()
        self.depth -= 1
        closed = self.peek()
        if closed is None:
            raise problem("This parenthesis is never closed.", opened.place)
        if closed.text != ")":
            self.unexpected(closed)
        self.at += 1
        return inner

    def power(self, base: Token) -> Factor:
        """Read X^2 as the predictor I(X^2)."""
        sign = self.take()
        exponent = self.take(after=sign)
        if exponent.kind != "number" or "." in exponent.text:
            raise problem(
                "A power is a whole number, as in b2*t^2; anything else goes inside I(...).",
                exponent.place,
            )
        text = spelled((base, sign, exponent))
        place = replace(base.place, stop=exponent.place.stop)
        return Factor(f"I({text})", place, column=True)

    def call(self, name: Token) -> Factor:
        """Read a listed function of predictors as one predictor."""
        if name.text not in FUNCTIONS:
            raise problem(
                f"{name.text!r} is not a function of the notation. Write '*' for a product; "
                f"the functions are {', '.join(sorted(FUNCTIONS))}."
                + close_to(name.text, FUNCTIONS),
                name.place,
            )
        begun, depth = self.at, 0
        while True:
            token = self.take(after=name)
            depth += (token.text == "(") - (token.text == ")")
            if token.kind == "op" and token.text in {"[", "]", "~", "|"}:
                self.unexpected(token)
            following = self.peek()
            if (
                token.kind == "name"
                and following is not None
                and following.text == "("
                and token.text not in FUNCTIONS
            ):
                raise problem(
                    f"{token.text!r} is not a function of the notation; the functions are "
                    f"{', '.join(sorted(FUNCTIONS))}.",
                    token.place,
                )
            if depth == 0:
                break
            if following is not None and not {"op"} & {token.kind, following.kind}:
                self.unexpected(following)
        inside = self.statement.tokens[begun : self.at]
        if len(inside) == 2:
            raise problem(f"{name.text}() needs a predictor between its parentheses.", name.place)
        text = name.text + spelled(inside)
        return Factor(text, name.place, column=True, offset=name.text == "offset")

    def group(self) -> str:
        """Read [Cluster] or [school:class] after a random effect."""
        opened = self.take()
        parts: list[str] = []
        while (token := self.take(after=opened)).text != "]":
            parts.append(token.text)
        return group_name("".join(parts), replace(opened.place, stop=token.place.stop))

    def uncorrelated(self) -> Declaration:
        """Read cov(u0, u1) = 0."""
        word = self.take()
        symbols = self.names("(", ")")
        rest = [token.text for token in self.statement.tokens[self.at :]]
        if rest != ["=", "0"]:
            place = (self.peek() or self.statement.tokens[-1]).place
            raise problem(
                f"Only {word.text}(u0, u1) = 0 can be said in the equations: it makes the random "
                "effects uncorrelated. Values are given to nl.Population(random=...).",
                place,
            )
        if len(symbols) < 2:
            raise problem("A covariance is of two or more random effects.", word.place)
        return Declaration("uncorrelated", symbols)

    def normal(self) -> Declaration:
        """Read e ~ N(0, sigma2) or (u0, u1) ~ N(0, T)."""
        texts = [token.text for token in self.statement.tokens]
        tilde = texts.index("~")
        if texts[tilde + 1 : tilde + 2] == [] or texts[tilde + 1] not in _NORMAL:
            hint = (
                " This looks like a formula: nl.levels_of() turns a formula into equations."
                if tilde == 1 or "|" in texts
                else ""
            )
            raise problem(
                f"'~' says how a random effect is distributed, as in 'u0 ~ N(0, tau)'.{hint}",
                self.statement.tokens[tilde].place,
            )
        if texts[0] in {"(", "["}:
            symbols = self.names(texts[0], {"(": ")", "[": "]"}[texts[0]])
        else:
            symbols = self.list_until("~")
        spread = self.statement.tokens[tilde + 2 :]
        if [token.text for token in spread[:3]] != ["(", "0", ","] or spread[-1].text != ")":
            raise problem(
                "Random effects have mean 0: write 'u0 ~ N(0, tau)'.",
                self.statement.tokens[tilde + 1].place,
            )
        if len(spread) < 5 or spread[3].kind == "number":
            raise problem(
                "The spread is a symbol here; its value is given to nl.Population(random=..., "
                "residual=...).",
                spread[min(3, len(spread) - 1)].place,
            )
        return Declaration("random", symbols)

    def coefficients(self) -> Declaration:
        """Read Coefficients: slope, intercept."""
        self.at = 2
        return Declaration("fixed", self.list_until(None))

    def names(self, opens: str, closes: str) -> tuple[Factor, ...]:
        opened = self.take()
        if opened.text != opens:
            self.unexpected(opened)
        return self.list_until(closes)

    def list_until(self, closes: str | None) -> tuple[Factor, ...]:
        """Read names separated by commas, up to and with the closing sign."""
        found: list[Factor] = []
        last = self.statement.tokens[-1]
        while True:
            token = self.take(after=last)
            if token.kind != "name":
                self.unexpected(token)
            found.append(Factor(token.text, token.place))
            following = self.peek()
            if following is None and closes is None:
                return tuple(found)
            comma = self.take(after=last)
            if comma.text == closes:
                return tuple(found)
            if comma.text != ",":
                self.unexpected(comma)

    def peek(self) -> Token | None:
        all_tokens = self.statement.tokens
        return all_tokens[self.at] if self.at < len(all_tokens) else None

    def take(self, after: Token | None = None) -> Token:
        token = self.peek()
        if token is None:
            last = after or self.statement.tokens[-1]
            raise problem(f"The line ends after {last.text!r}; more was expected.", last.place)
        self.at += 1
        return token

    def unexpected(self, token: Token) -> NoReturn:
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
