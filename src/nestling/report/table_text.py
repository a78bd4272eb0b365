"""Tables as plain text."""

from collections.abc import Sequence

from nestling.report.cells import Align, matrix_lines, shown_width, to_width


def text_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[Align]
) -> list[str]:
    """Lines of a table; the first column stands again where the others are wrapped.

    Examples
    --------
    >>> text_table(["term", "x"], [["a", "1.5"]], ["left", "right"])
    ['term   x', 'a    1.5']
    """
    table = [columns, *rows]
    padded = []
    for j, side in enumerate(align):
        width = max(shown_width(row[j]) for row in table)
        padded.append([to_width(row[j], width, left=side == "left") for row in table])
    heading, *body = zip(*padded, strict=True)
    lines = matrix_lines([row[0] for row in body], heading[1:], [row[1:] for row in body])
    corner = heading[0]
    for start in range(0, len(lines), len(table)):
        lines[start] = corner + lines[start][shown_width(corner) :]
    return lines or list(padded[0])
