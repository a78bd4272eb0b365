"""Figures: one picture per file."""

from nestling.plots.caterpillar import plot_caterpillar
from nestling.plots.clusters import plot_clusters
from nestling.plots.comparison import plot_comparison
from nestling.plots.diagnosis_page import plot_check

__all__ = ["plot_caterpillar", "plot_check", "plot_clusters", "plot_comparison"]
