"""Panels of the page of diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, ModelError
from nestling.plots.canvas import BLUE, GREY, INK, TICK_SIZE, VERMILLION, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.influence import Influence
    from nestling.results.lmer_fit import LmerFit

COLOURS: Final = (BLUE, VERMILLION, "#009E73", "#CC79A7", INK)
MARKERS: Final = ("o", "^", "s", "D", "v")
NAMED: Final = 5
"""Clusters that are named beside their Cook's distance."""


def draw_quantiles(ax: Axes, fit: LmerFit, what: Sequence[str], title: str) -> None:
    """Draw samples against normal quantiles, each with the band of its size."""
    dress(ax, title, "Normal quantile", "Standardised value")
    drawn = []
    for name in what:
        try:
            drawn.append(fit.qq(name))
        except ArgumentError:  # a variance of zero: nothing to draw
            continue
    if not drawn:
        say(ax, "The variances are zero:\nthere is nothing to draw.")
        return
    widest = min(drawn, key=lambda each: len(each.sample))
    bands = {len(each.sample): each for each in drawn}
    for each in bands.values():
        ax.fill_between(
            each.theoretical, each.lower, each.upper, color=GREY, alpha=0.22, linewidth=0
        )
    ends = np.array([each.theoretical[[0, -1]] for each in drawn])
    line = np.array([ends.min(), ends.max()])
    ax.plot(line, line, color=INK, linewidth=0.8, zorder=2)
    for k, each in enumerate(drawn):
        crowded = len(each.sample) > 1000
        ax.plot(
            each.theoretical, each.sample, linestyle="none", marker=MARKERS[k % len(MARKERS)],
            markersize=1.8 if crowded else 3.0, color=COLOURS[k % len(COLOURS)], zorder=3,
            markeredgewidth=0, rasterized=crowded, label=each.what.replace("|", " by "),
        )  # fmt: skip
    sample = np.concatenate([each.sample for each in drawn])
    # the band opens wide at its ends: the points set the scale
    reach = max(3.0, 1.15 * float(np.abs(sample).max()))
    bound = min(reach, max(float(np.abs(widest.upper).max()), 1.1 * float(np.abs(sample).max())))
    ax.set_ylim(-bound, bound)
    if what != ["residuals"]:
        ax.legend(fontsize=TICK_SIZE - 1, frameon=False, loc="upper left", handletextpad=0.2,
                  borderaxespad=0.3)  # fmt: skip


def draw_spread(ax: Axes, fit: LmerFit, values: FloatArray, group: str) -> None:
    """Draw the SD of the residuals of each cluster, sorted, with what chance allows each."""
    from scipy.special import chdtri

    term = next(each for each in fit.matrices.random if each.group == group)
    dress(ax, f"Spread by {group}", f"{group}, in order of spread", "SD of studentised residuals")
    usable = np.isfinite(values)
    codes, y = term.codes[usable], values[usable]
    counts = np.bincount(codes, minlength=len(term.levels))
    means = np.bincount(codes, y, len(counts)) / np.maximum(counts, 1)
    squares = np.bincount(codes, (y - means[codes]) ** 2, len(counts))
    enough = counts >= 3
    if enough.sum() < 2:
        say(ax, "Fewer than two levels\nhave three rows.")
        return
    df = counts[enough] - 1.0
    sd = np.sqrt(squares[enough] / df)
    order = np.argsort(sd, kind="stable")
    sd, df = sd[order], df[order]
    low, high = (np.sqrt(chdtri(df, share) / df) for share in (0.975, 0.025))
    place = np.arange(len(sd))
    crowded = len(sd) > 60
    if crowded:  # lines would run into one another
        ax.fill_between(place, low, high, step="mid", color=GREY, alpha=0.3, linewidth=0, zorder=1)
    else:
        ax.vlines(place, low, high, color=GREY, alpha=0.35, linewidth=3.0, zorder=1)
    ax.axhline(1.0, color=INK, linewidth=0.8, zorder=2)
    outside = (sd < low) | (sd > high)
    for part, colour, marker in ((~outside, BLUE, "o"), (outside, VERMILLION, "^")):
        ax.plot(
            place[part], sd[part], linestyle="none", marker=marker, color=colour,
            markersize=1.6 if crowded else 3.5, markeredgewidth=0, zorder=3,
        )  # fmt: skip
    labels = [str(label) for label in np.asarray(term.levels)[enough][order]]
    room = 190 / len(labels)  # points of width for each label in half a page
    if room >= 6 and max(map(len, labels)) <= 8:
        ax.set_xticks(place, labels, rotation=90, fontsize=min(TICK_SIZE - 1, room))
    else:
        ax.set_xticks([])
    ax.set_ylim(bottom=0.0)


