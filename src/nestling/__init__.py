"""Multilevel models: write, simulate, fit, compare, plan."""

from nestling._version import __version__
from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit

__all__ = ["LmerFit", "__version__", "lmer"]
