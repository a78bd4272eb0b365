"""The sheet a figure is drawn on: colours, sizes and axes, without pyplot's global state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from nestling.errors import ArgumentError, MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008): told apart by colour-blind readers, and in grey print.
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREY: Final = "#8C8C8C"
INK: Final = "#222222"

# Inches: 6.3 is the text width of A4 with 2.5 cm margins.
WIDTH: Final = 6.3

TITLE_SIZE: Final = 10.0
LABEL_SIZE: Final = 9.0
TICK_SIZE: Final = 8.0

HANDLE, SPACING = 1.8, 1.8
"""Width of a legend's handles, and the space between its columns, in letters' heights."""


def panels(
    shape: tuple[int, int],
    height: float,
    *,
    width_ratios: Sequence[float] | None = None,
    height_ratios: Sequence[float] | None = None,
) -> tuple[Axes, ...]:
    """Return axes on a new figure, row by row.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of panels.
    height : float
        Of the figure, in inches; it is as wide as a page's text.
    width_ratios, height_ratios : sequence of float, optional
        Widths of the columns and heights of the rows, relative to one another.

    Raises
    ------
    MissingDependencyError
        When matplotlib is not installed.

    Examples
    --------
    >>> len(panels((1, 2), 3.0))
    2
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "Figures need matplotlib, which is not installed. Install it with "
            "`pip install 'nestling[plot]'`."
        ) from error
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    grid = figure.subplots(
        *shape, squeeze=False, width_ratios=width_ratios, height_ratios=height_ratios
    )
    return tuple(grid.ravel())


def given_axes(ax: Axes | Sequence[Axes], n: int, what: str) -> tuple[Axes, ...]:
    """Return the caller's axes, one per panel.

    Raises
    ------
    ArgumentError
        When their number is not that of the panels, which `what` names.
    """
    axes = tuple(ax) if isinstance(ax, Iterable) else (ax,)
    if len(axes) != n:
        raise ArgumentError(
            f"ax holds {len(axes)} axes, but the figure has {n} panels: {what}. Give one axes "
            "per panel, or leave ax out."
        )
    return axes


def size(ax: Axes) -> tuple[float, float]:
    """Return width and height of axes in inches."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    place = ax.get_position()
    return place.width * figure.get_figwidth(), place.height * figure.get_figheight()


def dress(ax: Axes, title: str, x: str, y: str) -> None:
    """Label the axes and leave out the lines that carry nothing."""
    ax.set_title(title, fontsize=TITLE_SIZE, loc="left", color=INK)
    ax.set_xlabel(x, fontsize=LABEL_SIZE, color=INK)
    ax.set_ylabel(y, fontsize=LABEL_SIZE, color=INK)
    ax.tick_params(labelsize=TICK_SIZE, colors=INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)


def key(ax: Axes, *, own: bool) -> None:
    """Add the legend: under the figure if it is `own`, else where the caller's axes have room."""
    handles, labels = ax.get_legend_handles_labels()
    if own:
        figure = ax.get_figure(root=True)
        assert figure is not None
        legend = figure.legend(
            handles, labels, loc="outside lower left", fontsize=TICK_SIZE, frameon=False,
            ncols=_key_columns(labels, figure.get_figwidth()), handlelength=HANDLE,
            columnspacing=SPACING,
        )  # fmt: skip
    else:
        legend = ax.legend(handles, labels, fontsize=TICK_SIZE, framealpha=0.85, edgecolor="none")
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)


def _key_columns(labels: Sequence[str], width: float) -> int:
    """Return how many columns of a legend fit under a figure of this width in inches.

    Examples
    --------
    >>> _key_columns(["tried", "reaches the target", "cheapest"], 6.3)
    3
    >>> _key_columns(["a long label, again"] * 8, 6.3)
    4
    """
    em = TICK_SIZE / 72.0
    # letters are about half as wide as high; 0.8 is between a handle and its text
    widths = [em * (HANDLE + 0.8 + SPACING + 0.5 * len(label)) for label in labels]
    if sum(widths) <= width:
        return max(1, len(labels))
    return max(1, int(width / max(widths)))
