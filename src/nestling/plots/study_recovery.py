"""Recovery: the distribution of estimates about the truth, and the coverage of intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, did_you_mean
from nestling.plots.canvas import (
    BLUE,
    GREY,
    INK,
    TICK_SIZE,
    VERMILLION,
    dress,
    given_axes,
    key,
    panels,
)
from nestling.studies.monte_carlo import critical, share_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.studies.plan import Test
    from nestling.studies.recovery import Recovery

ACROSS = 3
"""Panels beside one another on a page."""


@dataclass(frozen=True, slots=True)
class RecoveryPlot:
    """Draws estimates against the truth when it is called; `zipper` draws the intervals.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": 0.3}, {"g": 1}, 1,
    ...                       predictors={"X": nl.normal(0, 1)})
    >>> study = nl.recovery(truth, nl.nested(g=10, id=5), 100, predictors="fixed", seed=1)
    >>> [ax.get_title(loc="left") for ax in study.plot()]
    ['(Intercept)', 'X', 'sd_(Intercept)|g', 'sigma']
    >>> study.plot.zipper("X").get_ylabel()
    'Replicates by distance from the truth (%)'
    """

    study: Recovery

    def __call__(
        self, parm: str | Sequence[str] | None = None, ax: Axes | Sequence[Axes] | None = None
    ) -> tuple[Axes, ...]:
        """Draw a histogram of the estimates of each parameter, with the truth and their mean.

        Parameters
        ----------
        parm : str or sequence of str, optional
            Parameters by the names of the table; by default all that were estimated.
        ax : matplotlib Axes or sequence of them, optional
            One per parameter; default a new figure.

        Returns
        -------
        tuple of matplotlib Axes

        Raises
        ------
        ArgumentError
            For a parameter that the study does not have.
        """
        study = self.study
        estimates = _estimates(study)
        if parm is None:
            chosen = [name for name, values in estimates.items() if np.isfinite(values).any()]
        else:
            chosen = [parm] if isinstance(parm, str) else list(parm)
        for name in chosen:
            if name not in estimates:
                raise ArgumentError(f"parm={name!r} is unknown. {did_you_mean(name, estimates)}")
        table = study.table
        truth = dict(zip(table.index, table["truth"], strict=True))
        if ax is None:
            down = -(-len(chosen) // ACROSS)
            axes = panels((down, min(ACROSS, len(chosen))), 0.5 + 1.75 * down)
            for empty in axes[len(chosen) :]:
                empty.remove()
            axes = axes[: len(chosen)]
        else:
            axes = given_axes(ax, len(chosen), ", ".join(chosen))
        for one, name in zip(axes, chosen, strict=True):
            _histogram(one, estimates[name], float(truth[name]))
            dress(one, name, "", "")
            one.set_yticks([])
            one.spines["left"].set_visible(False)
        key(axes[0], own=ax is None)
        return axes

    def zipper(
        self, effect: str | None = None, test: Test | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw every interval, the furthest from the truth on top (Morris et al. 2019).

        Parameters
        ----------
        effect : str, optional
            A fixed effect; by default the last.
        test : {"z", "satterthwaite", "kenward-roger"}, optional
            Whose intervals; by default the first of the study.
        ax : matplotlib Axes, optional
            Where to draw; default a new figure.

        Returns
        -------
        matplotlib Axes
            Intervals that miss the truth are coloured. They begin where the coverage is; the band
            is its Monte-Carlo interval, the broken line what was promised.

        Raises
        ------
        ArgumentError
            For an effect or a test that the study does not have.
        """
        study = self.study
        names, tests = study.names.fixed, study.plan.tests
        name = names[-1] if effect is None else effect
        if name not in names:
            raise ArgumentError(f"effect={name!r} is unknown. {did_you_mean(str(name), names)}")
        chosen = tests[0] if test is None else test
        if chosen not in tests:
            raise ArgumentError(f"test={chosen!r} was not made. {did_you_mean(str(chosen), tests)}")
        (axes,) = panels((1, 1), 4.2) if ax is None else given_axes(ax, 1, "the intervals")
        _zip(axes, study, names.index(name), chosen)
        title = f"{100 * study.level:g} % intervals of {name}, {chosen}"
        dress(axes, title, name, "Replicates by distance from the truth (%)")
        key(axes, own=ax is None)
        return axes


def _estimates(study: Recovery) -> dict[str, FloatArray]:
    """Return estimates by parameter, in the order of the table."""
    replicates, names = study.replicates, study.names
    fixed = {name: replicates.fixed[:, j] for j, name in enumerate(names.fixed)}
    return fixed | {name: replicates.spreads[:, j] for j, name in enumerate(names.spreads)}


def _histogram(axes: Axes, values: FloatArray, truth: float) -> None:
    known = values[np.isfinite(values)]
    bins = int(np.clip(np.sqrt(len(known)), 8, 40))
    axes.hist(known, bins=bins, color=BLUE, alpha=0.35, linewidth=0)
    if len(known):
        axes.axvline(
            float(known.mean()), color=BLUE, linewidth=1.6, label="Came back: mean estimate"
        )
    if np.isfinite(truth):
        axes.axvline(
            truth, color=VERMILLION, linewidth=1.6, linestyle=(0, (4, 2)),
            label="Put in: true value",
        )  # fmt: skip


def _zip(axes: Axes, study: Recovery, j: int, test: Test) -> None:
    replicates = study.replicates
    truth = study.plan.true_beta(study.names.fixed)[j]
    if not np.isfinite(truth):
        raise ArgumentError(
            f"{study.names.fixed[j]!r} has no true value: the truth does not have this effect, or "
            "has it on the scale of a link."
        )
    estimate, se = replicates.fixed[:, j], replicates.se[test][:, j]
    half = critical(study.level, replicates.df[test][:, j]) * se
    known = np.isfinite(half)
    estimate, half = estimate[known], half[known]
    # by distance in half widths, so that those that miss are all on top
    order = np.argsort(np.abs(estimate - truth) / half, kind="stable")
    estimate, half = estimate[order], half[order]
    height = 100.0 * (np.arange(len(estimate)) + 0.5) / len(estimate)
    inside = np.abs(estimate - truth) <= half
    for hit, colour, label in (
        (inside, BLUE, "holds the truth"),
        (~inside, VERMILLION, "misses it"),
    ):
        axes.hlines(
            height[hit], (estimate - half)[hit], (estimate + half)[hit], colors=colour,
            linewidth=max(0.25, 150.0 / max(len(estimate), 1)), alpha=0.75, gid=label,
        )  # fmt: skip
        axes.plot([], [], color=colour, linewidth=2.0, label=label)
    low, high = share_limits(np.array([inside.sum()]), np.array([len(inside)]), 0.95)
    axes.axhspan(100.0 * low[0], 100.0 * high[0], color=GREY, alpha=0.35, linewidth=0, zorder=3)
    axes.axhline(100.0 * study.level, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=4)
    axes.axvline(truth, color=INK, linewidth=1.0, zorder=4)
    axes.annotate(
        f"coverage {100.0 * inside.mean():.1f} %, promised {100.0 * study.level:g} %", (0.99, 0.02),
        xycoords="axes fraction", ha="right", va="bottom", fontsize=TICK_SIZE, color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2.0}, zorder=5,
    )  # fmt: skip
    axes.set_ylim(0.0, 100.0)
