"""Cells of text in columns, as R prints vectors, matrices and data frames."""

from collections.abc import Sequence

from nestling.report.numbers import DIGITS, format_numbers

WIDTH = 80
"""R's getOption("width")."""


def named_row(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Lines of a named vector: names above values, all in columns of one width.

    Examples
    --------
    >>> named_row(["a", "bb"], ["1.5", "2"])
    ['  a  bb ', '1.5   2 ']
    """
    width = max(map(len, [*names, *cells]))
    fit = max(1, WIDTH // (width + 1))
    lines = []
    for start in range(0, len(names), fit):
        lines += [
            "".join(f"{text.rjust(width)} " for text in row[start : start + fit])
            for row in (names, cells)
        ]
    return lines


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
    margin = max(map(len, rows), default=0)
    widths = [max(len(name), *(len(row[j]) for row in cells)) for j, name in enumerate(columns)]
    lines: list[str] = []
    start = 0
    while start < len(columns) or not lines:
        stop, used = start, margin
        while stop < len(columns) and (stop == start or used + 1 + widths[stop] <= WIDTH):
            used += 1 + widths[stop]
            stop += 1
        part = range(start, stop)
        for name, row in zip(["", *rows], [columns, *cells], strict=True):
            texts = [row[j].ljust(widths[j]) if left else row[j].rjust(widths[j]) for j in part]
            lines.append(" ".join([name.ljust(margin), *texts]))
        start = stop
        if not len(columns):
            break
    return lines


def number_matrix_lines(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float]]
) -> list[str]:
    """Lines of a matrix of numbers: each column formatted with seven digits of its own.

    Examples
    --------
    >>> number_matrix_lines(["[1,]", "[2,]"], ["[,1]", "[,2]"], [[5.0, 1.0], [1.0, 3.0]])
    ['     [,1] [,2]', '[1,]    5    1', '[2,]    1    3']
    """
    formatted = [format_numbers([row[j] for row in values]) for j in range(len(columns))]
    return matrix_lines(rows, columns, list(zip(*formatted, strict=True)))


def frame_lines(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[object]]
) -> list[str]:
    """Lines of a data frame, given by columns; numbers with seven digits, text to the right.

    Examples
    --------
    >>> frame_lines(["1", "2"], ["y", "g"], [[0.5, 10.25], ["a", "b"]])
    ['      y g', '1  0.50 a', '2 10.25 b']
    """
    formatted = [
        format_numbers(column, DIGITS)  # type: ignore[arg-type]  # all are numbers here
        if all(isinstance(value, int | float) for value in column)
        else [str(value) for value in column]
        for column in values
    ]
    return matrix_lines(rows, columns, list(zip(*formatted, strict=True)))
