"""Functions of predictors inside equations, and how R spells them."""

import re

from nestling.model.notation import Token

FUNCTIONS = frozenset(
    {"I", "log", "log2", "log10", "log1p", "sqrt", "exp", "abs", "sin", "cos", "scale", "poly",
     "ns", "bs", "factor", "offset"}
)  # fmt: skip

_SPACED = {"+", "-", "*", "=", ","}


_SYNTACTIC = re.compile(r"[^\W\d_][\w.]*")
_RESERVED = {"if", "else", "for", "in", "while", "repeat", "function", "next", "break",
             "TRUE", "FALSE", "NULL", "NA", "NaN", "Inf"}  # fmt: skip


def quoted(name: str) -> str:
    """Return a column as a formula names it: in backticks if it is no plain name.

    Examples
    --------
    >>> quoted("age"), quoted("age at start")
    ('age', '`age at start`')
    """
    return name if _SYNTACTIC.fullmatch(name) and name not in _RESERVED else f"`{name}`"


def spelled(tokens: tuple[Token, ...]) -> str:
    """Return tokens as R prints them: `a + b`, `a * b`, `a/b`, `a^2`, `f(a, df = 3)`.

    Examples
    --------
    >>> from nestling.model.notation import tokens
    >>> spelled(tokens("poly( t,2 )", 1)), spelled(tokens("(-x+1)/2", 1))
    ('poly(t, 2)', '(-x + 1)/2')
    """
    text = ""
    for position, token in enumerate(tokens):
        before = tokens[position - 1] if position else None
        sign = token.text in {"+", "-"} and (
            before is None or (before.kind == "op" and before.text != ")")
        )
        if token.kind == "quoted":
            text += quoted(token.text)
        elif token.kind == "number":
            text += f"{float(token.text):.15g}"
        elif token.kind == "op" and token.text in _SPACED and not sign:
            text += ", " if token.text == "," else f" {token.text} "
        else:
            text += token.text
    return text
