"""The smallest designs that a search found, and the cheapest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nestling.design.design import Design
from nestling.errors import ModelError
from nestling.results.drawn import Drawn
from nestling.studies.plan import Plan
from nestling.studies.study_text import design_text
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class FoundDesigns(Summarised):
    """The smallest designs that reach a target.

    Attributes
    ----------
    plan : Plan
        Its design has the sizes that were not searched.
    effect : str
    target : float
        The power, or the width of the interval, that is wanted.
    is_power : bool
    alpha : float
    units : tuple of str
        The units whose sizes were searched; for each size of the second, the smallest of the
        first was looked for.
    table : DataFrame
        One row per size of the second unit: the sizes, `rows`, `cost`, `power` with its
        Monte-Carlo interval (or `width`), `reached`; NaN where the largest size is not enough.
    tried : DataFrame
        Every design that was simulated, with its replicates.
    curves : tuple of (float, float)
        Per row of `table`: a and b of the variance a + b / size along the first unit, in the
        scale of the target.
    """

    plan: Plan
    effect: str
    target: float
    is_power: bool
    alpha: float
    units: tuple[str, ...]
    table: pd.DataFrame
    tried: pd.DataFrame
    curves: tuple[tuple[float, float], ...]

    plot = Drawn("nestling.plots.study_designs:DesignsPlot")

    @property
    def best(self) -> Design:
        """The cheapest design that reaches the target.

        Raises
        ------
        ModelError
            When none does.
        """
        reached = self.table[self.table["reached"]]
        if not len(reached):
            raise ModelError(
                f"No design within these sizes reaches {self._said}. Allow larger sizes."
            )
        row = reached.iloc[int(reached["cost"].argmin())]
        return self.plan.design.sized(**{unit: int(row[unit]) for unit in self.units})

    @property
    def _said(self) -> str:
        what = "power" if self.is_power else "width"
        return f"{what} {self.target:g} for {self.effect}"

    def __str__(self) -> str:
        """Return the smallest designs and the cheapest of them."""
        spent = int(self.tried["n"].sum())
        drawn = self.plan.predictors
        head = [
            f"Smallest designs for {self._said} in {self.plan.truth.formula.text}",
            f"{len(self.tried)} designs tried, {spent} replicates in all; predictors {drawn}",
            "",
        ]
        reached = self.table[self.table["reached"]].drop(columns="reached").dropna(axis=1)
        if len(reached):
            shown = reached.to_string(index=False, float_format=_number)
            head += [shown, *self._out_of_reach, "", f"Cheapest: {design_text(self.best)}"]
        else:
            head += [*self._out_of_reach, "No design within these sizes reaches the target."]
        return "\n".join(head)

    @property
    def _out_of_reach(self) -> list[str]:
        """What the largest size comes to where it is not enough."""
        lines, measure = [], "power" if self.is_power else "width"
        first, *others = self.units
        for row in self.table[~self.table["reached"]].to_dict("records"):
            mine = self.tried
            for unit in others:
                mine = mine[mine[unit] == row[unit]]
            last = mine.sort_values([first, "n"]).iloc[-1]
            sizes = ", ".join(f"{unit} {int(last[unit])}" for unit in self.units)
            lines.append(f"Not reached: {sizes} have {measure} {_number(float(last[measure]))}")
        return lines

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def _number(value: float) -> str:
    """Write four digits, and sums of money in full.

    Examples
    --------
    >>> _number(0.79551), _number(19950.0)
    ('0.7955', '19950')
    """
    return f"{value:.0f}" if abs(value) >= 1000.0 else f"{value:.4g}"
