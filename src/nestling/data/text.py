"""Columns whose elements are Python objects: text, mixed numbers with None, truth values."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nestling.data.columns import Column, Factor, Numeric
from nestling.errors import DataError

_MISSING = ("NoneType", "NAType", "NaTType")
"""Types that mean a missing value: None, pandas.NA, pandas.NaT."""


def factor_of_text(values: Sequence[Any], levels: tuple[str, ...] | None = None) -> Factor:
    """Code text; levels sorted by code point unless they are given. None is missing."""
    seen: dict[Any, int] = {}
    codes = np.fromiter((seen.setdefault(v, len(seen)) for v in values), np.intp, len(values))
    texts = [None if _is_missing(value) else str(value) for value in seen]
    if levels is None:
        levels = tuple(sorted({text for text in texts if text is not None}))
    position = {text: code for code, text in enumerate(levels)}
    table = np.array([-1 if text is None else position[text] for text in texts], dtype=np.intp)
    return Factor(table[codes], levels)


def column_of_objects(name: str, values: Sequence[Any]) -> Column:
    """Read a column of Python objects by the types that occur in it."""
    kinds = {_kind(kind) for kind in set(map(type, values))}
    kinds -= {"missing"}
    if kinds == {"text"}:
        # NaN, as pandas marks missing text, is a float and was sorted out with the numbers
        return factor_of_text(values)
    if "text" in kinds and kinds <= {"text", "number"} and _numbers_are_nan(values):
        return factor_of_text([value if isinstance(value, str) else None for value in values])
    if kinds <= {"truth"} or kinds <= {"truth", "integer", "number"}:
        numbers = np.array(
            [np.nan if _is_missing(value) else float(value) for value in values], dtype=float
        )
        if "truth" in kinds and "number" in kinds and not _numbers_are_nan(values):
            return Numeric(numbers, "numeric")
        if "truth" in kinds and "integer" not in kinds:
            return Numeric(numbers, "logical")
        return Numeric(numbers, "numeric" if "number" in kinds or not kinds else "integer")
    if "time" in kinds:
        raise time_error(name)
    found = ", ".join(sorted({type(value).__name__ for value in values})[:4])
    raise DataError(
        f"Column {name!r} mixes types ({found}). A column holds numbers, truth values or text: "
        "convert it, for example with astype(float) or astype(str)."
    )


def time_error(name: str) -> DataError:
    """Return the refusal of a column of dates or times."""
    return DataError(
        f"Column {name!r} holds dates or times, which have no unit. Turn it into numbers, for "
        "example days since the first: (t - t.min()) / pandas.Timedelta(days=1), or into text "
        "if it names groups."
    )


def _kind(kind: type) -> str:
    if kind.__name__ in _MISSING:
        return "missing"
    if issubclass(kind, str):
        return "text"
    if issubclass(kind, (bool, np.bool_)):
        return "truth"
    if issubclass(kind, (int, np.integer)):
        return "integer"
    if issubclass(kind, (float, np.floating)) or kind.__name__ in ("Decimal", "Fraction"):
        return "number"
    if kind.__name__ in ("date", "datetime", "time", "timedelta", "Timestamp", "Timedelta",
                         "datetime64", "timedelta64", "Period"):  # fmt: skip
        return "time"
    return kind.__name__


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in _MISSING or bool(value != value)


def _numbers_are_nan(values: Sequence[Any]) -> bool:
    return all(value != value for value in values if isinstance(value, (float, np.floating)))
