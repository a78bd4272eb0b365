"""One page of diagnosis: residuals, quantiles, spread, influence and collinearity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import (
    BLUE,
    GREY,
    INK,
    TICK_SIZE,
    VERMILLION,
    dress,
    given_axes,
    panels,
)
from nestling.plots.diagnosis_panels import (
    draw_inflation,
    draw_influence,
    draw_quantiles,
    draw_spread,
)
from nestling.plots.running import running_mean
from nestling.results.check import Check

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit

HEIGHT: Final = 8.4
"""Inches: six panels on a page of A4, with room for the caption."""
PANELS: Final = (
    "residuals by fitted value, spread by cluster, quantiles of residuals, quantiles of random "
    "effects, influence, variance inflation"
)


def plot_check(
    fit: LmerFit,
    check: Check | None = None,
    group: str | None = None,
    ax: Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw the page that belongs to `fit.check()`.

    Studentised residuals by fitted value, their spread by cluster, normal quantiles of
    residuals and of random effects with bands that hold all points in 95 of 100 samples,
    Cook's distance of each cluster, and the variance inflation of each term.

    Parameters
    ----------
    fit : LmerFit
    check : Check, optional
        What `fit.check()` returned; asked again if left out.
    group : str, optional
        Grouping factor for spread and influence; default the one with the fewest levels.
    ax : sequence of six matplotlib Axes, optional
        Where to draw; default a new page.

    Returns
    -------
    tuple of six matplotlib Axes

    Raises
    ------
    ArgumentError
        When the model has no such grouping factor.
    MissingDependencyError
        When matplotlib is not installed.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_check
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> axes = plot_check(fit)
    >>> axes[0].get_title(loc="left")
    'Residuals by fitted value'
    """
    levels = fit.n_groups
    chosen = min(levels, key=lambda name: levels[name]) if group is None else group
    if chosen not in levels:
        raise ArgumentError(
            f"group={chosen!r} is not a grouping factor of the model. "
            f"{did_you_mean(chosen, levels)}"
        )
    axes = panels((3, 2), HEIGHT) if ax is None else given_axes(ax, 6, PANELS)
    values = fit.residuals("studentised")
    _residuals(axes[0], fit.fitted, values, fit.matrices.response_name)
    draw_spread(axes[1], fit, values, chosen)
    draw_quantiles(axes[2], fit, ["residuals"], "Quantiles of residuals")
    effects = [f"{name}|{term.group}" for term in fit.matrices.random for name in term.names]
    draw_quantiles(axes[3], fit, effects, "Quantiles of random effects")
    asked = fit.check() if check is None else check
    found = next((each for each in asked.influence if each.group == chosen), None)
    draw_influence(axes[4], found, chosen)
    draw_inflation(axes[5], fit)
    return axes


def _residuals(ax: Axes, fitted: FloatArray, values: FloatArray, response: str) -> None:
    dress(ax, "Residuals by fitted value", f"Fitted {response}", "Studentised residual")
    usable = np.isfinite(values)
    x, y = fitted[usable], values[usable]
    crowded = len(x) > 1000
    ax.axhline(0.0, color=INK, linewidth=0.8, zorder=1)
    for bound in (-3.0, 3.0):
        ax.axhline(bound, color=GREY, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    ax.plot(
        x, y, linestyle="none", marker="o", markersize=1.2 if crowded else 2.6, color=BLUE,
        alpha=0.35 if crowded else 0.7, markeredgewidth=0, rasterized=crowded, zorder=2,
    )  # fmt: skip
    along = running_mean(x, y)
    if along is not None:
        centre, mean, sd = along
        ax.plot(centre, mean, color=VERMILLION, linewidth=1.4, zorder=3, label="mean")
        for sign, label in ((1.0, "mean ± SD"), (-1.0, None)):
            ax.plot(
                centre, mean + sign * sd, color=VERMILLION, linewidth=1.2,
                linestyle=(0, (2, 1.2)), zorder=3, label=label,
            )  # fmt: skip
        ax.legend(fontsize=TICK_SIZE - 1, frameon=False, ncols=2, loc="upper left",
                  handlelength=1.6, borderaxespad=0.3)  # fmt: skip
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.14 * (high - low))
