"""Frames of every library, read into the same columns; bad frames refused."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nestling.data.columns import Factor, Numeric
from nestling.data.door import read
from nestling.errors import ArgumentTypeError, DataError

NAN = float("nan")
ABC = ("z", "q", "a")  # an order of its own, with a level that does not occur

NUMBERS = {
    "pandas float": (pd.Series([1.5, None, 3.0]), [1.5, NAN, 3.0], "numeric"),
    "pandas int": (pd.Series([3, 1, 2]), [3, 1, 2], "integer"),
    "pandas bool": (pd.Series([True, False]), [1, 0], "logical"),
    "pandas Int64": (pd.Series([3, None], dtype="Int64"), [3, NAN], "integer"),
    "pandas Float64": (pd.Series([0.5, None], dtype="Float64"), [0.5, NAN], "numeric"),
    "pandas boolean": (pd.Series([True, None], dtype="boolean"), [1, NAN], "logical"),
    "pandas pyarrow int": (pd.Series([3, 1], dtype="int64[pyarrow]"), [3, 1], "integer"),
    "pandas objects": (pd.Series([1, None, 2.5], dtype=object), [1, NAN, 2.5], "numeric"),
    "polars float": (pl.Series([1.5, None]), [1.5, NAN], "numeric"),
    "polars int": (pl.Series([3, 1]), [3, 1], "integer"),
    "polars int, missing": (pl.Series([3, None]), [3, NAN], "integer"),
    "polars bool": (pl.Series([True, None]), [1, NAN], "logical"),
    "polars decimal": (pl.Series(["1.5"]).cast(pl.Decimal(10, 2)), [1.5], "numeric"),
    "polars nothing": (pl.Series([None, None]), [NAN, NAN], "numeric"),
    "arrow int": (pa.chunked_array([[3], [None, 1]]), [3, NAN, 1], "integer"),
    "arrow bool": (pa.chunked_array([[True, None]]), [1, NAN], "logical"),
    "list": ([1, 2.5], [1, 2.5], "numeric"),
    "list of int and NaN": ([1, NAN], [1, NAN], "integer"),
    "list of truth values": ([True, None, False], [1, NAN, 0], "logical"),
    "range": (range(3), [0, 1, 2], "integer"),
    "small integers": (np.array([200, 1], dtype=np.uint8), [200, 1], "integer"),
    "single precision": (np.array([0.5, 2.0], dtype=np.float32), [0.5, 2.0], "numeric"),
    "masked": (np.ma.array([1.0, 2.0], mask=[False, True]), [1, NAN], "numeric"),
}

CATEGORIES = {
    "pandas text": (pd.Series(["b", None, "B"]), [1, -1, 0], ("B", "b"), False),
    "pandas objects": (pd.Series(["b", np.nan], dtype=object), [0, -1], ("b",), False),
    "pandas string": (pd.Series(["b", None], dtype="string"), [0, -1], ("b",), False),
    "pandas categorical": (pd.Series(pd.Categorical(["a", None], ABC)), [2, -1], ABC, False),
    "pandas ordered": (pd.Series(pd.Categorical(["a"], ABC, ordered=True)), [2], ABC, True),
    "pandas numbered": (pd.Series(pd.Categorical([10, 9, 10])), [1, 0, 1], ("9", "10"), False),
    "bare categorical": (pd.Categorical(["a", "z"], ABC), [2, 0], ABC, False),
    "polars text": (pl.Series(["b", None, "a"]), [1, -1, 0], ("a", "b"), False),
    "polars enum": (pl.Series(["a", None, "z"], dtype=pl.Enum(ABC)), [2, -1, 0], ABC, False),
    "polars categorical": (pl.Series(["k", "a"], dtype=pl.Categorical), [1, 0], ("a", "k"), False),
    "arrow text": (pa.chunked_array([["b"], [None, "a"]]), [1, -1, 0], ("a", "b"), False),
    "list": (["b", None, "a"], [1, -1, 0], ("a", "b"), False),
    "numpy text": (np.array(["b", "a"]), [1, 0], ("a", "b"), False),
    "numpy variable-width text": (np.array(["b", "a"], dtype="T"), [1, 0], ("a", "b"), False),
    "accents by code point": (["é", "z", "A", "a"], [3, 2, 0, 1], ("A", "a", "z", "é"), False),
}  # fmt: skip


def frames_of(values):
    """Every frame that can hold these values."""
    yield {"v": values}
    if isinstance(values, pd.Series):
        yield pd.DataFrame({"v": values})
    if isinstance(values, pl.Series):
        yield pl.DataFrame({"v": values})
        yield pl.LazyFrame({"v": values})
    if isinstance(values, pa.ChunkedArray):
        yield pa.table({"v": values})


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read(name):
    values, numbers, kind = NUMBERS[name]
    for frame in frames_of(values):
        column = read(frame).column("v")
        assert isinstance(column, Numeric)
        assert column.kind == kind
        np.testing.assert_array_equal(column.values, numbers)
        assert column.values.dtype == np.float64


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories_are_read(name):
    values, codes, levels, ordered = CATEGORIES[name]
    for frame in frames_of(values):
        column = read(frame).column("v")
        assert isinstance(column, Factor)
        assert (column.codes.tolist(), column.levels, column.ordered) == (codes, levels, ordered)


def test_an_arrow_dictionary_keeps_its_order_over_chunks():
    chunks = [pa.array(["x", "a"]).dictionary_encode(), pa.array(["b", None]).dictionary_encode()]
    column = read(pa.table({"v": pa.chunked_array(chunks)})).column("v")
    assert (column.codes.tolist(), column.levels) == ([0, 1, 2, -1], ("x", "a", "b"))


def test_columns_are_read_when_asked_for_and_once():
    frame = read({"x": [1.0, 2.0], "when": [dt.date(2020, 1, 1)] * 2})
    assert frame.column("x") is frame.column("x")
    assert read(frame) is frame


def test_names_that_are_not_text_are_read_as_text():
    assert read(pd.DataFrame({0: [1.0], "a": [2.0]})).column("0").values.tolist() == [1.0]


DATES = [
    [dt.date(2020, 1, 1)],
    pd.Series(pd.to_datetime(["2020-01-01"])),
    pd.Series(pd.to_timedelta(["1 day"])),
    pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize("UTC")),
    pl.Series([dt.datetime(2020, 1, 1)]),  # noqa: DTZ001  a column without a zone is meant
    np.array(["2020"], dtype="M8[Y]"),
]


@pytest.mark.parametrize("values", DATES, ids=lambda values: type(values).__module__)
def test_dates_are_refused_with_a_remedy(values):
    with pytest.raises(DataError, match=r"'v' holds dates or times.*days or seconds"):
        read({"v": values}).column("v")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, "a"], r"'v' mixes values of type int, str.*all numbers"),
        (np.array([1j]), "complex128"),
        (np.zeros((1, 2)), r"'v' has shape \(1, 2\)"),
        (pl.Series([[1], [2]]), "values of type list"),
        (np.array([1.0, -np.inf]), r"'v' is infinite \(-inf\) in row 1, counting from 0"),
        (3.0, r"'v' is 3.0; give an array"),
        ("text", "'v' is 'text'; give an array"),
    ],
)
def test_other_columns_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        read({"v": values}).column("v")


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (pd.DataFrame(), DataError, "no rows"),
        (pd.DataFrame({"a": []}), DataError, "no rows"),
        ({}, DataError, "no rows"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), DataError, "more than one column 'a'"),
        ({1: [1], "1": [2]}, DataError, "more than one column '1'"),
        ({"a": [1], "b": [1, 2]}, DataError, "different lengths"),
        ("file.csv", ArgumentTypeError, "type str.*Give a pandas"),
        (None, ArgumentTypeError, "NoneType"),
        (np.zeros((2, 2)), ArgumentTypeError, "ndarray"),
        (pd.Series([1.0]), ArgumentTypeError, "Series"),
    ],
)
def test_frames_that_cannot_be_used_are_refused(data, error, message):
    with pytest.raises(error, match=message):
        read(data)


def test_an_unknown_column_is_answered_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'Clutser'\. Did you mean 'Cluster'\?"):
        read({"Cluster": [1]}).column("Clutser")


def test_no_library_warns_of_what_reading_uses():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("pandas categorical", "polars enum", "polars categorical"):
            for frame in frames_of(CATEGORIES[name][0]):
                read(frame).column("v")
