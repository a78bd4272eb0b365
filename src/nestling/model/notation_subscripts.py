"""Which letters at the end of a name are level indices, and which belong to the name.

`y_ij`, `b0j`, `X₁ᵢⱼ` and `e_ij` carry subscripts; a column may be called `week` or `Xij`. The
rule of `subscripts="auto"`:

1. The index letters are those below the response or the residual (`y_ti`: t, i); i, j, k, ...
   for Level 1, 2, 3, ... where neither shows any.
2. A subscript written as one (`X_ij`, `X_{ij}`, `Xᵢⱼ`) is left out of the name.
3. Letters attached to a conventional symbol with digits (`b0j`, `u1j`) are left out.
4. Letters attached to any other name (`X1ij`, `Zj`, `yij`) are left out only if a residual or
   random effect of the same text carries them too (`eij`, `u0j`): random terms are never
   columns, so they tell how the text is written. A single letter is moreover left out only
   after a capital, a digit or a one-letter name: `Zj` is Z, `rank` stays rank.

`"keep"` leaves every name as written; `"ignore"` drops attached indices without asking for
evidence. A name in backticks is a column and is never changed.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from nestling.model.notation import Token, problem
from nestling.model.notation_statements import Statement
from nestling.model.notation_symbols import rank, role

Subscripts = Literal["auto", "keep", "ignore"]

_LETTERS = "ijklmnst"
_BELOW = re.compile(r"(?P<digits>\d*(?:,\d+)*),?(?P<letters>[a-z]*)")


def plain_names(
    statements: tuple[Statement, ...], n_levels: int, subscripts: Subscripts = "auto"
) -> tuple[Statement, ...]:
    """Return the statements with every name in plain spelling, subscripts removed or kept.

    Raises
    ------
    FormulaError
        If two names that differ only in their subscripts would become the same name.
    """
    words = {id(token) for statement in statements for token in _words(statement)}
    letters = _index_letters(statements, n_levels)
    shown = _evidence(statements, letters)
    plain: dict[tuple[str, str], str] = {}
    first: dict[str, tuple[str, Token]] = {}
    for token in (token for statement in statements for token in statement.tokens):
        if token.kind != "name" or id(token) in words:
            continue
        if subscripts == "keep":
            name, index = _joined(token.text, token.subscript), ""
        else:
            name, index = _split(token, letters, None if subscripts == "ignore" else shown)
        other, elsewhere = first.setdefault(name, (index, token))
        if index and not other:
            first[name] = (index, token)
        elif index and index != other:
            raise problem(
                f"{_written(elsewhere)} and {_written(token)} are the same name {name!r} once "
                "their subscripts are left out. Give them names that differ, or say "
                "subscripts='keep'.",
                token.place,
            )
        plain[token.text, token.subscript] = name
    return tuple(
        replace(
            statement,
            tokens=tuple(
                replace(token, text=plain[token.text, token.subscript], subscript="")
                if token.kind == "name" and id(token) not in words
                else token
                for token in statement.tokens
            ),
        )
        for statement in statements
    )


def _words(statement: Statement) -> Iterator[Token]:
    """Yield names that are no symbols: functions, their argument names, groups in brackets."""
    inside = False
    for before, token, after in _neighbours(statement):
        inside = token.text == "[" or (inside and token.text != "]")
        argument = before is not None and before.text == "," and after and after.text == "="
        if token.kind == "name" and (inside or argument or (after and after.text == "(")):
            yield token


def _written(token: Token) -> str:
    return repr(token.place.text[token.place.start : token.place.stop])


def _joined(text: str, subscript: str) -> str:
    """Name and subscript in one word: `b_{0j}` is b0j, `g_{10,1}` is g10_1, `X_{age}` X_age."""
    glue = "" if not subscript or subscript[0].isdigit() or len(subscript) == 1 else "_"
    if subscript and set(subscript) <= set(_LETTERS):
        glue = ""
    return text + glue + subscript.replace(",", "_")


def _split(token: Token, letters: str, shown: frozenset[str] | None) -> tuple[str, str]:
    """Return name and index letters; `shown` None means that no evidence is asked for."""
    if token.subscript:
        below = _BELOW.fullmatch(token.subscript)
        if below and _is_index(below["letters"], letters):
            return _joined(token.text, below["digits"]), below["letters"]
        return _joined(token.text, token.subscript), ""
    name = token.text
    if "_" in name:
        base, _, last = name.rpartition("_")
        below = _BELOW.fullmatch(last)
        if base and below and _is_index(below["letters"], letters):
            kept = f"{base}_{below['digits']}" if below["digits"] else base
            return kept, below["letters"]
    return _attached(name, letters, shown)


def _attached(name: str, letters: str, shown: frozenset[str] | None) -> tuple[str, str]:
    for size in range(min(len(letters), len(name) - 1), 0, -1):
        base, index = name[:-size], name[-size:]
        if not _is_index(index, letters) or rank(name):
            continue
        symbol = rank(base) == 3
        evident = shown is None or index in shown
        apart = size > 1 or len(base) == 1 or base[-1].isupper() or base[-1].isdigit()
        if symbol or (evident and (apart or shown is None)):
            return base, index
    return name, ""


def _is_index(written: str, letters: str) -> bool:
    """Tell whether letters are some of the index letters, in their order."""
    rest = iter(letters)
    return bool(written) and all(letter in rest for letter in written)


def _index_letters(statements: tuple[Statement, ...], n_levels: int) -> str:
    """Find the index letters of the text, Level 1 first."""
    for statement in statements:
        alone = _alone(statement)
        for token in (statement.tokens[0], *alone):
            shown = token.subscript or token.text.rpartition("_")[2]
            explicit = token.subscript or "_" in token.text
            below = _BELOW.fullmatch(shown) if explicit else None
            attached = _tails(token.text) if token in alone and not explicit else []
            for found in (below["letters"] if below else "", *attached):
                if len(found) == n_levels == len(set(found)) and set(found) <= set(_LETTERS):
                    return found
    return "ijklmnopqrst"[:n_levels]


def _tails(name: str) -> list[str]:
    """Return the letters after a residual's own: `eti` gives ti."""
    return [name[cut:] for cut in range(1, len(name)) if role(name[:cut]) == "random"]


