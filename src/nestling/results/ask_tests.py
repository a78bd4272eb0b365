"""Degrees of freedom, tests of fixed effects and tables of tests."""

from __future__ import annotations

from nestling.results.asked import Asked


class TestQuestions(Asked):
    """Degrees of freedom, tests of fixed effects and tables of tests."""

    __slots__ = ()
