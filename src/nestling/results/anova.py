"""Tables of tests of the terms of a model, as lmerTest prints them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.report.cells import Align
from nestling.report.coefficients import Column, coefficient_cells, coefficient_lines
from nestling.report.rounding import zapsmall
from nestling.results.contrast_tests import f_test, uncertainty
from nestling.results.term_contrasts import term_contrasts

if TYPE_CHECKING:
    import pandas as pd

    from nestling.report.table import Table
    from nestling.results.lmer_fit import LmerFit

DIGITS = 5
"""R prints tables of analysis of variance with getOption("digits") - 2 digits."""

TYPES: dict[Any, int] = {1: 1, 2: 2, 3: 3, "I": 1, "II": 2, "III": 3, "1": 1, "2": 2, "3": 3}

TITLES = {
    "satterthwaite": "Satterthwaite's method",
    "kenward-roger": "Kenward-Roger's method",
    "asymptotic": "infinite degrees of freedom",
}


@dataclass(frozen=True, slots=True, eq=False)
class Anova:
    """F tests of the terms of the fixed effects.

    `print` shows lmerTest's text; notebooks show a table.

    Attributes
    ----------
    kind : int
        Type I, II or III.
    method : str
        How the denominator degrees of freedom were found.
    terms : tuple of str
        Terms that the data could not tell from others come last, with NaN.
    sum_square, mean_square : arrays
    df_numerator, df_denominator : arrays
    statistic, p_value : arrays
        F and its p value.
    contrasts : dict of (q, p) arrays
        Per term the weights of the coefficients that were tested.
    note : str
        What limits the degrees of freedom; empty when nothing does.
    """

    kind: int
    method: str
    terms: tuple[str, ...]
    sum_square: FloatArray
    mean_square: FloatArray
    df_numerator: FloatArray
    df_denominator: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    contrasts: dict[str, FloatArray]
    note: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """The table with lmerTest's columns."""
        import pandas as pd

        columns = {column.name: column.values for column in self._columns()}
        return pd.DataFrame(columns, index=list(self.terms))

    @property
    def heading(self) -> str:
        """What the table is."""
        numeral = "I" * self.kind
        return f"Type {numeral} Analysis of Variance Table with {TITLES[self.method]}"

    def _columns(self) -> list[Column]:
        return [
            Column("Sum Sq", self.sum_square, "plain"),
            Column("Mean Sq", self.mean_square, "plain"),
            Column("NumDF", self.df_numerator, "plain"),
            Column("DenDF", self.df_denominator, "plain"),
            Column("F value", self.statistic, "test"),
            Column("Pr(>F)", self.p_value, "p"),
        ]

    def _shown(self) -> list[Column]:
        """Round what is small beside the rest of its column, as R's print.anova() does."""
        return [
            replace(column, values=zapsmall(column.values, DIGITS))
            if column.role == "plain"
            else column
            for column in self._columns()
        ]

    def __str__(self) -> str:
        """Return lmerTest's text."""
        if not self.terms:
            names = " ".join(column.name for column in self._columns())
            return f"{self.heading}\n     {names}"
        lines = coefficient_lines(self.terms, self._shown(), digits=DIGITS, missing="")
        return "\n".join([self.heading, *lines])

    def __repr__(self) -> str:
        """Return lmerTest's text, as R shows a table that is named."""
        return str(self)

    def to_table(self) -> Table:
        """Return the table for notebooks and papers."""
        from nestling.report.table import Table

        columns = self._shown()
        right: Align = "right"
        align: tuple[Align, ...] = ("left", *[right for _ in columns])
        cells = coefficient_cells(columns, digits=DIGITS, missing="") if self.terms else []
        return Table(
            ("Term", *(column.name for column in columns)),
            tuple(zip(self.terms, *cells, strict=True)),
            align,
            caption=self.heading,
            notes=(self.note,) if self.note else (),
        )

    def _repr_html_(self) -> str:
        return self.to_table().to_html()


def anova(fit: LmerFit, kind: Any, ddf: str) -> Anova:
    """Test the terms of the fixed effects; see `LmerFit.anova`."""
    if isinstance(kind, bool) or not isinstance(kind, int | str) or kind not in TYPES:
        raise ArgumentError(f"type={kind!r}; expected 1, 2 or 3, or 'I', 'II' or 'III'.")
    given = uncertainty(fit, ddf)
    contrasts = term_contrasts(fit, TYPES[kind])
    tests = [f_test(given, L) for L in contrasts.values()]
    lost = [label for label in fit.matrices.term_labels if label not in contrasts]
    rows: list[tuple[float, ...]] = [
        (t.sum_square, t.mean_square, t.df_numerator, t.df_denominator, t.statistic, t.p_value)
        for t in tests
    ]
    rows += [(np.nan,) * 6] * len(lost)
    columns = np.array(rows, dtype=float).reshape(-1, 6).T
    return Anova(
        kind=TYPES[kind],
        method=given.method,
        terms=(*contrasts, *lost),
        sum_square=columns[0],
        mean_square=columns[1],
        df_numerator=columns[2],
        df_denominator=columns[3],
        statistic=columns[4],
        p_value=columns[5],
        contrasts=contrasts,
        note=given.note,
    )
