"""Tables as HTML."""

from collections.abc import Sequence
from html import escape

from nestling.report.cells import Align

STYLE = "border-collapse:collapse;margin-bottom:1em;font-variant-numeric:tabular-nums"


def html_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: Sequence[Align],
    caption: str = "",
    notes: Sequence[str] = (),
) -> str:
    """Return a table as a fragment of HTML.

    The page's own style is left alone but for the sides and distances of cells, and digits of
    one width, so that numbers stand under one another.

    Examples
    --------
    >>> print(html_table(["term", "x"], [["a & b", "1.5"]], ["left", "right"]))
    <table style="...">
    <thead>
    <tr><th scope="col" style="...">term</th><th scope="col" style="...">x</th></tr>
    </thead>
    <tbody>
    <tr><th scope="row" style="...">a &amp; b</th><td style="...text-align:right">1.5</td></tr>
    </tbody>
    </table>
    """
    lines = [f'<table style="{STYLE}">']
    if caption:
        lines.append(f'<caption style="text-align:left">{escape(caption)}</caption>')
    lines += ["<thead>", _row(columns, align, ['th scope="col"'] * len(columns)), "</thead>"]
    kinds = ['th scope="row"', *["td"] * (len(columns) - 1)]
    lines += ["<tbody>", *(_row(row, align, kinds) for row in rows), "</tbody>"]
    if notes:
        cells = "<br>".join(map(escape, notes))
        lines.append(f'<tfoot><tr><td colspan="{len(columns)}" style="text-align:left">')
        lines.append(f"<small>{cells}</small></td></tr></tfoot>")
    return "\n".join([*lines, "</table>"])


def _row(cells: Sequence[str], align: Sequence[Align], kinds: Sequence[str]) -> str:
    parts = []
    for cell, side, kind in zip(cells, align, kinds, strict=True):
        style = f"padding:0.2em 0.6em;text-align:{side}"
        parts.append(f'<{kind} style="{style}">{escape(cell.strip())}</{kind.split()[0]}>')
    return f"<tr>{''.join(parts)}</tr>"
