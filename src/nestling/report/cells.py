"""Cells of text in columns, as R prints vectors, matrices and data frames."""

import math
import unicodedata
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Literal

from nestling.report.numbers import format_numbers

Align = Literal["left", "right"]

WIDTH = 80
"""R's getOption("width")."""


def shown_width(text: str) -> int:
    """Columns that a text takes in a terminal: wide characters take two, combining ones none.

    Examples
    --------
    >>> shown_width("abc"), shown_width("学校"), shown_width("é")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def to_width(text: str, width: int, *, left: bool = False) -> str:
    """Fill a text with blanks up to a width.

    Examples
    --------
    >>> to_width("ab", 4), to_width("ab", 4, left=True)
    ('  ab', 'ab  ')
    """
    blanks = " " * (width - shown_width(text))
    return text + blanks if left else blanks + text


def named_row(names: Sequence[str], cells: Sequence[str], *, gap: int = 1) -> list[str]:
    """Lines of a named vector: names above values, all in columns of one width.

    Parameters
    ----------
    names, cells : sequence of str
    gap : int
        Blanks after each column.

    Examples
    --------
    >>> named_row(["a", "bb"], ["1.5", "2"])
    ['  a  bb ', '1.5   2 ']
    """
    width = max(map(shown_width, [*names, *cells]), default=0)
    fit = max(1, WIDTH // (width + gap))
    return [
        "".join(to_width(text, width) + " " * gap for text in row[start : start + fit])
        for start in range(0, len(names), fit)
        for row in (names, cells)
    ]


def matrix_lines(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    *,
    left: bool = False,
) -> list[str]:
    """Lines of a matrix of text: row names to the left, columns wrapped at the page's width.

    Parameters
    ----------
    rows, columns : sequence of str
        Names.
    cells : sequence of rows
    left : bool
        Align cells and column names to the left, as R does for text, or to the right.

    Examples
    --------
    >>> matrix_lines(["a", "bb"], ["x"], [["1"], ["-2"]])
    ['    x', 'a   1', 'bb -2']
    """
    margin = max(map(shown_width, rows), default=0)
    table = [columns, *cells]
    widths = [max(shown_width(row[j]) for row in table) for j in range(len(columns))]
    names = [to_width(name, margin, left=True) for name in ["", *rows]]
    lines: list[str] = []
    for part in _pages(widths, margin):
        for name, row in zip(names, table, strict=True):
            texts = [to_width(row[j], widths[j], left=left) for j in part]
            lines.append(" ".join([name, *texts]))
    return lines


def _pages(widths: Sequence[int], margin: int) -> list[range]:
    """Divide columns into those that stand side by side."""
    pages = []
    start = 0
    while start < len(widths):
        stop, used = start, margin
        while stop < len(widths) and (stop == start or used + 1 + widths[stop] < WIDTH):
            used += 1 + widths[stop]
            stop += 1
        pages.append(range(start, stop))
        start = stop
    return pages


def number_matrix_lines(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    missing: str = "NaN",
) -> list[str]:
    """Lines of a matrix of numbers: each column formatted with seven digits of its own.

    Parameters
    ----------
    rows, columns : sequence of str
        Names.
    values : sequence of rows
    missing : str
        What NaN prints as.

    Examples
    --------
    >>> number_matrix_lines(["[1,]", "[2,]"], ["[,1]", "[,2]"], [[5.0, 1.0], [1.0, 3.0]])
    ['     [,1] [,2]', '[1,]    5    1', '[2,]    1    3']
    """
    formatted = [
        format_numbers([row[j] for row in values], missing=missing) for j in range(len(columns))
    ]
    return matrix_lines(rows, columns, list(zip(*formatted, strict=True)))


def frame_lines(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[object]]
) -> list[str]:
    """Lines of a data frame, given by columns.

    Numbers have seven digits, whole-number types all of theirs; text stands to the right.
    Missing numbers print as NA, other missing values (None, NaN) as <NA>.

    Examples
    --------
    >>> frame_lines(["1", "2"], ["y", "g"], [[0.5, 10.25], ["a", None]])
    ['      y    g', '1  0.50    a', '2 10.25 <NA>']
    """
    formatted = [_column_cells(column) for column in values]
    return matrix_lines(rows, columns, list(zip(*formatted, strict=True)))


def _column_cells(column: Sequence[object]) -> list[str]:
    known = [value for value in column if not _is_missing(value)]
    if known and all(_is_logical(value) for value in known):
        return ["NA" if _is_missing(value) else str(bool(value)).upper() for value in column]
    if all(isinstance(value, Integral) for value in known):
        return ["NA" if _is_missing(value) else str(value) for value in column]
    if all(isinstance(value, Real) for value in known):
        numbers = [float(value) if isinstance(value, Real) else math.nan for value in column]
        return format_numbers(numbers, missing="NA")
    return ["<NA>" if _is_missing(value) else str(value) for value in column]


def _is_missing(value: object) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in {"NAType", "NaTType"}  # pandas' own


def _is_logical(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"}
