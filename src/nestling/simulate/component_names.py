"""Names of the true parts: u0, u1, ..., e, b0, b1, or the symbols of the equations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.model.equations import Equations
from nestling.simulate.arrange import INTERCEPT, Coefficient
from nestling.simulate.put_together import Parts, coefficient_values

if TYPE_CHECKING:
    from nestling.simulate.population import Population


def component_columns(
    truth: "Population", arranged: Sequence[Coefficient], parts: Parts, eta: FloatArray
) -> dict[str, FloatArray]:
    """Name the true parts of every row: random effects, then coefficients, then residuals.

    Families without residuals have the linear predictor `eta` and the mean `mu` instead.

    The number in a name is the Level-1 column's: 0 the intercept, then 1, 2, ... in the order
    of the formula, so that b1 = ... + u1 and y = b0 + b1*X + ... + e. Where a formula has
    several grouping factors the random effects say theirs: u0_school, u0_pupil:school.
    """
    numbers = _numbers(arranged)
    symbols = _Symbols(truth.stated_equations)
    several = len({term.group for term in truth.parameters.terms}) > 1
    columns: dict[str, FloatArray] = {}
    for term, rows, effects in zip(truth.parameters.terms, parts.terms, parts.effects, strict=True):
        for name, values in zip(term.names, effects, strict=True):
            plain = f"u{numbers[None if name == INTERCEPT else name]}"
            default = f"{plain}_{term.group}" if several else plain
            columns[symbols.effect(term.group, name) or default] = values[rows.codes]
    n = eta.size
    for coefficient in arranged:
        label = symbols.coefficient(coefficient.key) or f"b{numbers[coefficient.key]}"
        values = coefficient_values(coefficient, parts)
        columns[label] = np.full(n, values) if isinstance(values, float) else values
    if parts.residuals is not None:
        columns[symbols.residual or "e"] = parts.residuals
    else:
        columns["eta"], columns["mu"] = eta, truth.family.mean(eta)
    return columns


def _numbers(arranged: Sequence[Coefficient]) -> dict[str | None, int]:
    slopes = [one.key for one in arranged if one.key is not None]
    return {None: 0} | {key: number for number, key in enumerate(slopes, start=1)}


class _Symbols:
    """What equations call the parts; nothing when there are none."""

    __slots__ = ("coefficients", "effects", "residual")

    def __init__(self, equations: Equations | None) -> None:
        self.effects: dict[tuple[str, str], str] = {}
        self.coefficients: dict[str | None, str] = {}
        self.residual: str | None = None
        if equations is None:
            return
        self.effects = {place: symbol for symbol, place in equations.random_effects.items()}
        self.residual = equations.residual
        for term in equations.equations[0].terms:
            if term.kind in {"modelled", "fixed"}:
                self.coefficients[":".join(term.predictors) or None] = term.symbol

    def effect(self, group: str, name: str) -> str | None:
        return self.effects.get((group, name))

    def coefficient(self, key: str | None) -> str | None:
        return self.coefficients.get(key)
