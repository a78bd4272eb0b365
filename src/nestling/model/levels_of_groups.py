"""Levels of grouping factors that are combinations of columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, BoolArray, IntArray
from nestling.data.columns import Factor, Numeric
from nestling.data.grouping import grouping
from nestling.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class CombinedLevels:
    """Labels such as 'a:A', written only when they are read.

    Attributes
    ----------
    parts : tuple of arrays
        The labels of each column.
    codes : (columns, J) array
        Which of them each combination is made of.
    """

    parts: tuple[AnyArray, ...]
    codes: IntArray

    def __len__(self) -> int:
        """Return the number of combinations."""
        return self.codes.shape[1]

    def __getitem__(self, index: BoolArray) -> "CombinedLevels":
        """Return some of the combinations."""
        return CombinedLevels(self.parts, self.codes[:, index])

    def __array__(self, dtype: Any = None, copy: Any = None) -> AnyArray:
        """Write the labels."""
        texts = [np.array([str(label) for label in part], dtype=object) for part in self.parts]
        columns = [text[codes] for text, codes in zip(texts, self.codes, strict=True)]
        labels = np.empty(len(self), dtype=object)
        labels[:] = [":".join(row) for row in zip(*columns, strict=True)]
        return labels


def combined_groups(values: list[Any]) -> tuple[IntArray, Any]:
    """Return the code of each row, -1 where missing, and the levels that occur.

    Combinations are sorted by their first column, then the second, and so on.
    """
    for value in values:
        if not isinstance(value, Numeric | Factor):
            raise DataError("A grouping factor must be one column, not a polynomial or a spline.")
    coded = [grouping(value) for value in values]
    if len(coded) == 1:
        return coded[0]
    total = coded[0][0].copy()
    missing = total < 0
    for codes, labels in coded[1:]:
        total = total * len(labels) + codes
        missing |= codes < 0
    total[missing] = -1
    codes, cells = grouping(Numeric(np.where(missing, np.nan, total.astype(float)), "integer"))
    remaining = cells.astype(np.intp)
    parts: list[IntArray] = []
    for _, labels in reversed(coded):
        parts.insert(0, remaining % len(labels))
        remaining //= len(labels)
    return codes, CombinedLevels(tuple(labels for _, labels in coded), np.array(parts))
