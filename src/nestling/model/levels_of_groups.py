"""Levels of grouping factors that are combinations of columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.data.columns import Factor, Numeric
from nestling.data.grouping import grouping, numbered
from nestling.data.labels import labels
from nestling.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class CombinedLevels:
    """Labels such as 'a:A', written only when they are read.

    Attributes
    ----------
    parts : tuple of arrays
        The labels of each column.
    codes : tuple of (J,) arrays
        Which of them each combination is made of.
    """

    parts: tuple[AnyArray, ...]
    codes: tuple[IntArray, ...]

    def __len__(self) -> int:
        """Return the number of combinations."""
        return len(self.codes[0])

    def __getitem__(self, index: IntArray) -> "CombinedLevels":
        """Return some of the combinations."""
        return CombinedLevels(self.parts, tuple(codes[index] for codes in self.codes))

    def __array__(self, dtype: Any = None, copy: Any = None) -> AnyArray:
        """Write the labels."""
        del dtype, copy  # numpy's protocol; the labels are always new text
        texts = [np.array(labels(part), dtype=object) for part in self.parts]
        columns = [text[codes] for text, codes in zip(texts, self.codes, strict=True)]
        written = np.empty(len(self), dtype=object)
        written[:] = [":".join(row) for row in zip(*columns, strict=True)]
        return written


def combined_groups(values: list[Any]) -> tuple[IntArray, Any]:
    """Return the code of each row, -1 where missing, and the levels that occur.

    Combinations are sorted by their first column, then the second, and so on.

    Examples
    --------
    >>> a = Numeric(np.array([2.0, 1.0, 2.0]), "integer")
    >>> b = Factor(np.array([0, 1, 0]), ("u", "v"), ordered=False)
    >>> codes, levels = combined_groups([a, b])
    >>> codes.tolist(), np.asarray(levels).tolist()
    ([1, 0, 1], ['1:v', '2:u'])
    """
    for value in values:
        if not isinstance(value, Numeric | Factor):
            raise DataError("A grouping factor must be one column, not a polynomial or a spline.")
    coded = [grouping(value) for value in values]
    codes, only = coded[0]
    if len(coded) == 1:
        return codes, only
    parts: list[IntArray] = [np.arange(len(only))]
    for others, levels in coded[1:]:
        # renumbering after each column keeps the products small
        total = codes * len(levels) + others
        total[(codes < 0) | (others < 0)] = -1
        codes, cells = numbered(total)
        if len(cells) and cells[0] < 0:
            codes, cells = codes - 1, cells[1:]
        parts = [*(part[cells // len(levels)] for part in parts), cells % len(levels)]
    return codes, CombinedLevels(tuple(levels for _, levels in coded), tuple(parts))
