"""A table of text, and how it is drawn: plain text, HTML and LaTeX."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from nestling.report.cells import matrix_lines

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells already formatted.

    Attributes
    ----------
    columns : tuple of str
        Headings.
    rows : tuple of tuple of str
    align : tuple of {"left", "right"}
        Per column.
    caption : str
    notes : tuple of str
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[Align, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the table as plain text.

        Examples
        --------
        >>> print(Table(("term", "x"), (("a", "1.5"),), ("left", "right")).to_text())
        term   x
        a    1.5
        """
        widths = [
            max(len(row[j]) for row in (self.columns, *self.rows)) for j in range(len(self.columns))
        ]
        padded = [
            [
                cell.ljust(width) if side == "left" else cell.rjust(width)
                for cell, width, side in zip(row, widths, self.align, strict=True)
            ]
            for row in (self.columns, *self.rows)
        ]
        body = matrix_lines(
            [row[0] for row in padded[1:]], padded[0][1:], [r[1:] for r in padded[1:]]
        )
        body[0] = padded[0][0] + body[0][len(padded[0][0]) :]
        return "\n".join([*([self.caption] if self.caption else []), *body, *self.notes])

    def to_html(self) -> str:
        """Return the table as an HTML fragment without styles of its own but alignment."""
        styles = [f"text-align:{side}" for side in self.align]
        parts = ["<table>"]
        if self.caption:
            parts.append(f"<caption>{escape(self.caption)}</caption>")
        parts.append("<thead>" + _html_row("th", self.columns, styles) + "</thead><tbody>")
        parts += [_html_row("td", row, styles) for row in self.rows]
        parts.append("</tbody></table>")
        parts += [f"<p>{escape(note)}</p>" for note in self.notes]
        return "\n".join(parts)

    def to_latex(self) -> str:
        """Return the table as a LaTeX tabular with booktabs' rules."""
        spec = "".join(side[0] for side in self.align)
        lines = [
            rf"\begin{{tabular}}{{{spec}}}",
            r"\toprule",
            _latex_row(self.columns),
            r"\midrule",
        ]
        lines += [_latex_row(row) for row in self.rows]
        lines += [r"\bottomrule", r"\end{tabular}"]
        lines += [latex_escape(note) for note in self.notes]
        return "\n".join(lines)


def _html_row(tag: str, cells: tuple[str, ...], styles: list[str]) -> str:
    inner = "".join(
        f'<{tag} style="{style}">{escape(cell.strip())}</{tag}>'
        for cell, style in zip(cells, styles, strict=True)
    )
    return f"<tr>{inner}</tr>"


def _latex_row(cells: tuple[str, ...]) -> str:
    texts = [_latex_cell(cell.strip()) for cell in cells]
    return " & ".join(texts) + r" \\"


def _latex_cell(cell: str) -> str:
    number = cell.startswith("-") and cell[1:].replace(".", "").isdigit()
    return f"${cell}$" if number else latex_escape(cell)


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def latex_escape(text: str) -> str:
    r"""Return text with LaTeX's special characters escaped.

    Examples
    --------
    >>> latex_escape("a_b & 5 %")
    'a\\_b \\& 5 \\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)
