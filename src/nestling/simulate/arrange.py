"""The order in which a response is put together: by Level-1 coefficient, then outermost first.

The composite y = g00 + g01*Z + g10*X + u0 + u1*X + e is added up as its equations say:

    b0 = g00 + g01*Z + u0        one coefficient after another,
    b1 = g10 + u1                inside each the outermost level first,
    y  = b0 + b1*X + e

which gives the true coefficients b0, b1 by the way and, in double precision, the same last
bits as the equations written out in R.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class FixedPart:
    """A fixed effect inside a coefficient: its column, and the name of the column it multiplies.

    `head` is None where the effect stands alone: the intercept, or the mean of a slope.
    """

    column: int
    head: str | None


@dataclass(frozen=True, slots=True)
class RandomPart:
    """A random effect inside a coefficient: which term, and which of its effects."""

    term: int
    effect: int


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What multiplies one Level-1 column; `key` is None for the intercept."""

    key: str | None
    parts: tuple[FixedPart | RandomPart, ...]


def arrange(
    names: Sequence[str],
    pieces: Sequence[Sequence[tuple[str, float]]],
    effects: Sequence[Sequence[str]],
    depths: Sequence[float],
) -> tuple[Coefficient, ...]:
    """Sort fixed and random effects into the coefficients of the Level-1 equation.

    Parameters
    ----------
    names : sequence of str
        Names of the p fixed-effects columns.
    pieces : sequence of sequences of (str, float)
        For each column the names of the columns it is a product of, each with the depth of its
        level: 0 outermost, infinite where every row has its own value. Empty for the intercept.
    effects : sequence of sequences of str
        Names of the random effects of each term.
    depths : sequence of float
        Depth of each term's grouping factor.

    Returns
    -------
    tuple of Coefficient
        The intercept first, then in order of appearance.

    Examples
    --------
    >>> inf = float("inf")
    >>> made = arrange(
    ...     ["(Intercept)", "Z", "X", "Z:X"],
    ...     [[], [("Z", 0)], [("X", inf)], [("Z", 0), ("X", inf)]],
    ...     [["(Intercept)", "X"]],
    ...     [0],
    ... )
    >>> [(one.key, len(one.parts)) for one in made]
    [(None, 3), ('X', 3)]
    """
    slopes = {name for term in effects for name in term}
    known = set(names) | slopes
    found: dict[str | None, list[tuple[float, int, FixedPart | RandomPart]]] = {None: []}
    for j, name in enumerate(names):
        key, head, depth = _place(name, pieces[j], slopes, known)
        found.setdefault(key, []).append((depth, 0, FixedPart(j, head)))
    for t, (term, depth) in enumerate(zip(effects, depths, strict=True)):
        for k, name in enumerate(term):
            key = None if name == INTERCEPT else name
            found.setdefault(key, []).append((depth, 1, RandomPart(t, k)))
    return tuple(
        Coefficient(key, tuple(part for _, _, part in sorted(parts, key=lambda p: p[:2])))
        for key, parts in found.items()
        if parts
    )


def _place(
    name: str, pieces: Sequence[tuple[str, float]], slopes: set[str], known: set[str]
) -> tuple[str | None, str | None, float]:
    """Key, head and depth of one fixed effect: name = head x key."""
    if not pieces:
        return None, None, -1.0
    if name in slopes:
        return name, None, -1.0
    heads = [(piece, depth) for piece, depth in pieces if depth < INFINITE and piece not in slopes]
    key = ":".join(piece for piece in (p for p, _ in pieces) if piece not in dict(heads)) or None
    head = ":".join(piece for piece, _ in heads) or None
    if key is None:
        return None, name, max(depth for _, depth in heads)
    # a product is only taken apart when both of its sides are columns of the model
    if head is None or head not in known or key not in known:
        return name, None, -1.0
    return key, head, max(depth for _, depth in heads)


INFINITE = float("inf")


def split_name(name: str) -> list[str]:
    """Take the name of an interaction's column apart at the colons outside of brackets.

    Examples
    --------
    >>> split_name("trtB:poly(X, 2)1"), split_name("`a:b`:X")
    (['trtB', 'poly(X, 2)1'], ['`a:b`', 'X'])
    """
    parts, depth, quoted = [""], 0, False
    for character in name:
        quoted ^= character == "`"
        depth += (character == "(") - (character == ")")
        if character == ":" and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


PiecesOf = Callable[[str], list[tuple[str, float]]]
