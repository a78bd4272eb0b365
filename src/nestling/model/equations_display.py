"""How symbols look on a page: letter, what is written below it, which level indices."""

import re
from dataclasses import dataclass
from itertools import chain

from nestling.model.equations_parts import Equation, Level, Term
from nestling.model.notation_symbols import rank, stem

_LETTERS = "ijklmnopqst"
_GREEK = {
    "g": "γ", "gamma": "γ", "b": "β", "beta": "β", "p": "π", "pi": "π", "a": "α", "alpha": "α",
    "d": "δ", "delta": "δ", "m": "μ", "mu": "μ", "eps": "ε", "epsilon": "ε", "theta": "θ",
    "eta": "η", "lambda": "λ", "psi": "ψ", "phi": "φ", "nu": "ν", "zeta": "ζ", "upsilon": "υ",
    "xi": "ξ",
}  # fmt: skip
_POWER = re.compile(r"I\((?P<name>[^\W\d_][\w.]*)\^(?P<power>\d+)\)")


@dataclass(frozen=True, slots=True)
class Shape:
    """A symbol on a page: `letter` with `below` as subscript and `above` as power.

    `upright` names are words, not mathematical letters.
    """

    letter: str
    below: str = ""
    above: str = ""
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of every symbol of a model, with the indices its level gives it."""

    levels: tuple[Level, ...]
    equations: tuple[Equation, ...]

    def of_left(self, equation: Equation) -> Shape:
        """Shape of an equation's left side."""
        if equation.level == 1:
            return column_shape(equation.left, self._below(1))
        return symbol_shape(equation.left, self._below(equation.level))

    def of_symbol(self, term: Term) -> Shape:
        """Shape of a term's coefficient, random effect, residual or offset."""
        if term.kind == "offset":
            return Shape(term.symbol, self._below(1), upright=True)
        if term.kind == "residual":
            return symbol_shape(term.symbol, self._below(1))
        if term.kind == "random":
            return symbol_shape(term.symbol, self._group_index(str(term.group)))
        defined = [equation.level for equation in self.equations if equation.left == term.symbol]
        return symbol_shape(term.symbol, self._below(defined[0]) if defined else "")

    def of_predictor(self, name: str) -> Shape:
        """Shape of a predictor, at the lowest level at which an equation has it."""
        found = [
            equation.level
            for equation in self.equations
            if name in chain.from_iterable(term.predictors for term in equation.terms)
        ]
        return column_shape(name, self._below(min(found)))

    def _below(self, number: int) -> str:
        """Index letters of a level and all levels above it."""
        names = [name for level in self.levels[1:] for name in level.names]
        own = _LETTERS[0] if number == 1 else ""
        upper = [
            name for level in self.levels[1:] if level.number >= number for name in level.names
        ]
        return own + "".join(_LETTERS[1 + names.index(name)] for name in upper)

    def _group_index(self, group: str) -> str:
        names = [name for level in self.levels[1:] for name in level.names]
        number = next(level.number for level in self.levels if group in level.names)
        return _LETTERS[1 + names.index(group)] + self._below(number + 1)


def symbol_shape(name: str, index: str) -> Shape:
    """Shape of a coefficient or random effect: conventional letters become Greek.

    Examples
    --------
    >>> symbol_shape("b0", "j")
    Shape(letter='β', below='0j', above='', upright=False)
    >>> symbol_shape("g00", "")
    Shape(letter='γ', below='00', above='', upright=False)
    """
    if index and name.endswith(index) and rank(name.removesuffix(index).rstrip("_")):
        name = name.removesuffix(index).rstrip("_")
    letter, digits = stem(name)
    if not rank(name):
        return Shape(name, index, upright=len(name) > 1)
    parts = digits.split("_")
    comma = "," if len(parts) > 1 and index else ""
    return Shape(_GREEK.get(letter, letter), ",".join(parts) + comma + index)


def column_shape(name: str, index: str) -> Shape:
    """Shape of a column or a function of one: X1 has its digit below, I(t^2) its power above.

    Examples
    --------
    >>> column_shape("X1", "ij"), column_shape("I(t^2)", "ij").above
    (Shape(letter='X', below='1ij', above='', upright=False), '2')
    """
    if power := _POWER.fullmatch(name):
        base = column_shape(power["name"], index)
        return Shape(base.letter, base.below, power["power"], base.upright)
    bare = name.strip("`")
    for tail in ("_" + index, index):
        if index and bare.endswith(tail) and len(bare) - len(tail) in {1, 2}:
            bare = bare.removesuffix(tail)
    match = re.fullmatch(r"([^\W\d_])(\d*)", bare)
    if match:
        return Shape(match[1], match[2] + index)
    return Shape(bare, index, upright=True)
