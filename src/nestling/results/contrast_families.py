"""Families of contrasts among k means: what they are called and their weights."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nestling.arrays import FloatArray

    Family = Callable[[Sequence[str]], list[tuple[str, list[float]]]]

POWERS = ("linear", "quadratic", "cubic", "quartic")
HIGHEST = 6
"""Highest degree of polynomial contrasts."""
_OPERATORS = re.compile(r"[-+*/]")


def family_of(method: Any, labels: Sequence[str]) -> tuple[list[str], FloatArray]:
    """Return the names and the weights (m, k) of contrasts among k means.

    Parameters
    ----------
    method : str, mapping or matrix
        A family by name, weights by name of contrast, or one row of weights per contrast.
    labels : sequence of str
        Of the means.

    Examples
    --------
    >>> family_of("pairwise", ["a", "b", "c"])[0]
    ['a - b', 'a - c', 'b - c']
    >>> family_of("poly", ["a", "b", "c"])[1].tolist()
    [[-1.0, 0.0, 1.0], [1.0, -2.0, 1.0]]
    """
    k = len(labels)
    if isinstance(method, str):
        if method not in FAMILIES:
            raise ArgumentError(
                f"method={method!r} is not a family of contrasts. {did_you_mean(method, FAMILIES)}"
            )
        if k < 2:
            raise ArgumentError(
                f"Contrasts need two means or more; there is one ({', '.join(labels) or 'none'}). "
                "Ask for means of more levels."
            )
        shown = [f"({label})" if _OPERATORS.search(label) else label for label in labels]
        named = FAMILIES[method](shown)
        return [name for name, _ in named], np.array([row for _, row in named])
    if hasattr(method, "items") and not hasattr(method, "to_numpy"):
        names, given = [str(name) for name in method], list(method.values())
    else:
        given = list(np.atleast_2d(np.asarray(method, dtype=float)))
        names = [f"contrast {i + 1}" for i in range(len(given))]
        if hasattr(method, "index"):
            names = [str(name) for name in method.index]
    for name, row in zip(names, given, strict=True):
        if np.shape(row) != (k,) or not np.isfinite(np.asarray(row, dtype=float)).all():
            raise ArgumentError(
                f"The contrast {name!r} has the weights {row!r}; expected {k} numbers, one for "
                f"each of {', '.join(labels)}."
            )
    if not given:
        raise ArgumentError("method holds no contrasts. Give at least one row of weights.")
    return names, np.array(given, dtype=float)


def _difference(k: int, plus: int, minus: int) -> list[float]:
    row = [0.0] * k
    row[plus], row[minus] = 1.0, -1.0
    return row


def _pairwise(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    return [
        (f"{labels[i]} - {labels[j]}", _difference(k, i, j)) for i, j in combinations(range(k), 2)
    ]


def _revpairwise(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    return [
        (f"{labels[j]} - {labels[i]}", _difference(k, j, i)) for j in range(1, k) for i in range(j)
    ]


def _control(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    return [(f"{labels[i]} - {labels[0]}", _difference(k, i, 0)) for i in range(1, k)]


def _last_control(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    return [(f"{labels[i]} - {labels[-1]}", _difference(k, i, k - 1)) for i in range(k - 1)]


def _consecutive(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    return [(f"{labels[i + 1]} - {labels[i]}", _difference(k, i + 1, i)) for i in range(k - 1)]


def _effects(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    rows = np.eye(len(labels)) - 1.0 / len(labels)
    return [(f"{label} effect", row.tolist()) for label, row in zip(labels, rows, strict=True)]


def _effects_on_others(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    k = len(labels)
    rows = (np.eye(k) * k - 1.0) / (k - 1.0)
    return [(f"{label} effect", row.tolist()) for label, row in zip(labels, rows, strict=True)]


def _polynomials(labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    """Orthogonal polynomials in the smallest whole numbers, of equally spaced levels."""
    k = len(labels)
    columns = [[Fraction(1)] * k]
    found = []
    for degree in range(1, min(k - 1, HIGHEST) + 1):
        column = [Fraction(i) ** degree for i in range(k)]
        for other in columns:
            overlap = sum((a * b for a, b in zip(column, other, strict=True)), Fraction(0))
            share = overlap / sum((a * a for a in other), Fraction(0))
            column = [a - share * b for a, b in zip(column, other, strict=True)]
        columns.append(column)
        whole = [int(a * lcm(*(b.denominator for b in column))) for a in column]
        name = POWERS[degree - 1] if degree <= len(POWERS) else f"degree {degree}"
        found.append((name, [float(a // gcd(*whole)) for a in whole]))
    return found


FAMILIES: dict[str, Family] = {
    "pairwise": _pairwise,
    "revpairwise": _revpairwise,
    "trt.vs.ctrl": _control,
    "trt.vs.ctrl1": _control,
    "trt.vs.ctrlk": _last_control,
    "consec": _consecutive,
    "eff": _effects,
    "del.eff": _effects_on_others,
    "poly": _polynomials,
}

DEFAULT_ADJUSTMENT = {
    "pairwise": "tukey", "revpairwise": "tukey", "eff": "fdr", "del.eff": "fdr",
    "trt.vs.ctrl": "mvt", "trt.vs.ctrl1": "mvt", "trt.vs.ctrlk": "mvt", "consec": "mvt",
}  # fmt: skip
"""Of families; others, and contrasts of one's own, are not adjusted."""
