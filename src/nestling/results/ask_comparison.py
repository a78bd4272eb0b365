"""Likelihood-ratio tables within one model, information criteria, sizes of effects."""

from __future__ import annotations

from nestling.results.asked import Asked


class ComparisonQuestions(Asked):
    """Likelihood-ratio tables within one model, information criteria, sizes of effects."""

    __slots__ = ()
