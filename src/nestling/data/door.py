"""The one door for data frames: whatever narwhals reads, or a dict of arrays, becomes a Frame."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from nestling.arrays import AnyArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.errors import ArgumentTypeError, DataError, did_you_mean


class Frame:
    """A data frame whose columns are read when asked for, and remembered.

    Attributes
    ----------
    names : tuple of str
    n_rows : int
    """

    __slots__ = ("_columns", "_source", "n_rows", "names")

    def __init__(self, source: Any, names: tuple[str, ...], n_rows: int) -> None:
        self._source, self.names, self.n_rows = source, names, n_rows
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Return a column.

        Raises
        ------
        DataError
            When there is no such column, or its values are neither numbers nor categories.
        """
        if name not in self._columns:
            if name not in self.names:
                raise DataError(
                    f"The data have no column {name!r}. {did_you_mean(name, self.names)}"
                )
            source = self._source
            if isinstance(source, Mapping):
                self._columns[name] = _from_array(name, np.asarray(source[name]))
            else:
                self._columns[name] = _from_series(name, source[name])
        return self._columns[name]


def read(data: Any) -> Frame:
    """Take a data frame, or a dict of arrays of equal length.

    Examples
    --------
    >>> frame = read({"g": ["b", "a", "b"], "x": [1.0, 2.0, 4.0]})
    >>> frame.n_rows, frame.column("g").levels
    (3, ('a', 'b'))
    """
    if isinstance(data, Frame):
        return data
    if isinstance(data, Mapping):
        frame = _from_mapping(data)
    else:
        try:
            source = nw.from_native(data, eager_only=True)
            names = source.columns
        except nw.exceptions.DuplicateError as error:
            raise DataError(
                f"The data have columns of the same name ({error}). Rename them."
            ) from error
        except TypeError as error:
            raise ArgumentTypeError(
                f"data is of type {type(data).__name__}, which is not a data frame nestling can "
                "read. Give a pandas, polars or pyarrow frame, or a dict of arrays."
            ) from error
        frame = Frame(source, tuple(map(str, names)), len(source))
    if len(set(frame.names)) < len(frame.names):
        doubled = next(name for name in frame.names if frame.names.count(name) > 1)
        raise DataError(f"The data have more than one column {doubled!r}. Rename them.")
    if not frame.n_rows:
        raise DataError("The data have no rows. Check how they were read or filtered.")
    return frame


def _from_mapping(data: Mapping[Any, Any]) -> Frame:
    arrays = {str(name): np.asarray(values) for name, values in data.items()}
    for name, values in arrays.items():
        if values.ndim != 1:
            raise DataError(
                f"Column {name!r} has shape {values.shape}; a column has one value per row."
            )
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"The columns have different lengths: {lengths}. Make them equal.")
    return Frame(arrays, tuple(arrays), next(iter(lengths.values()), 0))


def _from_series(name: str, series: Any) -> Column:
    dtype = series.dtype
    if dtype.is_float():
        return _numeric(name, series.to_numpy(), "numeric")
    if dtype.is_integer() or dtype.is_decimal():
        if series.null_count():
            return _numeric(name, _filled(series), "integer")
        return _numeric(name, series.to_numpy(), "integer" if dtype.is_integer() else "numeric")
    if dtype == nw.Boolean:
        values = _filled(series) if series.null_count() else series.to_numpy()
        return _numeric(name, values, "logical")
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return _from_categorical(series)
    if dtype == nw.String:
        return _from_text(series)
    if dtype == nw.Object:
        return _from_array(name, np.asarray(series.to_list(), dtype=object))
    raise DataError(
        f"Column {name!r} has the type {dtype}, which is neither numbers nor categories. "
        "Convert it first: dates and times to a number of days or seconds, lists to columns."
    )


def _filled(series: Any) -> AnyArray:
    """Values as floats, NaN where missing."""
    return np.array(
        [np.nan if missing else float(value) for value, missing in
         zip(series.to_list(), series.is_null().to_list(), strict=True)]
    )  # fmt: skip


