"""A table of cells already formatted; it can be drawn as text, HTML and LaTeX."""

from dataclasses import dataclass

from nestling.errors import ArgumentError
from nestling.report.cells import Align
from nestling.report.table_html import html_table
from nestling.report.table_latex import latex_table
from nestling.report.table_text import text_table


@dataclass(frozen=True, slots=True)
class Table:
    """Cells already formatted.

    Attributes
    ----------
    columns : tuple of str
        Headings; the first column names the rows.
    rows : tuple of tuple of str
        One cell per column.
    align : tuple of {"left", "right"}
        Per column.
    caption : str
    notes : tuple of str
        Lines below the table.

    Raises
    ------
    ArgumentError
        When a row or `align` has not one entry per column.

    Examples
    --------
    >>> table = Table(("term", "x"), (("a", "1.5"),), ("left", "right"))
    >>> print(table.to_text())
    term   x
    a    1.5
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[Align, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, entries in [("align", self.align), *(("a row", row) for row in self.rows)]:
            if len(entries) != len(self.columns):
                raise ArgumentError(
                    f"The table has {len(self.columns)} columns, but {what} has {len(entries)} "
                    f"entries: {entries!r}. Give one per column."
                )

    def to_text(self) -> str:
        """Return the table as plain text."""
        lines = text_table(self.columns, self.rows, self.align)
        return "\n".join([*([self.caption] if self.caption else []), *lines, *self.notes])

    def to_html(self) -> str:
        """Return the table as a fragment of HTML, with no style but the alignment of cells."""
        return html_table(self.columns, self.rows, self.align, self.caption, self.notes)

    def to_latex(self) -> str:
        """Return the table as LaTeX: a tabular with booktabs' rules, inside a float if named."""
        return latex_table(self.columns, self.rows, self.align, self.caption, self.notes)
