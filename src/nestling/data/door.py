"""The one door for data frames: whatever narwhals reads, or a dict of arrays, becomes a Frame."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.data.native import column_of_series
from nestling.data.objects import column_of_objects, time_error
from nestling.data.pandas_columns import is_pandas, of_pandas
from nestling.errors import ArgumentTypeError, DataError, did_you_mean


class Frame:
    """A data frame whose columns are read when asked for, and remembered.

    Attributes
    ----------
    names : tuple of str
    n_rows : int
    """

    __slots__ = ("_columns", "_get", "n_rows", "names")

    def __init__(self, names: tuple[str, ...], n_rows: int, get: Callable[[str], Any]) -> None:
        self.names, self.n_rows, self._get = names, n_rows, get
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Return a column.

        Raises
        ------
        DataError
            When there is no such column, its values are neither numbers nor categories, or one
            is infinite.
        """
        known = self._columns.get(name)
        if known is None:
            if name not in self.names:
                raise DataError(
                    f"The data have no column {name!r}. {did_you_mean(name, self.names)}"
                )
            known = self._columns[name] = _column(name, self._get(name))
            if isinstance(known, Numeric) and known.kind == "numeric":
                _check_finite(name, known.values)
        return known


def read(data: Any) -> Frame:
    """Take a data frame, or a dict of arrays of equal length.

    Parameters
    ----------
    data : frame or dict
        pandas, polars, pyarrow or anything else narwhals reads (lazy frames are collected), or a
        dict of one-dimensional arrays, series or lists.

    Raises
    ------
    ArgumentTypeError
        When it is not a frame.
    DataError
        When it is empty, or names two columns alike.

    Examples
    --------
    >>> frame = read({"g": ["b", "a", "b"], "x": [1.0, 2.0, 4.0]})
    >>> frame.n_rows, frame.column("g").levels
    (3, ('a', 'b'))
    """
    if isinstance(data, Frame):
        return data
    if isinstance(data, Mapping):
        names, n_rows, get = list(data), _common_length(data), data.__getitem__
    elif is_pandas(data) and hasattr(data, "columns"):
        # narwhals takes 0.1 ms per column, which a small fit would feel
        names, n_rows, get = list(data.columns), len(data), data.__getitem__
    else:
        frame = _narwhals(data)
        names, n_rows, get = frame.columns, len(frame), frame.get_column
    key_of = {str(name): name for name in names}
    if len(key_of) < len(names):
        texts = list(map(str, names))
        doubled = next(text for text in texts if texts.count(text) > 1)
        raise DataError(f"The data have more than one column {doubled!r}. Rename them.")
    if not n_rows:
        raise DataError("The data have no rows. Check how they were read or filtered.")
    return Frame(tuple(key_of), n_rows, _Columns(get, key_of))


@dataclass(frozen=True, slots=True)
class _Columns:
    """Hands out native columns by name; a class, so that a frame can be pickled."""

    get: Callable[[Any], Any]
    key_of: Mapping[str, Any]

    def __call__(self, name: str) -> Any:
        return self.get(self.key_of[name])


def _narwhals(data: Any) -> Any:
    import narwhals as nw

    try:
        frame = nw.from_native(data)
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"The data have columns of the same name ({error}). Rename them."
        ) from error
    except TypeError as error:
        raise ArgumentTypeError(
            f"data is of type {type(data).__name__}, which is not a data frame nestling can "
            "read. Give a pandas, polars or pyarrow frame, or a dict of arrays."
        ) from error
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def _common_length(data: Mapping[Any, Any]) -> int:
    lengths: dict[str, int] = {}
    for name, values in data.items():
        # a set has a length but no order of rows
        if isinstance(values, str | bytes | AbstractSet | Mapping) or not hasattr(
            values, "__len__"
        ):
            raise DataError(
                f"Column {name!r} is {repr(values)[:60]}; give an array or list with one "
                "value per row."
            )
        lengths[str(name)] = len(values)
    if len(set(lengths.values())) > 1:
        raise DataError(f"The columns have different lengths: {lengths}. Make them equal.")
    return next(iter(lengths.values()), 0)


def _column(name: str, values: Any) -> Column:
    if is_pandas(values):
        found = of_pandas(values)
        if isinstance(found, Factor):
            return found
        values = values if found is None else found
    if isinstance(values, np.ndarray):
        return _from_array(name, values)
    if isinstance(values, Sequence):
        return column_of_objects(name, values)
    return column_of_series(name, values)


def _from_array(name: str, values: AnyArray) -> Column:
    if values.ndim != 1:
        raise DataError(
            f"Column {name!r} has shape {values.shape}; a column has one value per row. Give "
            "each of its columns a name."
        )
    if isinstance(values, np.ma.MaskedArray):
        return column_of_objects(name, values.tolist())
    match values.dtype.kind:
        case "f":
            return Numeric(np.asarray(values, dtype=np.float64), "numeric")
        case "i" | "u":
            return Numeric(values.astype(np.float64), "integer", values)
        case "b":
            return Numeric(values.astype(np.float64), "logical")
        case "O" | "U" | "T":
            return column_of_objects(name, values.tolist())
        case "M" | "m":
            raise time_error(name)
    raise DataError(
        f"Column {name!r} has the type {values.dtype}, which is neither numbers nor categories. "
        "Convert it first."
    )


def _check_finite(name: str, values: AnyArray) -> None:
    # a sum is finite unless a value is not: one cheap pass in the usual case
    if not np.isfinite(np.add.reduce(values)) and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise DataError(
            f"Column {name!r} is infinite ({values[row]}) in row {row}, counting from 0. Correct "
            "the value, or mark it as missing to leave the row out."
        )
