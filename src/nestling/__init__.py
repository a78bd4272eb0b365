"""Multilevel models: write, simulate, fit, compare, plan."""

from nestling._version import __version__

__all__ = ["__version__"]
