"""Power and type-I rate of every effect, with each of several models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import GREY, INK, TICK_SIZE, dress, given_axes, key, panels
from nestling.plots.study_curve import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.studies.power_models import PowerByModel


@dataclass(frozen=True, slots=True)
class ModelsPlot:
    """Draws a power study of several models when it is called.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> models = {"right": "y ~ X + (1 | g)", "empty": "y ~ 1 + (1 | g)"}
    >>> study = nl.power(truth, nl.nested(g=10, id=5), 20, formula=models, seed=1)
    >>> len(study.plot().get_yticks())
    2
    """

    study: PowerByModel

    def __call__(
        self,
        effect: str | list[str] | None = None,
        test: str | None = None,
        target: float = 0.8,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw power (filled) and type-I rate (hollow), each with its Monte-Carlo interval.

        Parameters
        ----------
        effect : str or list of str, optional
            By default all effects of all models.
        test : str, optional
            By default the first test of the study.
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
            For an effect or a test that the study does not have.
        """
        table = self.study.simulated
        names, tests = (table[each].unique().tolist() for each in ("effect", "test"))
        effects = [effect] if isinstance(effect, str) else list(names if effect is None else effect)
        chosen = tests[0] if test is None else test
        for what, given, known in (
            *(("effect", each, names) for each in effects),
            ("test", chosen, tests),
        ):
            if given not in known:
                raise ArgumentError(
                    f"{what}={given!r} is unknown. {did_you_mean(str(given), known)}"
                )
        models = list(self.study.studies)
        height = 1.5 + 0.24 * len(effects) * (len(models) + 1)
        (axes,) = panels((1, 1), height) if ax is None else given_axes(ax, 1, "the effects")
        table = table[table["test"] == chosen].set_index(["model", "effect"])
        place = np.arange(len(effects))[::-1].astype(float)
        for i, model in enumerate(models):
            # an effect that a model does not have leaves its place empty
            rows = table.loc[model].reindex(effects)
            shift = 0.24 * ((len(models) - 1) / 2.0 - i)
            colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
            for share, low, high, face, label in (
                ("power", "lower", "upper", colour, f"Power, {model}"),
                ("type1", "type1_lower", "type1_upper", "white", f"Type-I rate, {model}"),
            ):
                axes.hlines(
                    place + shift, rows[low], rows[high], colors=colour, linewidth=1.4, zorder=2
                )
                axes.plot(
                    rows[share], place + shift, linestyle="none", marker=marker, markersize=5,
                    color=colour, markerfacecolor=face, zorder=3, label=label,
                )  # fmt: skip
        first = next(iter(self.study.studies.values()))
        axes.axvline(first.alpha, color=GREY, linewidth=0.8, zorder=1)
        axes.axvline(target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.6, len(effects) - 0.4)
        n = len(first.replicates)
        dress(
            axes, "Power by model", f"Share of {n} replicates that are significant ({chosen})", ""
        )
        axes.set_yticks(place, effects, fontsize=TICK_SIZE)
        axes.grid(visible=True, axis="x", color="#E5E5E5", linewidth=0.6)
        key(axes, own=ax is None)
        return axes
