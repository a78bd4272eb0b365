"""What the fixed effects say of one predictor, the others held or averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.data.columns import Numeric
from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import dress, given_axes, key, panels
from nestling.plots.diagnosis_panels import COLOURS, MARKERS
from nestling.results.reference_grid import axes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit

POINTS = 50
"""Along a numeric predictor."""


def plot_effect(
    fit: LmerFit,
    predictor: str | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
    *,
    by: str | None = None,
) -> Axes:
    """Draw marginal means along one predictor, with their interval.

    A numeric predictor gives a line with a band over the range of its data, a factor one point
    with an interval per level; the other numeric predictors are at their mean, factors are
    averaged over, as in `fit.emmeans`.

    Parameters
    ----------
    fit : LmerFit
    predictor : str, optional
        A variable of the fixed effects; default the first.
    level : float
        Of the intervals, with Satterthwaite's degrees of freedom.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.
    by : str, optional
        A factor whose levels are drawn apart.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ArgumentError
        When the fixed effects have no such predictor.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_effect
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> plot_effect(fit).get_title(loc="left")
    'Effect of X on y'
    """
    known = {axis.name: axis for axis in axes_of(fit, None)}
    if not known:
        raise ArgumentError("The fixed effects have no predictor, so there is no effect to draw.")
    chosen = next(iter(known)) if predictor is None else predictor
    for name in (chosen, by):
        if name is not None and name not in known:
            raise ArgumentError(
                f"{name!r} is not a predictor of the fixed effects. {did_you_mean(name, known)}"
            )
    response = fit.matrices.response_name
    (axes,) = panels((1, 1), 3.4) if ax is None else given_axes(ax, 1, "the effect")
    title = f"Effect of {chosen} on {response}" + (f" by {by}" if by else "")
    dress(axes, title, chosen, f"Mean of {response}, {100 * level:g} % interval")
    column = fit.frame.column(chosen)
    numeric = isinstance(column, Numeric) and known[chosen].numeric
    at = None
    if numeric:
        values = column.values if isinstance(column, Numeric) else np.empty(0)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        at = {chosen: np.linspace(low, high, POINTS).tolist()}
    table = fit.emmeans(chosen, by=by, at=at, level=level).table
    groups = [("", table)]
    if by is not None:
        groups = [(str(value), part) for value, part in table.groupby(by, sort=False)]
    for k, (label, part) in enumerate(groups):
        colour = COLOURS[k % len(COLOURS)]
        mean = part["emmean"].to_numpy()
        ends = part.iloc[:, -2:].to_numpy()
        name = f"{by} = {label}" if by else None
        if numeric:
            x = part[chosen].to_numpy(dtype=float)
            axes.fill_between(
                x,
                ends[:, 0],
                ends[:, 1],
                color=colour,
                alpha=0.18 if by is None else 0.1,
                linewidth=0,
            )
            axes.plot(x, mean, color=colour, linewidth=1.8, label=name)
        else:
            shift = 0.12 * (k - 0.5 * (len(groups) - 1))
            place = np.arange(len(mean)) + shift
            axes.vlines(place, ends[:, 0], ends[:, 1], color=colour, linewidth=1.6)
            axes.plot(
                place, mean, linestyle="none", marker=MARKERS[k % len(MARKERS)], markersize=5,
                color=colour, label=name,
            )  # fmt: skip
            axes.set_xticks(np.arange(len(mean)), [str(value) for value in part[chosen]])
            axes.set_xlim(-0.6, len(mean) - 0.4)
    if by is not None:
        key(axes, own=ax is None)
    return axes
