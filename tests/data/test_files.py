import sys
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from nestling.data.files import _to_the_last_bit, read_file, read_stream, write_file
from nestling.errors import DataError, MissingDependencyError

FRAME = pd.DataFrame(
    {"y": [0.1 + 0.2, 1e-300, -123456.789012345678], "g": ["a", "None", "ü"], "n": [1, 2, 3]}
)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".CSV"])
def test_what_is_written_is_read_back_to_the_last_bit(tmp_path, suffix):
    path = tmp_path / f"pupils{suffix}"
    write_file(FRAME, path)
    back = read_file(path)
    np.testing.assert_array_equal(back["y"], FRAME["y"])
    assert back["g"].tolist() == FRAME["g"].tolist()
    assert back["n"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("suffix", [".csv", ".tsv.gz", ".parquet"])
def test_the_frame_carries_the_stem(tmp_path, suffix):
    write_file(FRAME, tmp_path / f"wave.1{suffix}")
    assert read_file(tmp_path / f"wave.1{suffix}").attrs["name"] == "wave.1"


def test_missing_values_are_those_of_r():
    frame = read_stream(StringIO("y,g\nNA,None\n,null\nNaN,NA\n1,b\n"))
    assert frame["y"].isna().tolist() == [True, True, True, False]
    assert frame["g"].isna().tolist() == [False, False, True, False]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbfy,g\n1,a\n")
    assert list(read_file(path).columns) == ["y", "g"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "There is no file"),
        ("data.xlsx", b"", r"ends in '\.xlsx'; expected \.csv"),
        ("data", b"", "ends in 'no suffix'"),
        ("empty.csv", b"", "cannot be read as a table"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3,4\n", "cannot be read as a table"),
        ("doubled.csv", b"y,g,y\n1,a,2\n", "has more than one column 'y'. Rename them"),
        ("latin.csv", b"a\n\xe4\n", "in UTF-8"),
        ("text.parquet", b"y,g\n1,a\n", "cannot be read as Parquet"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_file(tmp_path / name)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    write_file(FRAME, tmp_path / "data.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for call in (read_file, lambda path: write_file(FRAME, path)):
        with pytest.raises(MissingDependencyError, match=r"nestling\[parquet\]"):
            call(tmp_path / "data.parquet")


@pytest.mark.parametrize(
    ("version", "needed"), [("2.2.3", True), ("3.0.1", True), ("3.1.0", False), ("4.0.0rc1", False)]
)
def test_older_pandas_is_asked_for_exact_numbers(version, needed):
    assert bool(_to_the_last_bit(version)) is needed
