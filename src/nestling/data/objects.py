"""Columns of Python objects: text, and numbers or truth values among missing ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nestling.arrays import IntArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.errors import DataError

MISSING = frozenset({"NoneType", "NAType", "NaTType"})
"""Types whose only value is missing: None, pandas.NA, pandas.NaT."""

TIMES = frozenset(
    {"date", "datetime", "time", "timedelta", "Timestamp", "Timedelta", "Period", "Interval",
     "datetime64", "timedelta64"}
)  # fmt: skip


def text_factor(values: Sequence[str | None]) -> Factor:
    """Code text, None where missing, with levels sorted by code point.

    Examples
    --------
    >>> factor = text_factor(["b", None, "B"])
    >>> factor.codes.tolist(), factor.levels
    ([1, -1, 0], ('B', 'b'))
    """
    first: dict[str | None, int] = {}
    codes = np.fromiter((first.setdefault(v, len(first)) for v in values), np.intp, len(values))
    return sorted_factor(codes, list(first))


def sorted_factor(codes: IntArray, labels: Sequence[str | None]) -> Factor:
    """Renumber codes by the sorted labels; a label of None is missing."""
    levels = tuple(sorted(label for label in labels if label is not None))
    position = {level: code for code, level in enumerate(levels)}
    table = [-1 if label is None else position[label] for label in labels]
    return Factor(np.array([*table, -1], dtype=np.intp)[codes], levels, ordered=False)


def given_factor(
    values: Sequence[str | None], levels: tuple[str, ...], *, ordered: bool = False
) -> Factor:
    """Code text by levels in an order of their own."""
    position: dict[str | None, int] = {level: code for code, level in enumerate(levels)}
    codes = np.fromiter((position.get(value, -1) for value in values), np.intp, len(values))
    return Factor(codes, levels, ordered)


def kinds_of(values: Sequence[Any]) -> set[str]:
    """Return the kinds of value that occur, missing ones left out.

    A float among others counts as missing when all of them are NaN, as pandas marks missing text.

    Examples
    --------
    >>> kinds_of(["a", None, float("nan")])
    {'text'}
    """
    kinds = {_kind(each) for each in set(map(type, values))} - {"missing"}
    if len(kinds) > 1 and "number" in kinds and all(map(_is_nan, values)):
        kinds.discard("number")
    return kinds


def _is_nan(value: Any) -> bool:
    """Whether a value is NaN or no float at all."""
    return not isinstance(value, float | np.floating) or bool(np.isnan(value))


def column_of_objects(name: str, values: Sequence[Any]) -> Column:
    """Read values by the types that occur among them.

    Raises
    ------
    DataError
        When they are dates, or of types that do not belong together.
    """
    kinds = kinds_of(values)
    if kinds == {"text"}:
        return text_factor([value if isinstance(value, str) else None for value in values])
    if kinds <= {"logical", "integer", "number"}:
        numbers = np.array(
            [np.nan if type(value).__name__ in MISSING else float(value) for value in values]
        )
        if kinds == {"integer"}:
            exact = np.array(values)
            return Numeric(numbers, "integer", exact if exact.dtype.kind in "iu" else None)
        return Numeric(numbers, "logical" if kinds == {"logical"} else "numeric")
    if "time" in kinds:
        raise time_error(name)
    found = sorted({type(value).__name__ for value in values} - MISSING)
    raise DataError(
        f"Column {name!r} mixes values of type {', '.join(found[:4])}. Make them all numbers, all "
        "truth values or all text."
    )


def time_error(name: str) -> DataError:
    """Return the refusal of dates and times."""
    return DataError(
        f"Column {name!r} holds dates or times, which are neither numbers nor categories. Convert "
        "it first: to a number of days or seconds since a date, or to text if it names groups."
    )


def _kind(kind: type) -> str:
    found = "other:" + kind.__name__
    if kind.__name__ in MISSING:
        found = "missing"
    elif kind.__name__ in TIMES:
        found = "time"
    elif issubclass(kind, str):
        found = "text"
    elif issubclass(kind, bool | np.bool_):
        found = "logical"
    elif issubclass(kind, int | np.integer):
        found = "integer"
    elif issubclass(kind, float | np.floating) or kind.__name__ in {"Decimal", "Fraction"}:
        found = "number"
    return found
