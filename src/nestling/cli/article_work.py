"""A section of the article worked out: its data, its fit, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestling.arrays import FloatArray
from nestling.cli.article_models import ArticleModel
from nestling.results.compare import compare
from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """One model of the article with everything that follows from it.

    Attributes
    ----------
    model : ArticleModel
    data : DataFrame
        With the article's columns.
    fit : LmerFit
    table : DataFrame
        True values beside estimates.
    limits : DataFrame or None
        The profile limits that the article prints.
    """

    model: ArticleModel
    data: pd.DataFrame
    fit: LmerFit
    table: pd.DataFrame
    limits: pd.DataFrame | None

    @property
    def effects(self) -> FloatArray:
        """The random effects that were drawn, effects by clusters."""
        names = [name for name in ("u0j", "u1j") if name in self.data]
        return self.data.groupby("Cluster")[names].first().to_numpy().T


def work_out(model: ArticleModel) -> Worked:
    """Simulate, fit and compare one model of the article."""
    data = model.data()
    # the article fits its vector yij, which is the column y
    named = data.rename(columns={"y": "yij"}) if model.formula.startswith("yij") else data
    named.attrs["name"] = data.attrs["name"]
    fit = lmer(model.formula, named)
    limits = None if model.limits is None else fit.confint(model.limits)
    return Worked(model, data, fit, compare(model.truth, fit), limits)


def draw(worked: Worked, folder: Path) -> Iterator[Path]:
    """Write the three figures of a section and yield their paths."""
    from nestling.plots import plot_caterpillar, plot_clusters, plot_comparison

    drawn: dict[str, Any] = {
        "clusters": plot_clusters(worked.fit),
        "caterpillar": plot_caterpillar(worked.fit)[0],
        "put_in_came_back": plot_comparison(worked.table)[0],
    }
    for name, ax in drawn.items():
        path = folder / f"{worked.model.key}_{name}.png"
        ax.figure.savefig(path, dpi=200)
        yield path
