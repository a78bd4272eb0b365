"""Marginal means, contrasts and predictions with their uncertainty."""

from __future__ import annotations

from nestling.results.asked import Asked


class MeansQuestions(Asked):
    """Marginal means, contrasts and predictions with their uncertainty."""

    __slots__ = ()