def _numeric(name: str, values: AnyArray, kind: Any) -> Numeric:
    numbers = np.asarray(values, dtype=np.float64)
    if kind == "numeric":
        # a sum is finite unless a value is not: one cheap pass in the usual case
        total = float(np.add.reduce(numbers))
        if not np.isfinite(total) and np.isinf(numbers).any():
            row = int(np.flatnonzero(np.isinf(numbers))[0])
            raise DataError(
                f"Column {name!r} is infinite in row {row}. Correct the value or leave the row out."
            )
    return Numeric(numbers, kind)


def _from_categorical(series: Any) -> Factor:
    native = series.to_native()
    accessor = getattr(native, "cat", None)
    if accessor is not None and hasattr(accessor, "codes"):  # pandas and its like
        codes = np.asarray(accessor.codes, dtype=np.intp)
        levels = tuple(map(str, accessor.categories))
        return Factor(codes, levels, bool(accessor.ordered))
    if isinstance(series.dtype, nw.Enum):
        levels = tuple(series.dtype.categories)
        position = {level: code for code, level in enumerate(levels)}
        values = [-1 if value is None else position[value] for value in series.to_list()]
        return Factor(np.array(values, dtype=np.intp), levels, ordered=False)
    return _from_text(series)


def _from_text(series: Any) -> Factor:
    native = series.to_native()
    if hasattr(native, "factorize"):  # pandas: hashing beats sorting a million strings
        codes, values = native.factorize()
        return _sorted_factor(np.asarray(codes, dtype=np.intp), [str(v) for v in values])
    values = series.to_list()
    return _text_factor(values, [value is None for value in values])


def _text_factor(values: list[Any], missing: list[bool]) -> Factor:
    position: dict[str, int] = {}
    codes = np.array(
        [
            -1 if absent else position.setdefault(str(value), len(position))
            for value, absent in zip(values, missing, strict=True)
        ],
        dtype=np.intp,
    )
    return _sorted_factor(codes, list(position))


def _sorted_factor(codes: AnyArray, levels: list[str]) -> Factor:
    order = sorted(range(len(levels)), key=levels.__getitem__)
    rank = np.empty(len(levels) + 1, dtype=np.intp)
    rank[order] = np.arange(len(levels))
    rank[-1] = -1  # code -1, missing, stays -1
    return Factor(rank[codes], tuple(levels[i] for i in order), ordered=False)


def _from_array(name: str, values: AnyArray) -> Column:
    kind = values.dtype.kind
    if kind == "f":
        return _numeric(name, values, "numeric")
    if kind in "iu":
        return _numeric(name, values, "integer")
    if kind == "b":
        return _numeric(name, values, "logical")
    if kind in "US":
        return _text_factor(values.tolist(), [False] * len(values))
    if kind == "O":
        return _from_objects(name, values.tolist())
    raise DataError(
        f"Column {name!r} has the type {values.dtype}, which is neither numbers nor categories. "
        "Convert it first: dates and times to a number of days or seconds."
    )


def _from_objects(name: str, values: list[Any]) -> Column:
    missing = [value is None or value != value for value in values]  # noqa: PLR0124  NaN
    present = [value for value, absent in zip(values, missing, strict=True) if not absent]
    if all(isinstance(value, bool | np.bool_) for value in present) and present:
        kind = "logical"
    elif all(isinstance(value, int | np.integer) for value in present) and present:
        kind = "integer"
    elif all(isinstance(value, int | float | np.number) for value in present):
        kind = "numeric"
    elif all(isinstance(value, str) for value in present):
        return _text_factor(values, missing)
    else:
        kinds = sorted({type(value).__name__ for value in present})
        raise DataError(
            f"Column {name!r} mixes values of type {', '.join(kinds)}. Make them all numbers or "
            "all text."
        )
    numbers = [
        np.nan if absent else float(value) for value, absent in zip(values, missing, strict=True)
    ]
    return _numeric(name, np.array(numbers), kind)
