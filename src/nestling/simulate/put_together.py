"""The response from its parts, added up one Level-1 coefficient after another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.simulate.arrange import Coefficient, FixedPart


@dataclass(frozen=True, slots=True, eq=False)
class RowsOfTerm:
    """One random-effects term in the rows: its columns (n,), the level of each row, J."""

    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    codes: IntArray
    n_levels: int


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything a response is made of.

    Attributes
    ----------
    names : tuple of str
        Fixed-effects columns.
    columns : tuple of arrays (n,)
        The columns.
    beta : array (p,)
        Fixed effects.
    terms : tuple of RowsOfTerm
        Random-effects terms in the rows.
    effects : sequence of arrays (k, J)
        Random effects of each term.
    offset : array (n,) or None
        Added with coefficient one.
    residuals : array (n,) or None
        Residuals, where the family has them.
    """

    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    beta: FloatArray
    terms: tuple[RowsOfTerm, ...]
    effects: Sequence[FloatArray]
    offset: FloatArray | None
    residuals: FloatArray | None

    def column(self, name: str) -> FloatArray:
        """Return the column of this name, of the fixed or the random effects."""
        if name in self.names:
            return self.columns[self.names.index(name)]
        return next(
            column
            for term in self.terms
            for own, column in zip(term.names, term.columns, strict=True)
            if own == name
        )


def coefficient_values(coefficient: Coefficient, parts: Parts) -> FloatArray | float:
    """Return the true Level-1 coefficient of every row, or one number where all rows share it.

    b1 = g10 + g11*Z + u1
    """
    total: FloatArray | float | None = None
    for part in coefficient.parts:
        value: FloatArray | float
        if isinstance(part, FixedPart):
            value = float(parts.beta[part.column])
            if part.head is not None:
                value = value * parts.column(part.head)
        else:
            value = parts.effects[part.term][part.effect][parts.terms[part.term].codes]
        total = value if total is None else total + value
    assert total is not None  # arrange() makes no coefficient without parts
    return total


def response(coefficients: Sequence[Coefficient], parts: Parts) -> FloatArray:
    """Add up y = b0 + b1*X + ... + offset + e, in this order.

    Without residuals this is the linear predictor.

    Parameters
    ----------
    coefficients : sequence of Coefficient
        The Level-1 coefficients, the intercept first.
    parts : Parts
        What they are made of.

    Returns
    -------
    array (n,)
    """
    y: FloatArray | float | None = None
    for coefficient in coefficients:
        value = coefficient_values(coefficient, parts)
        if coefficient.key is not None:
            value = value * parts.column(coefficient.key)
        y = value if y is None else y + value
    if y is None:
        y = np.zeros(n_rows(parts))
    if parts.offset is not None:
        y = y + parts.offset
    if parts.residuals is not None:
        y = y + parts.residuals
    return np.asarray(y) if np.ndim(y) else np.full(n_rows(parts), y)


def n_rows(parts: Parts) -> int:
    """Count the rows, of whatever there is."""
    if parts.residuals is not None:
        return parts.residuals.size
    return parts.columns[0].size if parts.columns else parts.terms[0].codes.size
