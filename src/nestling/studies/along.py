"""What a curve runs along: sizes of one unit of the design, or values of one parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import Any, Literal

from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.simulate.population import Population

Kind = Literal["size", "fixed", "random", "residual"]
KINDS: tuple[Kind, ...] = ("size", "fixed", "random")


@dataclass(frozen=True, slots=True)
class Along:
    """One thing that changes along a curve.

    Attributes
    ----------
    kind : {"size", "fixed", "random", "residual"}
    name : str
        The unit, coefficient or grouping factor.
    values : tuple
        In rising order.
    """

    kind: Kind
    name: str
    values: tuple[float, ...]

    @property
    def column(self) -> str:
        """The name of its column in a table."""
        return "size" if self.kind == "size" else "value"

    @property
    def rising(self) -> bool:
        """Whether power rises with it: with sizes and effects, not with variances."""
        return self.kind in {"size", "fixed"}

    def at(self, truth: Population, design: Design, value: float) -> tuple[Population, Design]:
        """Return truth and design of one point."""
        if self.kind == "size":
            return truth, design.sized(**{self.name: value})
        if self.kind == "residual":
            return truth.replace(residual=value), design
        return truth.replace(**{self.kind: {self.name: value}}), design


def along_of(along: Any, truth: Population, design: Design) -> Along:
    """Read the argument `along`.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        With what can be varied.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 1}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> along_of({"g": [20, 10]}, truth, nl.nested(g=5, id=4))
    Along(kind='size', name='g', values=(10, 20))
    >>> along_of({"fixed": {"X": [0.1, 0.2]}}, truth, nl.nested(g=5, id=4)).kind
    'fixed'
    """
    if not isinstance(along, Mapping):
        raise ArgumentTypeError(
            f"along={along!r}; expected what changes, with its values: {{'Cluster': [10, 20, 40]}} "
            "for sizes, {'fixed': {'X': [0.1, 0.2]}} for a parameter."
        )
    kind: Kind | None = None
    name, values = _only(along)
    if name in {"fixed", "random"} and isinstance(values, Mapping):
        kind = "fixed" if name == "fixed" else "random"
        name, values = _only(values)
    elif name == "residual":
        kind = "residual"
    known: dict[Kind, tuple[str, ...]] = {
        "size": design.names,
        "fixed": truth.parameters.names,
        "random": tuple(term.group for term in truth.parameters.terms),
        "residual": ("residual",),
    }
    if kind is None:
        kind = next((each for each in ("size", "fixed") if name in known[each]), None)
    if kind is None or name not in known[kind]:
        names = [*design.names, *truth.parameters.names] if kind is None else known[kind]
        raise ArgumentError(
            f"along names {name!r}, which is neither a unit of the design nor a parameter of the "
            f"truth. {did_you_mean(str(name), names)}"
        )
    return Along(kind, str(name), _values(values, str(name), kind))


def _only(along: Mapping[Any, Any]) -> tuple[Any, Any]:
    if len(along) != 1:
        raise ArgumentError(
            f"along names {len(along)} things: {', '.join(map(repr, along)) or 'none'}; a curve "
            "runs along one. nl.find_design searches over two sizes."
        )
    return next(iter(along.items()))


def _values(values: Any, name: str, kind: Kind) -> tuple[Any, ...]:
    wanted = Integral if kind == "size" else Real
    what = "whole numbers" if kind == "size" else "numbers"
    try:
        given = list(values.tolist() if hasattr(values, "tolist") else values)
    except TypeError:
        given = []
    if (
        isinstance(values, str)
        or not given
        or any(isinstance(v, bool) or not isinstance(v, wanted) or not isfinite(v) for v in given)
    ):
        raise ArgumentTypeError(
            f"along={{{name!r}: {values!r}}}; expected a list of {what}, such as "
            f"{[10, 20, 40] if kind == 'size' else [0.1, 0.2, 0.4]}."
        )
    made = sorted(set(given))
    if len(made) < 2:
        raise ArgumentError(
            f"along={{{name!r}: {values!r}}} is one point; a curve needs at least two values."
        )
    return tuple(made)
