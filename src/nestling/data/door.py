"""The one door: any data frame becomes a Frame."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nestling.arrays import AnyArray
from nestling.data.columns import Column, Factor, Frame, Numeric
from nestling.data.labels import labels
from nestling.data.text import column_of_objects, factor_of_text, time_error
from nestling.errors import ArgumentTypeError, DataError


def read(data: Any) -> Frame:
    """Open a data frame; its columns are read when they are asked for.

    Parameters
    ----------
    data : frame or dict
        pandas, polars, pyarrow or anything else narwhals reads (a lazy frame is collected), or a
        dict of one-dimensional arrays, lists or series.

    Returns
    -------
    Frame

    Raises
    ------
    ArgumentTypeError
        If it is no frame.
    DataError
        If it is empty, has duplicate column names or columns of different lengths.

    Examples
    --------
    >>> read({"x": [1, 2, 3], "g": ["a", "a", "b"]}).column("x").values
    array([1., 2., 3.])
    """
    if isinstance(data, Frame):
        return data
    if isinstance(data, Mapping):
        return _of_mapping(data)
    if _is_pandas(data) and hasattr(data, "columns"):
        # straight to pandas: narwhals costs 0.1 ms a column, a tenth of a whole small fit
        return _frame(list(data.columns), len(data), data.__getitem__)
    return _of_narwhals(data)


def _of_mapping(data: Mapping[Any, Any]) -> Frame:
    lengths = {}
    for name, values in data.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise DataError(
                f"Column {str(name)!r} is {values!r}; expected an array or a list with one value "
                "per row."
            )
        lengths[str(name)] = len(values)
    if len(set(lengths.values())) > 1:
        first = next(iter(lengths))
        other = next(name for name in lengths if lengths[name] != lengths[first])
        raise DataError(
            f"Column {other!r} has {lengths[other]} values and {first!r} has {lengths[first]}; "
            "all columns need one value per row."
        )
    return _frame(list(data), next(iter(lengths.values()), 0), data.__getitem__)


def _of_narwhals(data: Any) -> Frame:
    import narwhals as nw

    try:
        frame = nw.from_native(data)
    except TypeError as error:
        raise ArgumentTypeError(
            f"data is of type {type(data).__name__}; expected a data frame (pandas, polars, "
            "pyarrow, ...) or a dict of arrays. Read a file first, for example with "
            "pandas.read_csv(path)."
        ) from error
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return _frame(eager.columns, len(eager), eager.get_column)


def _frame(names: list[Any], n_rows: int, get: Any) -> Frame:
    texts = tuple(map(str, names))
    if len(set(texts)) < len(texts):
        twice = ", ".join(repr(name) for name in sorted({n for n in texts if texts.count(n) > 1}))
        raise DataError(
            f"Duplicate column names in the data: {twice}. A formula could mean either: rename "
            "or drop one."
        )
    if not texts or not n_rows:
        raise DataError(
            f"The data is empty: {n_rows} rows, {len(texts)} columns. A model needs at least a "
            "response and a grouping factor with two levels."
        )
    key = dict(zip(texts, names, strict=True))
    return Frame(texts, n_rows, lambda name: column_of(name, get(key[name])))


def _is_pandas(data: Any) -> bool:
    return type(data).__module__.startswith("pandas.")


def column_of(name: str, values: Any) -> Column:
    """Read one column, whatever holds it; `name` is for messages."""
    if isinstance(values, np.ndarray):
        return _of_array(name, values)
    if _is_pandas(values):
        held = getattr(values, "array", values)
        if hasattr(held, "codes") and hasattr(held, "categories"):
            codes = np.asarray(held.codes).astype(np.intp)
            return Factor(codes, labels(held.categories), bool(held.ordered))
        if isinstance(values.dtype, np.dtype):
            return _of_array(name, values.to_numpy())
    if isinstance(values, Sequence):
        return column_of_objects(name, values)
    return _of_series(name, values)


def _of_array(name: str, values: AnyArray) -> Column:
    if values.ndim != 1:
        raise DataError(
            f"Column {name!r} has shape {values.shape}; expected one dimension. Give each of its "
            "columns a name of its own."
        )
    if isinstance(values, np.ma.MaskedArray):
        return column_of_objects(name, values.astype(object).filled(None).tolist())
    kind = values.dtype.kind
    if kind == "f":
        return Numeric(np.asarray(values, dtype=np.float64), "numeric")
    if kind in "iu":
        return Numeric(values.astype(np.float64), "integer", values)
    if kind == "b":
        return Numeric(values.astype(np.float64), "logical")
    if kind in "OUT":
        return column_of_objects(name, values.tolist())
    if kind in "mM":
        raise time_error(name)
    raise DataError(
        f"Column {name!r} is of type {values.dtype}; expected numbers, truth values or text."
    )


def _of_series(name: str, values: Any) -> Column:
    """Read a polars, pyarrow or pandas extension column through narwhals."""
    import narwhals as nw

    series = values
    if not isinstance(values, nw.Series):
        try:
            series = nw.from_native(values, series_only=True)
        except TypeError:
            return column_of_objects(name, list(values))
    dtype = series.dtype
    if isinstance(dtype, (nw.Categorical, nw.Enum)):
        return _of_categorical(series)
    if isinstance(dtype, nw.String):
        return factor_of_text(series.to_list())
    if isinstance(dtype, nw.Boolean):
        return Numeric(_floats(series.cast(nw.Int8)), "logical")
    if dtype.is_integer():
        exact = None if series.null_count() else series.to_numpy()
        floats = _floats(series) if exact is None else exact.astype(np.float64)
        return Numeric(floats, "integer", exact)
    if dtype.is_numeric():
        return Numeric(_floats(series), "numeric")
    if dtype.is_temporal():
        raise time_error(name)
    return column_of_objects(name, series.to_list())


def _floats(series: Any) -> AnyArray:
    import narwhals as nw

    return np.asarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)


def _of_categorical(series: Any) -> Factor:
    """Read categories: an Enum's and an arrow dictionary's order is kept.

    A polars Categorical has no order of its own (its codes follow the order of appearance in
    the whole process), so its levels are sorted as text is.
    """
    import narwhals as nw

    native = series.to_native()
    if hasattr(native, "combine_chunks"):  # pyarrow
        held = native.combine_chunks()
        if hasattr(held, "dictionary"):
            codes = held.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
            return Factor(codes, labels(held.dictionary.to_pylist()), bool(held.type.ordered))
    fixed = tuple(series.dtype.categories) if isinstance(series.dtype, nw.Enum) else None
    return factor_of_text(series.cast(nw.String).to_list(), fixed)
