"""New rows by the levels of the training data."""

from typing import Any

import numpy as np

from nestling.arrays import IntArray
from nestling.data.columns import Factor, Numeric
from nestling.data.labels import labels
from nestling.errors import DataError
from nestling.model.categories import to_factor
from nestling.model.coding import Levels
from nestling.model.evaluate import Value


def match_levels(name: str, value: Value, known: Levels | None) -> Value:
    """Renumber a factor by the training levels; numbers are matched by their text, as R does.

    Raises
    ------
    DataError
        When there is a level that the training data do not have, or categories stand where the
        training data had numbers.
    """
    if known is None:
        if isinstance(value, Factor):
            raise DataError(
                f"{name!r} holds categories here and numbers in the data of the fit. Convert it."
            )
        return value
    if isinstance(value, Numeric):
        value = to_factor(value)
    if not isinstance(value, Factor):
        raise DataError(f"{name!r} was one factor in the data of the fit; here it is a matrix.")
    position = {level: code for code, level in enumerate(known.levels)}
    table = np.array([position.get(level, -2) for level in value.levels] + [-1], dtype=np.intp)
    codes = table[value.codes]
    if len(codes) and codes.min() == -2:
        new = sorted({value.levels[code] for code in value.codes[codes == -2]})
        raise DataError(
            f"The factor {name!r} has levels the fit has not seen: {', '.join(map(repr, new))}. "
            f"Known: {', '.join(map(repr, known.levels))}. Leave these rows out."
        )
    return Factor(codes, known.levels, known.ordered)


def match_groups(groups: tuple[IntArray, Any], known: Any) -> IntArray:
    """Return codes by the training levels; -1 where the level is new or missing."""
    codes, found = groups
    position = {label: code for code, label in enumerate(labels(np.asarray(known)))}
    table = [position.get(label, -1) for label in labels(np.asarray(found))]
    return np.array([*table, -1], dtype=np.intp)[codes]