def _evidence(statements: tuple[Statement, ...], letters: str) -> frozenset[str]:
    """Collect the subscripts that random terms of the text carry, and all parts of them."""
    seen: set[str] = set()
    for statement in statements:
        for token in _random(statement, letters):
            _, index = _split(token, letters, frozenset(_parts(letters)))
            seen |= _parts(index)
    return frozenset(seen)


def _random(statement: Statement, letters: str) -> Iterator[Token]:
    """Yield the tokens that can only be a random effect: alone in a sum, or u0j times X."""
    alone = set(map(id, _alone(statement)))
    everything = frozenset(_parts(letters))
    for token in statement.tokens:
        if token.kind != "name":
            continue
        base, _ = _split(token, letters, everything)
        if role(base) == "random" and (id(token) in alone or rank(base) == 3):
            yield token


def _alone(statement: Statement) -> list[Token]:
    """Names that stand alone in a sum, not in a product."""
    found = []
    for before, token, after in _neighbours(statement):
        starts = before is not None and before.text in {"=", "+", "-", "("}
        ends = after is None or after.text in {"+", "-", ")", "["}
        if token.kind == "name" and starts and ends:
            found.append(token)
    return found


def _neighbours(statement: Statement) -> Iterator[tuple[Token | None, Token, Token | None]]:
    padded = (None, *statement.tokens, None)
    return zip(padded, statement.tokens, padded[2:], strict=False)


def _parts(index: str) -> set[str]:
    """All letters of an index, and all runs of them in order: ij gives i, j, ij."""
    parts = {""}
    for letter in index:
        parts |= {part + letter for part in parts}
    return parts - {""}
