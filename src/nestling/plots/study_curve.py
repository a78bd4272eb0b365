"""Curves of studies: power or width along sizes or effects, with bands and the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nestling.plots.canvas import (
    BLUE,
    GREY,
    INK,
    TICK_SIZE,
    VERMILLION,
    dress,
    given_axes,
    key,
    panels,
)
from nestling.studies.power_curve import PowerCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.studies.precision_curve import PrecisionCurve

# After blue and vermillion, from the same palette of Okabe and Ito (2008).
COLOURS: Final = (BLUE, VERMILLION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, slots=True)
class CurvePlot:
    """Draws a curve when it is called.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> curve = nl.power_curve(truth, nl.nested(g=10, id=5), {"g": [5, 10, 20]}, 100,
    ...                        predictors="fixed", seed=1)
    >>> curve.plot().get_xlabel()
    'g'
    """

    curve: PowerCurve | PrecisionCurve

    def __call__(self, ax: Axes | None = None) -> Axes:
        """Draw one line per effect and test: points with Monte-Carlo band, type-I rate, target.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; default a new figure.

        Returns
        -------
        matplotlib Axes
        """
        curve = self.curve
        power = isinstance(curve, PowerCurve)
        (axes,) = panels((1, 1), 3.6) if ax is None else given_axes(ax, 1, "the curve")
        groups = list(curve.table.groupby(["effect", "test"], sort=False))
        several = len(curve.studies[0].plan.tests) > 1
        for i, ((effect, test), rows) in enumerate(groups):
            label = f"{effect}, {test}" if several else str(effect)
            _line(axes, curve, rows, label, i, power)
        if curve.target is not None:
            axes.axhline(curve.target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
            axes.annotate(
                f"wanted: {curve.target:g}", (0.995, curve.target), xytext=(0, 2),
                xycoords=("axes fraction", "data"), textcoords="offset points",
                ha="right", va="bottom", fontsize=TICK_SIZE, color=INK,
            )  # fmt: skip
        if power:
            axes.set_ylim(0.0, 1.02)
            axes.axhline(curve.studies[0].alpha, color=GREY, linewidth=0.7, zorder=1)
        else:
            axes.set_ylim(bottom=0.0)
        title = f"{'Power' if power else 'Width of intervals'} along {curve.along.name}"
        y = "Power" if power else "Mean width of the confidence interval"
        dress(axes, title, curve.along.name, y)
        axes.grid(visible=True, axis="y", color="#E5E5E5", linewidth=0.6)
        key(axes, own=ax is None)
        return axes


def _line(axes: Axes, curve: Any, rows: Any, label: str, i: int, power: bool) -> None:
    colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
    at = rows[curve.along.column].to_numpy(dtype=float)
    values = rows["power" if power else "width"].to_numpy(dtype=float)
    lower, upper = (rows[name].to_numpy(dtype=float) for name in ("lower", "upper"))
    axes.fill_between(at, lower, upper, color=colour, alpha=0.15, linewidth=0, zorder=2)
    axes.plot(at, rows["smooth"], color=colour, linewidth=1.6, zorder=3)
    axes.plot(
        at, values, linestyle="none", marker=marker, markersize=4.5, color=colour, zorder=4,
        label=label,
    )  # fmt: skip
    if power and np.isfinite(rows["type1"]).any():
        axes.plot(
            at, rows["type1"], color=colour, linewidth=0.9, linestyle=":", marker=marker,
            markersize=3, markerfacecolor="none", zorder=3, label=f"{label}: type-I rate",
        )  # fmt: skip
