"""Designs that were searched: contours of power over two sizes, the smallest and the cheapest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, ModelError
from nestling.plots.canvas import INK, TICK_SIZE, VERMILLION, dress, given_axes, key, panels
from nestling.studies.search import power_of_strength, strength_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.studies.found_designs import FoundDesigns

LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class DesignsPlot:
    """Draws a search over two sizes when it is called."""

    found: FoundDesigns

    def __call__(self, ax: Axes | None = None) -> Axes:
        """Draw contours of power (or width), the designs tried, the smallest and the cheapest.

        Contours come from the curve that the search fitted for each size of the second unit.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; default a new figure.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ArgumentError
            When only one size was searched.
        """
        found = self.found
        if len(found.units) != 2 or len(found.table) < 2:
            raise ArgumentError("Contours need a search over two sizes; this one had one.")
        first, second = found.units
        (axes,) = panels((1, 1), 4.2) if ax is None else given_axes(ax, 1, "the designs")
        tried = found.tried
        across = np.linspace(tried[first].min(), tried[first].max(), 120)
        up = found.table[second].to_numpy(dtype=float)
        strength = strength_at(np.array(found.curves), across)
        if found.is_power:
            height, levels = power_of_strength(strength, found.alpha), np.array(LEVELS)
        else:
            height = 1.0 / strength
            levels = found.target * np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0])
        axes.contourf(across, up, height, levels=levels, cmap="Blues", alpha=0.6, extend="both")
        drawn = axes.contour(across, up, height, levels=levels, colors=INK, linewidths=0.4)
        axes.clabel(drawn, fontsize=TICK_SIZE - 1, fmt="%.2g")
        axes.plot(
            tried[first], tried[second], linestyle="none", marker=".", markersize=3, color=INK,
            label="tried",
        )  # fmt: skip
        smallest = found.table[found.table["reached"]]
        axes.plot(
            smallest[first], smallest[second], color=VERMILLION, marker="o", markersize=5,
            linewidth=1.4, label="smallest that reaches the target", clip_on=False,
        )  # fmt: skip
        try:
            best = found.best
        except ModelError:
            best = None
        if best is not None:
            row = smallest.iloc[int(smallest["cost"].argmin())]
            axes.plot(
                row[first], row[second], linestyle="none", marker="*", markersize=15,
                color=VERMILLION, markeredgecolor=INK, label="cheapest", zorder=4, clip_on=False,
            )  # fmt: skip
        what = "Power" if found.is_power else "Width of the interval"
        dress(axes, f"{what} for {found.effect}", first, second)
        key(axes, own=ax is None)
        return axes
