"""The caterpillar plot: conditional modes in order, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import BLUE, GREY, INK, TICK_SIZE, dress, given_axes, panels, size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


def plot_caterpillar(
    fit: LmerFit,
    group: str | None = None,
    effects: str | Sequence[str] | None = None,
    level: float = 0.95,
    ax: Axes | Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw the conditional modes of a grouping factor, sorted, with their intervals.

    Intervals that leave zero out are drawn in colour.

    Parameters
    ----------
    fit : LmerFit
    group : str, optional
        Grouping factor; default the first of the model, which has the most levels.
    effects : str or list of str, optional
        Random effects to draw, one panel each; default all of the grouping factor.
    level : float
        Of the intervals: mode +- z times the conditional SD, given the estimates.
    ax : matplotlib Axes or sequence of them, optional
        Where to draw, one per effect; default a new figure.

    Returns
    -------
    tuple of matplotlib Axes
        One per effect.

    Raises
    ------
    ArgumentError
        When the model has no such grouping factor or random effect.
    MissingDependencyError
        When matplotlib is not installed.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_caterpillar
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> (ax,) = plot_caterpillar(fit)
    >>> ax.get_title(loc="left")
    'Random intercept by g'
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level={level!r}; a confidence level is between 0 and 1, as 0.95.")
    frames = fit.ranef(cond_var=True)
    chosen = next(iter(frames)) if group is None else group
    if chosen not in frames:
        raise ArgumentError(
            f"group={chosen!r} is not a grouping factor of the model. "
            f"{did_you_mean(chosen, frames)}"
        )
    modes = frames[chosen]
    columns = _columns([str(name) for name in modes.columns], effects)
    names = [str(modes.columns[j]) for j in columns]
    labels = [str(label) for label in modes.index]
    height = 1.1 + 0.15 * min(len(labels), 40)
    axes = (
        panels((1, len(columns)), height) if ax is None
        else given_axes(ax, len(columns), ", ".join(names))
    )  # fmt: skip
    z = NormalDist().inv_cdf(0.5 + level / 2)
    variances: FloatArray = modes.attrs["cond_var"]
    for one, j, name in zip(axes, columns, names, strict=True):
        unit = fit.matrices.response_name
        if name == "(Intercept)":
            title = f"Random intercept by {chosen}"
            scale = unit
        else:
            title = f"Random effect of {name} by {chosen}"
            scale = f"{unit} per {name}"
        axis = f"Deviation from the average ({scale})\nwith {100 * level:g} % interval"
        dress(one, title, axis, chosen)
        _panel(one, modes.iloc[:, j].to_numpy(), z * np.sqrt(variances[:, j, j]), labels)
    for one in axes[1:]:
        one.set_ylabel("")
    return axes


def _columns(known: list[str], effects: str | Sequence[str] | None) -> list[int]:
    """Positions of the effects that were asked for."""
    if effects is None:
        return list(range(len(known)))
    asked = [effects] if isinstance(effects, str) else list(effects)
    for name in asked:
        if name not in known:
            raise ArgumentError(
                f"effects={name!r} is not a random effect of this grouping factor. "
                f"{did_you_mean(name, known)}"
            )
    return [known.index(name) for name in asked]


def _panel(ax: Axes, centre: FloatArray, half: FloatArray, labels: list[str]) -> None:
    order = np.argsort(centre, kind="stable")
    centre, half = centre[order], half[order]
    position = np.arange(len(order))
    clear = np.abs(centre) > half
    # points of height for each row: 72 to the inch, before the layout takes its share
    room = 72 * size(ax)[1] / len(order)
    crowded = room < 5
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    for part, colour in ((clear, BLUE), (~clear, GREY)):
        ax.hlines(
            position[part], (centre - half)[part], (centre + half)[part], colors=colour,
            linewidth=0.5 if crowded else 1.2, alpha=0.35 if crowded else 1.0, zorder=2,
        )  # fmt: skip
        ax.plot(
            centre[part], position[part], linestyle="none", marker="o", color=colour,
            markersize=1.0 if crowded else 3.5, zorder=3,
        )  # fmt: skip
    ax.set_ylim(-0.8, len(order) - 0.2)
    if crowded:
        ax.set_yticks([])
    else:
        names = [labels[j] for j in order]
        ax.set_yticks(position, names, fontsize=min(TICK_SIZE, 0.85 * room))
