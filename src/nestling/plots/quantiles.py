"""Normal quantiles of residuals and random effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nestling.plots.canvas import given_axes, panels
from nestling.plots.diagnosis_panels import draw_quantiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


def plot_qq(fit: LmerFit, what: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw samples against normal quantiles, with the band that holds 95 of 100 samples.

    Parameters
    ----------
    fit : LmerFit
    what : str or list of str, optional
        "residuals" (default) or random effects as `fit.qq` names them: "(Intercept)|g".
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_qq
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> plot_qq(fit, "(Intercept)|g").get_xlabel()
    'Normal quantile'
    """
    names = ["residuals"] if what is None else [what] if isinstance(what, str) else list(what)
    for name in names:
        fit.qq(name)  # an unknown name is refused before anything is drawn
    (axes,) = panels((1, 1), 3.6) if ax is None else given_axes(ax, 1, "the quantiles")
    draw_quantiles(axes, fit, names, "Normal quantiles")
    return axes
