"""What the groups of questions that a fitted model answers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


class Asked:
    """A group of questions; `LmerFit` inherits each group, whose answers stand in other files."""

    __slots__ = ()

    @property
    def _fit(self) -> LmerFit:
        return cast("LmerFit", self)
