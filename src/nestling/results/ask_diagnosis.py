"""Residuals, influence and checks of the assumptions."""

from __future__ import annotations

from nestling.results.asked import Asked


class DiagnosisQuestions(Asked):
    """Residuals, influence and checks of the assumptions."""

    __slots__ = ()
