"""Power of every effect with its Monte-Carlo interval, and the type-I rate of its test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import GREY, INK, TICK_SIZE, dress, given_axes, key, panels
from nestling.plots.study_curve import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.studies.power_study import Power


@dataclass(frozen=True, slots=True)
class PowerPlot:
    """Draws a power study when it is called.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> study = nl.power(truth, nl.nested(g=10, id=5), 100, predictors="fixed", seed=1)
    >>> study.plot().get_xlabel()
    'Share of 100 replicates that are significant'
    """

    study: Power

    def __call__(
        self, effect: str | list[str] | None = None, target: float = 0.8, ax: Axes | None = None
    ) -> Axes:
        """Draw power (filled) and type-I rate (hollow), each with its Monte-Carlo interval.

        Parameters
        ----------
        effect : str or list of str, optional
            By default all effects.
        target : float
            Where the broken line is drawn.
        ax : matplotlib Axes, optional
            Where to draw; default a new figure.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ArgumentError
            For an effect that the model does not have.
        """
        study = self.study
        table = study.simulated
        names = table["effect"].unique().tolist()
        effects = [effect] if isinstance(effect, str) else list(names if effect is None else effect)
        for name in effects:
            if name not in names:
                raise ArgumentError(f"effect={name!r} is unknown. {did_you_mean(str(name), names)}")
        tests = table["test"].unique().tolist()
        height = 1.5 + 0.24 * len(effects) * (len(tests) + 1)
        (axes,) = panels((1, 1), height) if ax is None else given_axes(ax, 1, "the effects")
        table = table.set_index(["test", "effect"])
        place = np.arange(len(effects))[::-1].astype(float)
        for i, test in enumerate(tests):
            # a test that an effect does not have leaves its place empty
            rows = table.loc[test].reindex(effects)
            shift = 0.24 * ((len(tests) - 1) / 2.0 - i)
            colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
            for share, low, high, face, label in (
                ("power", "lower", "upper", colour, f"Power, {test}"),
                ("type1", "type1_lower", "type1_upper", "white", f"Type-I rate, {test}"),
            ):
                axes.hlines(
                    place + shift, rows[low], rows[high], colors=colour, linewidth=1.4, zorder=2
                )
                axes.plot(
                    rows[share], place + shift, linestyle="none", marker=marker, markersize=5,
                    color=colour, markerfacecolor=face, zorder=3, label=label,
                )  # fmt: skip
        axes.axvline(study.alpha, color=GREY, linewidth=0.8, zorder=1)
        axes.axvline(target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.6, len(effects) - 0.4)
        n = len(study.replicates)
        dress(axes, "Power of each effect", f"Share of {n} replicates that are significant", "")
        axes.set_yticks(place, effects, fontsize=TICK_SIZE)
        axes.grid(visible=True, axis="x", color="#E5E5E5", linewidth=0.6)
        key(axes, own=ax is None)
        return axes
