"""What a power study asks beside the t tests of all fixed effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.hypotheses import read_hypotheses

LRT = "lrt"
"""The name of likelihood-ratio tests of fixed effects, as users give it."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """A contrast (one row) or several together: L beta = null.

    Attributes
    ----------
    name : str
    L : (q, p) array
        Weights of the fitted model's fixed effects.
    null : (q,) array
    """

    name: str
    L: FloatArray
    null: FloatArray

    @property
    def joint(self) -> bool:
        """Whether several statements are tested together."""
        return len(self.L) > 1

    def truth(self, beta: FloatArray) -> FloatArray:
        """Return L beta, (q,); a coefficient without a true value counts only where it is used."""
        used = np.where(self.L != 0.0, self.L * beta, 0.0)
        return np.asarray(used.sum(axis=1))


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked beside z, Satterthwaite and Kenward-Roger tests of each fixed effect.

    Attributes
    ----------
    lrt : bool
        Likelihood-ratio tests of fixed effects and hypotheses.
    hypotheses : tuple of (name, statement)
        In the language of `fit.test`.
    variances : bool or tuple of str
        Likelihood-ratio tests of random effects: all that `fit.ranova` tests, or those named.
    """

    lrt: bool = False
    hypotheses: tuple[tuple[str, Any], ...] = ()
    variances: bool | tuple[str, ...] = False

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.lrt or self.hypotheses or self.variances)

    def of(self, names: tuple[str, ...]) -> tuple[Hypothesis, ...]:
        """Read the hypotheses as rows of weights of these coefficients.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            For unknown coefficients, statements that depend on one another, and names of
            hypotheses that are names of coefficients.
        """
        return tuple(_read(name, stated, names) for name, stated in self.hypotheses)


NOTHING = Questions()
"""Studies that ask about fixed effects one by one alone."""


def read_questions(hypotheses: Any, variances: Any) -> Questions:
    """Check what a user asks.

    Examples
    --------
    >>> read_questions({"both": ["X", "Z"]}, False).hypotheses
    (('both', ['X', 'Z']),)
    >>> read_questions("X - Z", False).hypotheses
    (('X - Z', 'X - Z'),)
    """
    return Questions(hypotheses=_hypotheses(hypotheses), variances=_variances(variances))


def _hypotheses(given: Any) -> tuple[tuple[str, Any], ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, Sequence) and all(isinstance(each, str) for each in given):
        pairs = [(each, each) for each in given]
    else:
        raise ArgumentTypeError(
            f"hypotheses={given!r} is of type {type(given).__name__}; expected names with what is "
            'tested, such as {"difference": "X - Z", "both": ["X", "Z"]}, or a list of statements.'
        )
    if not pairs:
        raise ArgumentError(
            "hypotheses is empty. Give names with what is tested, such as "
            '{"difference": "X - Z", "both": ["X", "Z"]}, or leave the argument out.'
        )
    for name, stated in pairs:
        if not isinstance(name, str) or not name.strip():
            raise ArgumentTypeError(f"The name of a hypothesis is {name!r}; expected text.")
        if hasattr(stated, "__len__") and not len(stated):
            raise ArgumentError(
                f"The hypothesis {name!r} is empty; expected a statement such as 'X - Z', a list "
                "of them to be tested together, or a mapping of coefficients to weights."
            )
    if len({name for name, _ in pairs}) < len(pairs):
        raise ArgumentError("hypotheses names the same statement twice. Leave one of them out.")
    return tuple(pairs)


def _variances(given: Any) -> bool | tuple[str, ...]:
    if isinstance(given, bool | np.bool_):
        return bool(given)
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) for each in names):
        raise ArgumentTypeError(
            f"variances={given!r}; expected True for all random effects, or names as "
            "fit.ranova() gives them, such as 'X in (1 + X | g)'."
        )
    return tuple(names) if names else False


def _read(name: str, stated: Any, names: tuple[str, ...]) -> Hypothesis:
    if name in names and stated != name:
        raise ArgumentError(
            f"The hypothesis {name!r} has the name of a fixed effect, which is in the table as "
            "it is. Give the hypothesis another name."
        )
    try:
        read = read_hypotheses(stated, names)
    except (ArgumentError, ArgumentTypeError) as error:
        raise type(error)(f"hypotheses[{name!r}]: {error}") from error
    scaled = read.L / np.linalg.norm(read.L, axis=1, keepdims=True)
    if np.linalg.matrix_rank(scaled) < len(scaled):
        raise ArgumentError(
            f"hypotheses[{name!r}]: the statements {', '.join(map(repr, read.labels))} depend on "
            "one another: one of them follows from the others or contradicts them. Leave it out."
        )
    if name in names:
        raise ArgumentError(
            f"hypotheses names the fixed effect {name!r}, which is in the table as it is. Leave "
            "it out."
        )
    return Hypothesis(name, read.L, read.null)
