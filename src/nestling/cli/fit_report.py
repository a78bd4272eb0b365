"""What the `fit` command says about a fit: as text, page, LaTeX or rows."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

from nestling.report.cells import WIDTH
from nestling.report.numbers import format_numbers
from nestling.report.table import Table
from nestling.results.lmer_fit import LmerFit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class FitReport:
    """A fit with the confidence limits that were asked for.

    Attributes
    ----------
    fit : LmerFit
    method : {"profile", "wald"} or None
        How limits are found; those of Wald exist for the fixed effects only.
    limits : DataFrame or None
    """

    fit: LmerFit
    method: Literal["profile", "wald"] | None
    limits: pd.DataFrame | None = field(init=False)

    def __post_init__(self) -> None:
        limits = None
        if self.method is not None:
            limits = self.fit.confint(
                "beta_" if self.method == "wald" else None, method=self.method
            )
        object.__setattr__(self, "limits", limits)

    @property
    def text(self) -> str:
        """The summary, what to know about rows and optimum, and the limits."""
        parts = [str(self.fit.summary())]
        if self.fit.n_omitted:
            rows = "row was" if self.fit.n_omitted == 1 else "rows were"
            parts.append(f"({self.fit.n_omitted:,} {rows} left out because a value is missing)")
        if self.fit.convergence.status == "optimum on the boundary":
            parts.append(textwrap.fill(self.fit.convergence.remedy, WIDTH))
        if self.limits is not None:
            parts.append(self._table(self.limits).to_text())
        return "\n\n".join(parts)

    def written(self, suffix: str) -> str:
        """Return the contents of a file: a page, LaTeX tables, rows, or the text."""
        match suffix:
            case ".html":
                return self._page()
            case ".tex":
                tables = [self.fit.to_latex()]
                if self.limits is not None:
                    tables.append(self._table(self.limits).to_latex())
                return "\n\n".join(tables) + "\n"
            case ".csv":
                return self.rows().to_csv(index=False, lineterminator="\n")
            case _:
                return self.text + "\n"

    def rows(self) -> pd.DataFrame:
        """Return one row per estimate, with its limits where there are any."""
        table = self.fit.tidy()
        if self.limits is not None:
            # tidy() has the fixed effects first, confint() last; both keep the order otherwise
            n_fixed = len(self.fit.coefficient_names)
            values = self.limits.to_numpy().tolist()
            ordered = [*values[-n_fixed:], *values[:-n_fixed]]
            ordered += [[float("nan")] * 2] * (len(table) - len(ordered))
            table["conf.low"] = [low for low, _ in ordered]
            table["conf.high"] = [high for _, high in ordered]
        return table

    def _table(self, limits: pd.DataFrame) -> Table:
        """Return the limits with R's seven digits."""
        columns = [format_numbers(limits[name].to_numpy()) for name in limits.columns]
        names = [str(name) for name in limits.index]
        return Table(
            columns=("", *map(str, limits.columns)),
            rows=tuple(zip(names, *columns, strict=True)),
            align=("left", "right", "right"),
            caption=f"Confidence limits ({self.method}):",
        )

    def _page(self) -> str:
        """Return the summary as a page of its own."""
        limits = "" if self.limits is None else self._table(self.limits).to_html()
        return (
            "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
            f"<title>{escape(self.fit.call.data_name)}</title></head>\n<body>\n"
            f"{self.fit.summary()._repr_html_()}\n{limits}\n</body></html>\n"
        )
