"""Profile zeta of parameters: straight where Wald's interval is right."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from nestling.plots.canvas import BLUE, GREY, INK, TICK_SIZE, VERMILLION, dress, given_axes, panels
from nestling.results.profile import profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Of the intervals that are marked, as lattice's profile plots do."""


def plot_profile(
    fit: LmerFit,
    parm: str | Sequence[str] | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw the profile zeta of parameters with their intervals.

    Parameters
    ----------
    fit : LmerFit
    parm : None, "theta_", "beta_" or names
        As in `fit.confint`.
    ax : matplotlib Axes or sequence of them, optional
        One per parameter; default a new figure.

    Returns
    -------
    tuple of matplotlib Axes
        One per parameter.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_profile
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> [one.get_title(loc="left") for one in plot_profile(fit)]
    ['sd_(Intercept)|g', 'sigma', '(Intercept)']
    """
    curves = profile(fit, parm)
    names = ", ".join(curve.name for curve in curves)
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    axes = (
        panels((rows, columns), 0.4 + 2.1 * rows)
        if ax is None
        else given_axes(ax, len(curves), names)
    )
    for one in axes[len(curves) :]:
        one.set_axis_off()
    for one, curve in zip(axes, curves, strict=False):
        dress(one, curve.name, "", "zeta")
        one.title.set_fontsize(TICK_SIZE)
        one.axhline(0.0, color=INK, linewidth=0.6)
        for level in LEVELS:
            height = NormalDist().inv_cdf(0.5 + level / 2)
            inside = [float(np.interp(side * height, curve.zeta, curve.values)) for side in (-1, 1)]
            heights = np.clip([-height, height], curve.zeta[0], curve.zeta[-1])
            main = level == 0.95
            one.vlines(
                inside, 0.0, heights, colors=VERMILLION if main else GREY,
                linewidth=1.2 if main else 0.6,
            )  # fmt: skip
        one.plot(curve.values, curve.zeta, color=BLUE, linewidth=1.4, marker="o", markersize=2.0)
        if np.isfinite(curve.estimate):
            one.plot([curve.estimate], [0.0], marker="o", color=INK, markersize=4, zorder=4)
    return axes[: len(curves)]
