"""The data by cluster, with the line or mean the model gives each cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, did_you_mean
from nestling.model.matrices import RandomTerm
from nestling.plots.canvas import BLUE, GREY, VERMILLION, dress, given_axes, key, panels, size
from nestling.plots.cluster_lines import cluster_lines, level_one_predictor, part_along

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


def plot_clusters(
    fit: LmerFit,
    predictor: str | None = None,
    group: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the response by cluster: against a predictor with each cluster's fitted line.

    A model without a predictor that varies inside the clusters gives one column of points per
    cluster, with the fitted mean of the cluster.

    Parameters
    ----------
    fit : LmerFit
    predictor : str, optional
        Coefficient name of the predictor on the horizontal axis; default the first one that
        varies inside the clusters.
    group : str, optional
        Grouping factor; default the first of the model, which has the most levels.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes
        Its `figure` can be saved: `ax.figure.savefig("clusters.png", dpi=200)`.

    Raises
    ------
    ArgumentError
        When the model has no such predictor or grouping factor.
    MissingDependencyError
        When matplotlib is not installed.

    Notes
    -----
    The line of a cluster goes through its mean fitted value; its slope is that of the fixed
    effects (interactions included) and the cluster's conditional modes.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_clusters
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> plot_clusters(fit).get_xlabel()
    'X'
    """
    term = _term(fit, group)
    chosen = level_one_predictor(fit, term.codes) if predictor is None else predictor
    if chosen is not None and chosen not in fit.coefficient_names:
        raise ArgumentError(
            f"predictor={chosen!r} is not a coefficient of the model. "
            f"{did_you_mean(chosen, fit.coefficient_names)}"
        )
    (axes,) = panels((1, 1), 4.0) if ax is None else given_axes(ax, 1, "the data")
    if chosen is None:
        _strips(axes, fit, term)
    else:
        _lines(axes, fit, term, chosen)
    key(axes, own=ax is None)
    return axes


def _term(fit: LmerFit, group: str | None) -> RandomTerm:
    terms = {term.group: term for term in reversed(fit.matrices.random)}
    if group is None:
        return fit.matrices.random[0]
    if group not in terms:
        raise ArgumentError(
            f"group={group!r} is not a grouping factor of the model. {did_you_mean(group, terms)}"
        )
    return terms[group]


def _lines(ax: Axes, fit: LmerFit, term: RandomTerm, predictor: str) -> None:
    from matplotlib.collections import LineCollection

    x = fit.matrices.columns[fit.matrices.names.index(predictor)]
    _points(ax, x, fit.matrices.response)
    n_clusters = len(term.levels)
    lines = cluster_lines(x, part_along(fit, predictor), fit.fitted, term.codes, n_clusters)
    segments = np.stack([lines.start, lines.end], axis=1)
    ax.add_collection(
        LineCollection(
            list(segments), colors=BLUE, linewidths=1.0, alpha=_alpha(n_clusters), zorder=2,
            label=f"Fitted line of each {term.group}",
        )
    )  # fmt: skip
    everyone = cluster_lines(
        x, part_along(fit, predictor, random=False), _fixed_part(fit),
        np.zeros(fit.nobs, dtype=np.intp), 1,
    )  # fmt: skip
    ends = np.vstack([everyone.start, everyone.end])
    ax.plot(
        ends[:, 0], ends[:, 1], color=VERMILLION, linewidth=2.2, zorder=3,
        label="Average line (fixed effects)",
    )  # fmt: skip
    title = f"{fit.matrices.response_name} against {predictor} by {term.group}"
    dress(ax, title, predictor, fit.matrices.response_name)


def _strips(ax: Axes, fit: LmerFit, term: RandomTerm) -> None:
    n_clusters = len(term.levels)
    # a fixed, low-discrepancy shift keeps points apart without chance
    shift = (np.arange(fit.nobs) * 0.6180339887498949) % 1.0 - 0.5
    _points(ax, term.codes + 0.5 * shift, fit.matrices.response)
    counts = np.bincount(term.codes, minlength=n_clusters)
    with np.errstate(invalid="ignore"):
        means = np.bincount(term.codes, fit.fitted, minlength=n_clusters) / counts
    ax.hlines(
        means, np.arange(n_clusters) - 0.4, np.arange(n_clusters) + 0.4, colors=BLUE,
        linewidth=2.0, zorder=3, label=f"Fitted mean of each {term.group}",
    )  # fmt: skip
    ax.axhline(
        float(_fixed_part(fit).mean()), color=VERMILLION, linewidth=1.4, zorder=2,
        label="Average (fixed effects)",
    )  # fmt: skip
    longest = max(len(str(level)) for level in term.levels)
    upright = longest > 3
    room = 72 * size(ax)[0] / n_clusters
    step = int(np.ceil((11.0 if upright else 6.0 * longest + 2.0) / room))
    shown = np.arange(0, n_clusters, step)
    labels = [str(term.levels[j]) for j in shown]
    ax.set_xticks(shown, labels, rotation=90 if upright else 0)
    ax.set_xlim(-0.8, n_clusters - 0.2)
    title = f"{fit.matrices.response_name} by {term.group}"
    dress(ax, title, term.group, fit.matrices.response_name)


def _fixed_part(fit: LmerFit) -> FloatArray:
    """X beta and offset, (n,)."""
    total = np.zeros(fit.nobs) if fit.matrices.offset is None else fit.matrices.offset.copy()
    for name, value in zip(fit.coefficient_names, fit.estimates.beta, strict=True):
        total += value * fit.matrices.columns[fit.matrices.names.index(name)]
    return total


def _points(ax: Axes, x: FloatArray, y: FloatArray) -> None:
    ax.plot(
        x, y, linestyle="none", marker="o", markersize=2.6, markerfacecolor=GREY,
        markeredgecolor="none", alpha=float(np.clip(600 / len(x), 0.08, 0.8)), zorder=1,
        label="Data",
    )  # fmt: skip


def _alpha(n_clusters: int) -> float:
    return float(np.clip(30 / n_clusters, 0.12, 0.8))
