"""Figures: one picture per file."""

from nestling.plots.caterpillar import plot_caterpillar
from nestling.plots.clusters import plot_clusters
from nestling.plots.comparison import plot_comparison
from nestling.plots.diagnosis_page import plot_check
from nestling.plots.effect import plot_effect
from nestling.plots.fit_plots import FitPlots
from nestling.plots.profile import plot_profile
from nestling.plots.quantiles import plot_qq
from nestling.plots.residuals import plot_residuals
from nestling.plots.shrinkage import plot_shrinkage

__all__ = [
    "FitPlots",
    "plot_caterpillar",
    "plot_check",
    "plot_clusters",
    "plot_comparison",
    "plot_effect",
    "plot_profile",
    "plot_qq",
    "plot_residuals",
    "plot_shrinkage",
]
