"""Shrinkage: what each cluster's own data say, and what the model makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import BLUE, GREY, INK, VERMILLION, dress, given_axes, key, panels
from nestling.results.own_estimates import own_estimates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


def plot_shrinkage(
    fit: LmerFit, group: str | None = None, effect: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw each cluster's least-squares effect and, joined to it, its conditional mode.

    With two random effects or more the plane of the first two is drawn; with one, or when an
    effect is named, clusters stand side by side in the order of their own estimates.

    Parameters
    ----------
    fit : LmerFit
    group : str, optional
        Grouping factor; default the first of the model.
    effect : str, optional
        One random effect.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ArgumentError
        When the model has no such grouping factor or effect.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_shrinkage
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> plot_shrinkage(fit).get_title(loc="left")
    'Shrinkage of (Intercept) by g'
    """
    modes = fit.ranef()
    chosen = next(iter(modes)) if group is None else group
    if chosen not in modes:
        raise ArgumentError(
            f"group={chosen!r} is not a grouping factor of the model. {did_you_mean(chosen, modes)}"
        )
    frame = modes[chosen]
    names = [str(name) for name in frame.columns]
    if effect is not None and effect not in names:
        raise ArgumentError(
            f"effect={effect!r} is not a random effect of {chosen!r}. {did_you_mean(effect, names)}"
        )
    own, shrunken = own_estimates(fit, chosen), frame.to_numpy()
    (axes,) = panels((1, 1), 4.0) if ax is None else given_axes(ax, 1, "the shrinkage")
    if effect is None and len(names) > 1:
        _plane(axes, own[:, :2], shrunken[:, :2])
        dress(axes, f"Shrinkage by {chosen}", f"Effect of {names[0]}", f"Effect of {names[1]}")
    else:
        j = names.index(effect) if effect is not None else 0
        order = np.argsort(np.where(np.isfinite(own[:, j]), own[:, j], np.inf), kind="stable")
        place = np.arange(len(order), dtype=float)
        _plane(
            axes,
            np.column_stack([place, own[order, j]]),
            np.column_stack([place, shrunken[order, j]]),
        )
        dress(axes, f"Shrinkage of {names[j]} by {chosen}", f"{chosen}, in order", "Effect")
        axes.set_xticks([])
    key(axes, own=ax is None)
    return axes


def _plane(ax: Axes, own: FloatArray, shrunken: FloatArray) -> None:
    from matplotlib.collections import LineCollection

    known = np.isfinite(own).all(axis=1)
    segments = np.stack([own[known], shrunken[known]], axis=1)
    ax.axhline(0.0, color=INK, linewidth=0.6, zorder=0)
    ax.add_collection(LineCollection(list(segments), colors=GREY, linewidths=0.7, alpha=0.7))
    ax.plot(
        *own[known].T, linestyle="none", marker="o", markersize=3.2, markerfacecolor="white",
        markeredgecolor=VERMILLION, label="Own data (least squares)", zorder=2,
    )  # fmt: skip
    ax.plot(
        *shrunken.T, linestyle="none", marker="o", markersize=3.2, color=BLUE,
        label="Model (conditional mode)", zorder=3,
    )  # fmt: skip
    ax.autoscale_view()
