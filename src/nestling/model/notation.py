"""Characters of an equation to tokens, each knowing its place in the text.

Plain text, Greek letters, Unicode subscripts and LaTeX are accepted. Only the characters
listed here are read; nothing is ever evaluated.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nestling.errors import FormulaError, did_you_mean

Kind = Literal["name", "quoted", "number", "op"]

_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚₛₜ"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_FROM_SUBSCRIPT = str.maketrans(_SUBSCRIPTS, "0123456789ijklmnpst")
_FROM_SUPERSCRIPT = str.maketrans(_SUPERSCRIPTS, "0123456789")

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Sigma": "Σ", "Omega": "Ω", "Lambda": "Λ", "Psi": "Ψ",
}  # fmt: skip
_COMMANDS = {"times": "*", "cdot": "*", "sim": "~"}
_SPACING = {"quad", "qquad", "left", "right", "displaystyle"}
_TEXT = {"text", "mathrm", "mathit", "textit", "operatorname"}
_SAME = {"·": "*", "×": "*", "⋅": "*", "∗": "*", "−": "-", "∼": "~", "≈": "~"}

_LETTER = rf"(?![{_SUBSCRIPTS}{_SUPERSCRIPTS}])[^\W\d_]"
_WORD = rf"{_LETTER}(?:(?![{_SUBSCRIPTS}{_SUPERSCRIPTS}])[\w.])*"
_TOKEN = re.compile(
    rf"""
    (?P<space>[\s&$]+|\\[,;!:]|\{{\}})
  | (?P<quoted>`[^`]+`)
  | (?P<word>{_WORD})
  | (?P<command>\\[A-Za-z]+)
  | (?P<power>[{_SUPERSCRIPTS}]+)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w))
  | (?P<op>[-+*/^=~()\[\],:|·×⋅∗−∼≈])
    """,
    re.VERBOSE,
)
_BRACED = re.compile(r"_?\{([^{}]*)\}")
_UNICODE = re.compile(f"[{_SUBSCRIPTS}]+")
_AFTER_COMMAND = re.compile(r"_([A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of text stands: line number from 1, columns from 0, and the whole line."""

    line: int
    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of an equation.

    `text` is the name, number or operator in plain spelling. `subscript` is what was written
    below the line (`_{0j}`, `₀ⱼ`); an underscore inside a plain word stays in `text`.
    """

    kind: Kind
    text: str
    place: Place
    subscript: str = ""


def problem(message: str, place: Place) -> FormulaError:
    """Make an error that shows the line and points at the symbol.

    Examples
    --------
    >>> print(problem("Unknown symbol 'q'.", Place(1, 8, 9, "y = b0 + q")))
    Unknown symbol 'q'.
      line 1: y = b0 + q
                      ^
    """
    lead = f"  line {place.line}: "
    line = place.text.replace("\t", " ").rstrip()
    cut = len(line) - len(line.lstrip())
    caret = " " * (len(lead) + place.start - cut) + "^" * max(1, place.stop - place.start)
    return FormulaError(f"{message}\n{lead}{line[cut:]}\n{caret}")


def close_to(name: str, known: Iterable[str]) -> str:
    """Return ' Did you mean ...?' if a known name is close, else nothing.

    Examples
    --------
    >>> close_to("sqr", ["sqrt", "log"]), close_to("X", ["sqrt", "log"])
    (" Did you mean 'sqrt'?", '')
    """
    said = did_you_mean(name, known)
    return f" {said}" if said.startswith("Did") else ""


def tokens(text: str, line: int, start: int = 0, stop: int | None = None) -> tuple[Token, ...]:
    r"""Cut a piece of one line into tokens.

    Parameters
    ----------
    text : str
        The whole line, so that errors can show it.
    line : int
        Its number.
    start, stop : int
        The columns to read.

    Raises
    ------
    FormulaError
        For any character outside the notation.

    Examples
    --------
    >>> [token.text for token in tokens("b0 = g00 + u0", 1)]
    ['b0', '=', 'g00', '+', 'u0']
    >>> [(token.text, token.subscript) for token in tokens(r"γ₀₀ \times \beta_{0j}", 1)]
    [('γ', '00'), ('*', ''), ('β', '0j')]
    """
    stop = len(text) if stop is None else stop
    found: list[Token] = []
    at = start
    while at < stop:
        match = _TOKEN.match(text, at, stop)
        if match is None:
            raise problem(
                f"{text[at]!r} is not part of an equation. Equations hold names, '+', '*', '=', "
                "parentheses and [grouping factors].",
                Place(line, at, at + 1, text),
            )
        at = match.end()
        if match.lastgroup == "word":
            token, at = _word(match, text, line, stop)
            found.append(token)
        elif match.lastgroup == "command":
            more, at = _command(match, text, line, stop)
            found.extend(more)
        elif match.lastgroup == "power":
            place = Place(line, match.start(), at, text)
            digits = match.group().translate(_FROM_SUPERSCRIPT)
            found += [Token("op", "^", place), Token("number", digits, place)]
        elif match.lastgroup != "space":
            found.append(_plain(match, text, line))
    return tuple(found)


def _plain(match: re.Match[str], text: str, line: int) -> Token:
    place = Place(line, match.start(), match.end(), text)
    written = match.group()
    if match.lastgroup == "quoted":
        return Token("quoted", written[1:-1], place)
    if match.lastgroup == "number":
        return Token("number", written, place)
    return Token("op", _SAME.get(written, written), place)


def _word(match: re.Match[str], text: str, line: int, stop: int) -> tuple[Token, int]:
    """Read a name in plain letters with what is written below the line after it."""
    stem, at = match.group(), match.end()
    if "__" in stem:
        raise problem(
            f"The name {stem!r} has two underscores in a row, which no symbol has; write a "
            "column of this name in backticks.",
            Place(line, match.start(), at, text),
        )
    below, after = _below(text, at, stop)
    if below and stem.endswith("_"):
        stem = stem.rstrip("_")
    return Token("name", stem, Place(line, match.start(), after, text), below), after


def _command(
    match: re.Match[str], text: str, line: int, stop: int
) -> tuple[tuple[Token, ...], int]:
    r"""Read a LaTeX command: a Greek letter, a product sign, spacing, or \text{name}."""
    name, at = match.group()[1:], match.end()
    place = Place(line, match.start(), at, text)
    if name in _COMMANDS:
        return (Token("op", _COMMANDS[name], place),), at
    if name in _SPACING:
        return (), at
    if name in _TEXT and (words := _BRACED.match(text, at, stop)):
        stem, at = words.group(1).replace("\\_", "_").strip(), words.end()
        if not re.fullmatch(_WORD, stem):
            raise problem(f"{stem!r} is not a name of one word.", place)
    elif name in _GREEK:
        stem = _GREEK[name]
    else:
        raise problem(
            f"The LaTeX command '\\{name}' is not part of an equation. Greek letters, \\times, "
            "\\cdot, \\sim and \\text{name} are read.",
            place,
        )
    below, after = _below(text, at, stop)
    if not below and (single := _AFTER_COMMAND.match(text, at, stop)):
        below, after = single.group(1), single.end()
    return (Token("name", stem, Place(line, match.start(), after, text), below),), after


def _below(text: str, at: int, stop: int) -> tuple[str, int]:
    """Return what is written below the line from here, and where it ends."""
    if braced := _BRACED.match(text, at, stop):
        return re.sub(r"\s+", "", braced.group(1)), braced.end()
    if written := _UNICODE.match(text, at, stop):
        return written.group().translate(_FROM_SUBSCRIPT), written.end()
    return "", at
