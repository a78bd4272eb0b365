"""`fit.plot`: the figures of a fitted model by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, repr=False)
class FitPlots:
    """The figures of a fit. Each can be drawn on axes of the caller (`ax=`) and saved.

    `fit.plot.data().figure.savefig("data.png", dpi=200)` saves one.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=8, id=10), seed=1))
    >>> fit.plot
    fit.plot: caterpillar, check, data, effects, profile, qq, residuals, shrinkage
    >>> fit.plot.data().get_xlabel()
    'X'
    """

    fit: LmerFit

    def __repr__(self) -> str:
        """List the figures."""
        names = sorted(name for name in dir(type(self)) if not name.startswith("_"))
        return f"fit.plot: {', '.join(name for name in names if name != 'fit')}"

    def caterpillar(
        self,
        group: str | None = None,
        effects: str | Sequence[str] | None = None,
        level: float = 0.95,
        ax: Axes | Sequence[Axes] | None = None,
    ) -> tuple[Axes, ...]:
        """Draw conditional modes in order; see `nestling.plots.plot_caterpillar`."""
        from nestling.plots.caterpillar import plot_caterpillar

        return plot_caterpillar(self.fit, group, effects, level, ax)

    def check(self, **options: Any) -> Any:
        """Draw the page of diagnosis; see `nestling.plots.plot_check`."""
        from nestling.plots.diagnosis_page import plot_check

        return plot_check(self.fit, **options)

    def data(
        self, predictor: str | None = None, group: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw the data by cluster with fitted lines; see `nestling.plots.plot_clusters`."""
        from nestling.plots.clusters import plot_clusters

        return plot_clusters(self.fit, predictor, group, ax)

    def effects(
        self,
        predictor: str | None = None,
        level: float = 0.95,
        ax: Axes | None = None,
        *,
        by: str | None = None,
    ) -> Axes:
        """Draw what the fixed effects say of one predictor; see `nestling.plots.plot_effect`."""
        from nestling.plots.effect import plot_effect

        return plot_effect(self.fit, predictor, level, ax, by=by)

    def profile(
        self, parm: str | Sequence[str] | None = None, ax: Axes | Sequence[Axes] | None = None
    ) -> tuple[Axes, ...]:
        """Draw profile zeta; see `nestling.plots.plot_profile`."""
        from nestling.plots.profile import plot_profile

        return plot_profile(self.fit, parm, ax)

    def qq(self, what: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
        """Draw normal quantiles; see `nestling.plots.plot_qq`."""
        from nestling.plots.quantiles import plot_qq

        return plot_qq(self.fit, what, ax)

    def residuals(self, kind: str = "pearson", ax: Axes | None = None) -> Axes:
        """Draw residuals against fitted values; see `nestling.plots.plot_residuals`."""
        from nestling.plots.residuals import plot_residuals

        return plot_residuals(self.fit, kind, ax)

    def shrinkage(
        self, group: str | None = None, effect: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw clusters' own estimates beside their modes; see `nestling.plots.plot_shrinkage`."""
        from nestling.plots.shrinkage import plot_shrinkage

        return plot_shrinkage(self.fit, group, effect, ax)
