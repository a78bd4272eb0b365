"""Rows kept of a design: cells that stay empty, and items of which each subject sees some."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nestling.arrays import BoolArray, IntArray
from nestling.errors import DesignError
from nestling.random.streams import component_stream


@dataclass(frozen=True, slots=True)
class EmptyCells:
    """A share of the rows is left out, chosen by the seed."""

    share: float
    seed: int

    def keep(self, codes: Mapping[str, IntArray]) -> BoolArray:
        """Choose the rows that stay."""
        n = next(iter(codes.values())).size
        stay = np.ones(n, dtype=np.bool_)
        order = component_stream(self.seed, "empty cells").permutation(n)
        stay[order[: round(self.share * n)]] = False
        return stay

    @property
    def remedy(self) -> str:
        """What to do when a unit is left without rows."""
        return "Leave out a smaller share, or choose with another seed."


@dataclass(frozen=True, slots=True)
class Sampled:
    """Each unit of `per` keeps `number` of the units `name` it is combined with."""

    name: str
    number: int
    per: str
    seed: int
    balanced: bool

    def keep(self, codes: Mapping[str, IntArray]) -> BoolArray:
        """Choose the rows that stay."""
        # the pairs that occur, sorted by the unit that chooses
        width = int(codes[self.name].max()) + 1
        pair = codes[self.per].astype(np.int64) * width + codes[self.name]
        pairs, where = np.unique(pair, return_inverse=True)
        chooser, item = np.divmod(pairs, width)
        ends = np.cumsum(np.bincount(chooser))
        rng = component_stream(self.seed, f"sample {self.name}")
        seen = np.zeros(width)
        stay = np.zeros(pairs.size, dtype=np.bool_)
        start = 0
        for unit, end in enumerate(ends.tolist()):
            if end - start < self.number:
                raise DesignError(
                    f"Each {self.per!r} is to have {self.number} of {self.name!r}, but number "
                    f"{unit + 1} is combined with {end - start}. Sample fewer."
                )
            # the least seen first, ties by chance
            rank = rng.random(end - start)
            if self.balanced:
                rank += seen[item[start:end]]
            chosen = start + np.argsort(rank, kind="stable")[: self.number]
            stay[chosen] = True
            seen[item[chosen]] += 1
            start = end
        return np.asarray(stay[where], dtype=np.bool_)

    @property
    def remedy(self) -> str:
        """What to do when a unit is left without rows."""
        return f"Sample more, add units of {self.per!r}, or choose with another seed."


def kept(
    codes: Mapping[str, IntArray], choice: EmptyCells | Sampled
) -> tuple[BoolArray, dict[str, IntArray]]:
    """Return which rows stay, and their codes without gaps.

    Units with one row each go with their row and are counted anew. All others stay: a subject
    that loses its last row is an error of the design, not a smaller study.

    Examples
    --------
    >>> stay, codes = kept({"s": np.arange(4) // 2, "i": np.arange(4)}, EmptyCells(0.25, 1))
    >>> int(stay.sum()), codes["i"].tolist()
    (3, [0, 1, 2])
    """
    stay = choice.keep(codes)
    left: dict[str, IntArray] = {}
    for name, values in codes.items():
        total = int(values.max()) + 1
        mine = values[stay]
        counts = np.bincount(mine, minlength=total)
        lost = np.flatnonzero(counts == 0)
        if lost.size and total < stay.size:
            raise DesignError(
                f"{lost.size} of the {total} units of {name!r} would be left without rows, number "
                f"{lost[0] + 1} first. {choice.remedy}"
            )
        left[name] = (np.cumsum(counts > 0) - 1)[mine] if lost.size else mine
    return stay, left
