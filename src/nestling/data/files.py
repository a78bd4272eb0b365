"""Files of data: CSV, tab-separated text and Parquet, told apart by their suffix."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from nestling.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
PARQUET: Final = ".parquet"

# As R's read.csv: a category may be called None or null.
MISSING: Final = ["", "NA", "NaN", "nan"]


def read_file(path: str | Path) -> pd.DataFrame:
    r"""Read a data file; the frame carries the file's stem as its name in `attrs`.

    Parameters
    ----------
    path : str or Path
        Ends in .csv, .tsv (both also with .gz) or .parquet.

    Raises
    ------
    DataError
        When there is no such file, or it does not hold what its suffix says.
    MissingDependencyError
        For Parquet, when pyarrow is not installed.

    Notes
    -----
    Numbers are read to the last bit. Missing values are empty cells, NA and NaN.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pupils.csv"
    ...     _ = path.write_text("y,school\n1.5,a\nNA,b\n")
    ...     frame = read_file(path)
    >>> frame.shape, frame.attrs["name"]
    ((2, 2), 'pupils')
    """
    path = Path(path)
    kind = kind_of(path)
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the name and the folder.")
    frame = _read_parquet(path) if kind == PARQUET else _read_text(path, SEPARATORS[kind], path)
    frame.attrs["name"] = path.name.removesuffix(".gz").removesuffix(kind)
    return frame


def read_stream(stream: TextIO) -> pd.DataFrame:
    r"""Read CSV from an open text stream, as `read_file` reads it.

    Examples
    --------
    >>> from io import StringIO
    >>> read_stream(StringIO("y,g\n1,a\n"))["y"].tolist()
    [1]
    """
    return _read_text(stream, ",", "the standard input")


def write_file(data: pd.DataFrame, path: str | Path) -> None:
    r"""Write a frame without its index, in the form that the suffix names.

    Raises
    ------
    DataError
        For another suffix than .csv, .tsv (both also with .gz) and .parquet.
    MissingDependencyError
        For Parquet, when pyarrow is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_file(pd.DataFrame({"y": [0.1]}), f"{folder}/one.csv")
    ...     Path(f"{folder}/one.csv").read_text()
    'y\n0.1\n'
    """
    path = Path(path)
    kind = kind_of(path)
    if kind == PARQUET:
        try:
            data.to_parquet(path, engine="pyarrow", index=False, write_page_checksum=True)
        except ImportError as error:
            raise _no_pyarrow(path) from error
    else:
        data.to_csv(path, sep=SEPARATORS[kind], index=False, lineterminator="\n")


def kind_of(path: Path) -> str:
    """Return the suffix that says what the file holds; refuse others."""
    name = path.name.lower()
    if name.endswith(PARQUET):
        return PARQUET
    kind = Path(name.removesuffix(".gz")).suffix
    if kind not in SEPARATORS:
        raise DataError(
            f"The file {str(path)!r} ends in {path.suffix or 'no suffix'!r}; expected .csv, .tsv "
            "(also with .gz) or .parquet. Rename or convert it."
        )
    return kind


def _read_text(source: Path | TextIO, separator: str, what: object) -> pd.DataFrame:
    import pandas as pd

    if not isinstance(source, Path):
        source = StringIO(source.read())  # read twice below
    encoding = "utf-8-sig" if isinstance(source, Path) else None
    try:
        # pandas renames a second y to y.1 without a word
        header = pd.read_csv(
            source, sep=separator, header=None, nrows=1, dtype=str, na_filter=False,
            encoding=encoding,
        ).iloc[0]  # fmt: skip
        if isinstance(source, StringIO):
            source.seek(0)
        frame: pd.DataFrame = pd.read_csv(
            source,
            sep=separator,
            na_values=MISSING,
            keep_default_na=False,
            encoding=encoding,
            low_memory=False,
            **_to_the_last_bit(pd.__version__),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(
            f"{str(what)!r} cannot be read as a table: {str(error).strip()}. Expected a line of "
            "column names, then one line per row, in UTF-8."
        ) from error
    doubled = header[header.duplicated() & (header != "")]
    if len(doubled):
        raise DataError(
            f"{str(what)!r} has more than one column {doubled.iloc[0]!r}. Rename them in its "
            "first line."
        )
    return frame


def _to_the_last_bit(version: str) -> dict[str, Any]:
    """Return what makes pandas read numbers exactly: since 3.1 it always does."""
    major, minor, *_ = version.split(".")
    return {} if (int(major), int(minor)) >= (3, 1) else {"float_precision": "round_trip"}


def _read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path, engine="pyarrow", page_checksum_verification=True)
    except ImportError as error:
        raise _no_pyarrow(path) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{str(path)!r} cannot be read as Parquet: {error}") from error


def has_parquet() -> bool:
    """Whether Parquet files can be read and written here."""
    try:
        import_module("pyarrow")
    except ImportError:
        return False
    return True


def _no_pyarrow(path: Path) -> MissingDependencyError:
    return MissingDependencyError(
        f"Parquet needs pyarrow, which is not installed, for {str(path)!r}. Install it with "
        "`pip install 'nestling[parquet]'`, or use a .csv file."
    )
