"""What a study says, as text and as HTML."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StudySummary:
    """The text of a study, which notebooks show as HTML.

    Attributes
    ----------
    text, html : str
    """

    text: str
    html: str

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html


class Summarised(ABC):
    """Studies that have a summary: they say themselves as text and as HTML."""

    __slots__ = ()

    def summary(self) -> StudySummary:
        """Return what the study says, as text and as HTML.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 1}, {"g": 1}, 1)
        >>> study = nl.power(truth, nl.nested(g=8, id=4), n_sims=20, seed=1)
        >>> study.summary().text == str(study)
        True
        """
        return StudySummary(str(self), self._repr_html_())

    @abstractmethod
    def _repr_html_(self) -> str: ...
