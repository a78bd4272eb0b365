"""A table of models that each lack one term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nestling.report.anova_lines import anova_cells, anova_lines
from nestling.report.cells import Align
from nestling.report.table import Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Deletions:
    """Tests of a model's terms, each left out in turn.

    `print` shows the text of lme4 or lmerTest; notebooks show a table.

    Attributes
    ----------
    title : str
    formula : tuple of str
        The lines of the model's formula.
    table : DataFrame
        By deleted term; `<none>` is the whole model.
    notes : tuple of str
        Lines below the table.
    """

    title: str
    formula: tuple[str, ...]
    table: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return R's text."""
        columns = {str(name): self.table[name].to_numpy(dtype=float) for name in self.table}
        lines = anova_lines(list(self.table.index), columns)
        return "\n".join([self.title, "", "Model:", *self.formula, *lines, *self.notes])

    def __repr__(self) -> str:
        """Return R's text, as R shows a table that is named."""
        return str(self)

    def _repr_html_(self) -> str:
        return self._as_table().to_html()

    def to_latex(self) -> str:
        """Return the table in LaTeX (booktabs)."""
        return self._as_table().to_latex()

    def _as_table(self) -> Table:
        columns = {str(name): self.table[name].to_numpy(dtype=float) for name in self.table}
        cells = zip(*anova_cells(columns), strict=True)
        right: list[Align] = ["right"] * len(columns)
        return Table(
            columns=("", *columns),
            rows=tuple((name, *row) for name, row in zip(self.table.index, cells, strict=True)),
            align=("left", *right),
            notes=(self.title, *self.formula, *self.notes),
        )
