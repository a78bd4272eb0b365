"""Figures: one picture per file."""

from nestling.plots.caterpillar import plot_caterpillar
from nestling.plots.clusters import plot_clusters
from nestling.plots.comparison import plot_comparison

__all__ = ["plot_caterpillar", "plot_clusters", "plot_comparison"]
