"""What a user may say about coefficients, read into rows of weights and their values.

A string is read by a grammar of its own: names of coefficients, numbers, + - * / and parentheses,
with = between what is equal and commas between statements. Nothing is evaluated as code.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean

NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
WORD = re.compile(r"[^\s=,+*/-]+")
DEEPEST = 50
"""Parentheses inside one another: more are nobody's hypothesis."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Statements L beta = null.

    Attributes
    ----------
    labels : tuple of str
        What each row says.
    L : (m, p) array
    null : (m,) array
    """

    labels: tuple[str, ...]
    L: FloatArray
    null: FloatArray


def read_hypotheses(given: Any, names: tuple[str, ...]) -> Hypotheses:
    """Read names, statements, mappings of names to weights, or a matrix of weights.

    Examples
    --------
    >>> read = read_hypotheses("2*X + Z = 1", ("(Intercept)", "X", "Z"))
    >>> read.L.tolist(), read.null.tolist()
    ([[0.0, 2.0, 1.0]], [1.0])
    """
    if isinstance(given, str | Mapping):
        rows = _rows(given, names)
    elif _has_numbers(given):
        return _matrix(given, names)
    elif isinstance(given, Sequence) and given:
        rows = [row for each in given for row in _rows(each, names)]
    else:
        raise ArgumentTypeError(
            f"The hypothesis is of type {type(given).__name__}; expected a coefficient's name, a "
            'statement such as "A = 0" or "2*A + B = 1", a mapping of names to weights, a list of '
            "these, or a matrix with a column per coefficient."
        )
    labels = tuple(label for label, _, _ in rows)
    return Hypotheses(
        labels, np.array([row for _, row, _ in rows]), np.array([null for _, _, null in rows])
    )


def _has_numbers(given: Any) -> bool:
    if isinstance(given, Mapping | str):
        return False
    if hasattr(given, "shape"):
        return True
    if not isinstance(given, Sequence) or not given:
        return False
    first = given[0]
    return not isinstance(first, str | Mapping)


def _matrix(given: Any, names: tuple[str, ...]) -> Hypotheses:
    try:
        L = np.atleast_2d(np.asarray(given, dtype=float))
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            "The hypothesis does not read as a matrix of numbers. Give one row of weights per "
            f"contrast, one column per coefficient: {', '.join(names)}."
        ) from error
    if L.ndim != 2 or L.shape[1] != len(names) or not len(L):
        raise ArgumentError(
            f"The hypothesis has shape {np.shape(given)}; expected rows of {len(names)} weights, "
            f"one per coefficient: {', '.join(names)}."
        )
    if not np.isfinite(L).all():
        raise ArgumentError("The hypothesis has weights that are not finite. Give numbers.")
    if not L.any(axis=1).all():
        empty = int(np.flatnonzero(~L.any(axis=1))[0])
        raise ArgumentError(
            f"Row {empty} of the hypothesis says nothing about a coefficient: all weights are zero."
        )
    return Hypotheses(tuple(_label(row, 0.0, names) for row in L), L, np.zeros(len(L)))


def _rows(given: Any, names: tuple[str, ...]) -> list[tuple[str, FloatArray, float]]:
    if isinstance(given, Mapping):
        row = np.zeros(len(names))
        for name, weight in given.items():
            if name not in names:
                raise _unknown(str(name), names)
            try:
                row[names.index(name)] = float(weight)
            except (TypeError, ValueError) as error:
                raise ArgumentTypeError(
                    f"The weight of {name!r} is {weight!r}; expected a number."
                ) from error
        found = [(row, 0.0)]
    elif isinstance(given, str):
        if given in names:
            return [(given, np.eye(len(names))[names.index(given)], 0.0)]
        found = _Reader(given, names).statements()
    else:
        raise ArgumentTypeError(
            f"A hypothesis is of type {type(given).__name__}; expected a name, a statement or a "
            "mapping of names to weights."
        )
    for row, null in found:
        if not (np.isfinite(row).all() and np.isfinite(null)):
            raise ArgumentError(f"The hypothesis {given!r} has a weight that is not finite.")
        if not row.any():
            raise ArgumentError(
                f"The hypothesis {given!r} says nothing about a coefficient: all weights are zero."
            )
    return [(_label(row, null, names), row, null) for row, null in found]


def _label(row: FloatArray, null: float, names: tuple[str, ...]) -> str:
    """Write a statement as R's users do: 'A2 - A3', '2*X + Z = 1'."""
    text = ""
    for weight, name in zip(row, names, strict=True):
        if weight == 0.0:
            continue
        size = "" if abs(weight) == 1.0 else f"{abs(weight):.4g}*"
        sign = ("-" if weight < 0 else "") if not text else (" - " if weight < 0 else " + ")
        text += f"{sign}{size}{name}"
    text = text or "0"
    return text if null == 0.0 else f"{text} = {null:g}"


