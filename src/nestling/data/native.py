"""Columns of polars, pyarrow and pandas' own types, read through narwhals."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.data.labels import labels
from nestling.data.objects import (
    column_of_objects,
    given_factor,
    text_factor,
    time_error,
)


def column_of_series(name: str, values: Any) -> Column:
    """Read a series of any library narwhals knows; anything else is read as a list."""
    import narwhals as nw

    series = nw.from_native(values, series_only=True, pass_through=True)
    if not isinstance(series, nw.Series):
        return column_of_objects(name, list(values))
    dtype = series.dtype
    if dtype.is_numeric() or dtype == nw.Boolean:
        return _numeric(series)
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return _categorical(series)
    if dtype == nw.String:
        return text_factor(series.to_list())
    if dtype.is_temporal():
        raise time_error(name)
    return column_of_objects(name, series.to_list())


def _numeric(series: Any) -> Numeric:
    import narwhals as nw

    dtype = series.dtype
    if dtype == nw.Boolean:
        return Numeric(_floats(series.cast(nw.Int8)), "logical")
    if not dtype.is_integer():
        return Numeric(_floats(series), "numeric")
    if series.null_count():
        return Numeric(_floats(series), "integer")
    integers = np.asarray(series.to_numpy())
    return Numeric(integers.astype(np.float64), "integer", integers)


def _floats(series: Any) -> FloatArray:
    import narwhals as nw

    return np.asarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)


def _categorical(series: Any) -> Factor:
    """Keep an Enum's order and an arrow dictionary's; sort a polars Categorical as text.

    The codes of a polars Categorical follow the order in which the whole process met its texts,
    which is no property of the data.
    """
    import narwhals as nw

    native = series.to_native()
    accessor: Any = getattr(native, "cat", None)
    if hasattr(accessor, "codes"):  # frames that follow pandas
        codes = np.asarray(accessor.codes).astype(np.intp)
        return Factor(codes, labels(accessor.categories), bool(accessor.ordered))
    if hasattr(native, "combine_chunks"):
        held = native.combine_chunks()
        codes = np.asarray(held.indices.fill_null(-1)).astype(np.intp)
        return Factor(codes, labels(held.dictionary.to_pylist()), bool(held.type.ordered))
    values = series.cast(nw.String).to_list()
    if isinstance(series.dtype, nw.Enum):
        return given_factor(values, tuple(series.dtype.categories))
    return text_factor(values)
