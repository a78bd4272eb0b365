"""Residuals against fitted values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.plots.canvas import BLUE, GREY, INK, VERMILLION, dress, given_axes, panels
from nestling.plots.running import running_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


def plot_residuals(fit: LmerFit, kind: str = "pearson", ax: Axes | None = None) -> Axes:
    """Draw residuals against fitted values, with their running mean and its band of two SDs.

    Parameters
    ----------
    fit : LmerFit
    kind : str
        As in `fit.residuals`.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ArgumentError
        When there is no such kind of residual.
    MissingDependencyError
        When matplotlib is not installed.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_residuals
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> plot_residuals(fit).get_ylabel()
    'Residual (pearson)'
    """
    values, fitted = fit.residuals(kind), fit.fitted  # type: ignore[arg-type]  # checked there
    (axes,) = panels((1, 1), 3.4) if ax is None else given_axes(ax, 1, "the residuals")
    response = fit.matrices.response_name
    dress(axes, f"Residuals of {response}", f"Fitted {response}", f"Residual ({kind})")
    usable = np.isfinite(values)
    x, y = fitted[usable], values[usable]
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=1)
    crowded = len(x) > 1000
    axes.plot(
        x, y, linestyle="none", marker="o", markersize=1.4 if crowded else 2.8, color=BLUE,
        alpha=0.35 if crowded else 0.7, markeredgewidth=0, rasterized=crowded, zorder=2,
    )  # fmt: skip
    along = running_mean(x, y)
    if along is not None:
        centre, mean, sd = along
        axes.fill_between(centre, mean - 2 * sd, mean + 2 * sd, color=GREY, alpha=0.2, linewidth=0)
        axes.plot(centre, mean, color=VERMILLION, linewidth=1.6, zorder=3)
    return axes