def draw_influence(ax: Axes, found: Influence | None, group: str) -> None:
    """Draw Cook's distance of each cluster and name the largest."""
    dress(ax, f"Influence by {group}", group, "Cook's distance")
    if found is None:
        say(ax, "The levels were not left out\none by one.")
        return
    distance = found.cooks_distance.to_numpy()
    place = np.arange(len(distance))
    usable = np.isfinite(distance)
    if not usable.any():
        say(ax, found.status[0].replace(" are left", "\nare left").capitalize() + ".")
        return
    bound = found.cutoffs["cooks_distance"]
    above = usable & (distance > bound)
    crowded = len(distance) > 60
    for part, colour in ((usable & ~above, BLUE), (above, VERMILLION)):
        ax.vlines(place[part], 0.0, distance[part], color=colour, linewidth=0.8 if crowded else 1.6)
        ax.plot(
            place[part], distance[part], linestyle="none", marker="o", color=colour,
            markersize=2.0 if crowded else 3.5, markeredgewidth=0,
        )  # fmt: skip
    ax.axhline(bound, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    ax.annotate(
        "4 / levels", (1.0, bound), xycoords=("axes fraction", "data"), xytext=(0, 2),
        textcoords="offset points", ha="right", fontsize=TICK_SIZE - 1, color="#5F5F5F",
    )  # fmt: skip
    high = 1.18 * max(float(np.nanmax(distance)), bound)
    top = np.argsort(np.where(usable, -distance, np.inf), kind="stable")[:NAMED]
    named: list[int] = []
    for i in top[distance[top] > max(0.4 * float(np.nanmax(distance)), 0.4 * bound)]:
        # a name beside another of about the same height would cover it
        beside = [j for j in named if abs(i - j) < 0.12 * len(distance)]
        if all(abs(distance[i] - distance[j]) > 0.06 * high for j in beside):
            named.append(int(i))
            ax.annotate(
                str(found.deleted[i]), (place[i], distance[i]), xytext=(0, 3), ha="center",
                textcoords="offset points", fontsize=TICK_SIZE - 1, color=INK,
            )  # fmt: skip
    ax.set_xticks([])
    ax.set_xlim(-0.8, len(distance) - 0.2)
    ax.set_ylim(0.0, high)


def draw_inflation(ax: Axes, fit: LmerFit) -> None:
    """Draw the variance inflation of each term on a logarithmic scale."""
    dress(ax, "Collinearity", "Variance inflation, GVIF^(1/Df)", "")
    try:
        values = fit.vif().iloc[:, 2] ** 2
    except ModelError:
        say(ax, "No fixed effects\nbeside the intercept.")
        return
    place = np.arange(len(values))[::-1]
    numbers = values.to_numpy()
    high = max(12.0, 1.4 * float(numbers.max()))
    colours = [VERMILLION if value >= 5.0 else BLUE for value in numbers]
    ax.hlines(place, 1.0, numbers, colors=colours, linewidth=2.5)
    ax.scatter(numbers, place, c=colours, s=22, zorder=3)
    for bound in (5.0, 10.0):
        ax.axvline(bound, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    ax.set_xscale("log")
    ax.set_xlim(0.93, high)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 1000, 10000) if tick <= high]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.set_xticks([], minor=True)
    labels = [str(name) if len(str(name)) <= 16 else f"{str(name)[:15]}…" for name in values.index]
    ax.set_yticks(place, labels, fontsize=min(TICK_SIZE, 130 / len(labels)))
    ax.set_ylim(-0.7, len(values) - 0.3)


def say(ax: Axes, text: str) -> None:
    """Write why there is nothing to draw where the drawing would be."""
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=TICK_SIZE,
        color=INK,
    )  # fmt: skip
    ax.set_xticks([])
    ax.set_yticks([])
