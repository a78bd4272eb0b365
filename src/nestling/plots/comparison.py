"""What was put in against what came back: estimates with intervals, and the true values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.plots.canvas import BLUE, LABEL_SIZE, VERMILLION, dress, given_axes, key, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = ("truth", "estimate", "lower", "upper")

# An interval narrower than this share of its panel could not be read; it gets its own panel.
NARROWEST = 0.05


def plot_comparison(
    table: pd.DataFrame, ax: Axes | Sequence[Axes] | None = None
) -> tuple[Axes, ...]:
    """Draw the table of `nl.compare`: estimate and interval, with a mark for the truth.

    Fixed effects, standard deviations and correlations have panels of their own, and so has a
    parameter on a scale on which the others could not be read.

    Parameters
    ----------
    table : DataFrame
        From `nl.compare(truth, fit)`.
    ax : matplotlib Axes or sequence of them, optional
        Where to draw, one per panel; default a new figure.

    Returns
    -------
    tuple of matplotlib Axes
        One per panel, from the top.

    Raises
    ------
    ArgumentError
        When the table is not one of `nl.compare`.
    MissingDependencyError
        When matplotlib is not installed.

    Examples
    --------
    >>> import nestling as nl
    >>> from nestling.plots import plot_comparison
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
    >>> [ax.get_title(loc="left") for ax in plot_comparison(nl.compare(truth, fit))]
    ['Fixed effects', 'Standard deviations']
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing or "sigma" not in table.index:
        raise ArgumentError(
            f"The table has no {', '.join(missing) or 'row sigma'}. Give the table that "
            "nl.compare(truth, fit) returns."
        )
    numbers = table[list(COLUMNS)].to_numpy(dtype=float)
    groups = _panels([str(name) for name in table.index], numbers)
    rows = [len(members) for _, members in groups]
    if ax is None:
        axes = panels(
            (len(groups), 1), 0.62 * len(groups) + 0.28 * sum(rows) + 0.7,
            height_ratios=[0.4 + n for n in rows],
        )  # fmt: skip
    else:
        axes = given_axes(ax, len(groups), ", ".join(title for title, _ in groups))
    labels = [_label(str(name)) for name in table.index]
    for one, (title, members) in zip(axes, groups, strict=True):
        _panel(one, numbers[members], [labels[i] for i in members])
        dress(one, title, "", "")
    axes[-1].set_xlabel("Value, on the parameter's own scale", fontsize=LABEL_SIZE)
    key(axes[0], own=ax is None)
    return axes


def _panels(names: list[str], numbers: FloatArray) -> list[tuple[str, list[int]]]:
    """Sort parameters into panels: by kind, and by scale where one axis cannot show all."""
    last = names.index("sigma")
    kinds = {
        "Fixed effects": range(last + 1, len(names)),
        "Standard deviations": [i for i in range(last + 1) if not names[i].startswith("cor_")],
        "Correlations": [i for i in range(last) if names[i].startswith("cor_")],
    }
    found: list[tuple[str, list[int]]] = []
    for title, members in kinds.items():
        own: list[list[int]] = []
        for i in members:
            home = next((panel for panel in own if _readable(numbers[[*panel, i]])), None)
            if home is None:
                own.append([i])
            else:
                home.append(i)
        found += [
            (title if not k else f"{title}, on another scale", panel) for k, panel in enumerate(own)
        ]
    return found


def _readable(numbers: FloatArray) -> bool:
    """Whether every interval has a visible width on a common axis."""
    widths = numbers[:, 3] - numbers[:, 2]
    widths = widths[np.isfinite(widths)]
    whole = float(np.nanmax(numbers) - np.nanmin(numbers))
    return not len(widths) or bool(widths.min() >= NARROWEST * whole)


def _label(name: str) -> str:
    """Say a parameter of `confint` in words."""
    if name == "sigma":
        return "Residual"
    effect, bar, group = name.partition("|")
    if bar and effect.startswith("sd_"):
        return f"{effect.removeprefix('sd_')} by {group}"
    if bar and effect.startswith("cor_"):
        return f"{effect.removeprefix('cor_').replace('.(', ' with (')} by {group}"
    return name


def _panel(ax: Axes, numbers: FloatArray, labels: list[str]) -> None:
    position = np.arange(len(numbers))[::-1]
    truth, estimate, lower, upper = numbers.T
    ax.hlines(position, lower, upper, colors=BLUE, linewidth=1.6, zorder=2)
    ax.plot(
        estimate, position, linestyle="none", marker="o", markersize=5, color=BLUE, zorder=3,
        label="Came back: estimate and interval",
    )  # fmt: skip
    ax.plot(
        truth, position, linestyle="none", marker="D", markersize=6.5, markerfacecolor="none",
        markeredgecolor=VERMILLION, markeredgewidth=1.6, zorder=4, label="Put in: true value",
    )  # fmt: skip
    ax.set_yticks(position, labels)
    ax.set_ylim(-0.6, len(numbers) - 0.4)
    ax.margins(x=0.06)
    ax.grid(visible=True, axis="x", color="#E5E5E5", linewidth=0.6)