def _unknown(name: str, names: tuple[str, ...]) -> ArgumentError:
    return ArgumentError(
        f"The hypothesis names {name!r}, which is not an estimated coefficient. "
        f"{did_you_mean(name, names)}"
    )


Form = tuple[FloatArray, float]
"""Weights of the coefficients, and a constant."""


class _Reader:
    """Recursive descent over a statement; names of coefficients are tried first, longest first."""

    __slots__ = ("at", "depth", "names", "ordered", "text")

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text, self.names, self.at, self.depth = text, names, 0, 0
        self.ordered = sorted(names, key=len, reverse=True)

    def statements(self) -> list[Form]:
        """Return rows and values; 'a = b = 0' is two statements."""
        found: list[Form] = []
        while True:
            sides = [self.sum()]
            while self.takes("==") or self.takes("="):
                sides.append(self.sum())
            if len(sides) == 1:
                sides.append((np.zeros(len(self.names)), 0.0))
            for (left, a), (right, b) in itertools.pairwise(sides):
                found.append((left - right, b - a))
            if not self.takes(","):
                break
        self.skip()
        if self.at < len(self.text):
            raise self.error("an operator or the end")
        return found

    def sum(self) -> Form:
        row, constant = self.product()
        while True:
            if self.takes("+"):
                other, number = self.product()
                row, constant = row + other, constant + number
            elif self.takes("-"):
                other, number = self.product()
                row, constant = row - other, constant - number
            else:
                return row, constant

    def product(self) -> Form:
        row, constant = self.factor()
        while True:
            if self.takes("*"):
                other, number = self.factor()
                if row.any() and other.any():
                    raise self.error("a number, for coefficients do not multiply,")
                row, constant = row * number + other * constant, constant * number
            elif self.takes("/"):
                other, number = self.factor()
                if other.any() or number == 0.0:
                    raise self.error("a number other than zero to divide by")
                row, constant = row / number, constant / number
            else:
                return row, constant

    def factor(self) -> Form:
        sign = 1.0
        while (minus := self.takes("-")) or self.takes("+"):
            sign = -sign if minus else sign
        row, constant = self.atom()
        return sign * row, sign * constant

    def atom(self) -> Form:
        self.skip()
        nothing = np.zeros(len(self.names))
        quote = self.text[self.at : self.at + 1]
        if quote and quote in "`'\"":
            end = self.text.find(quote, self.at + 1)
            name = self.text[self.at + 1 : end] if end > 0 else self.text[self.at + 1 :]
            if end < 0 or name not in self.names:
                raise _unknown(name, self.names)
            self.at = end + 1
            return np.eye(len(self.names))[self.names.index(name)], 0.0
        for name in self.ordered:
            stop = self.at + len(name)
            if self.text.startswith(name, self.at) and not self._goes_on(stop):
                self.at = stop
                return np.eye(len(self.names))[self.names.index(name)], 0.0
        if match := NUMBER.match(self.text, self.at):
            self.at = match.end()
            return nothing, float(match[0])
        if self.takes("("):
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.error("fewer parentheses")
            inner = self.sum()
            if not self.takes(")"):
                raise self.error("')'")
            self.depth -= 1
            return inner
        if match := WORD.match(self.text, self.at):
            raise _unknown(match[0], self.names)
        raise self.error("the name of a coefficient or a number")

    def _goes_on(self, stop: int) -> bool:
        """Whether what stands here is a longer word that merely begins like a coefficient."""
        following = self.text[stop : stop + 1]
        return bool(following) and (following.isalnum() or following in "._:^")

    def takes(self, symbol: str) -> bool:
        self.skip()
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def error(self, expected: str) -> ArgumentError:
        found = self.text[self.at : self.at + 12] or "nothing"
        return ArgumentError(
            f"The hypothesis {self.text!r} cannot be read: expected {expected} at {found!r}. Write "
            'statements such as "A = 0", "A - B = 0" or "2*A + B = 1" of the coefficients '
            f"{', '.join(self.names)}."
        )
