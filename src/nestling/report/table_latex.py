"""Tables as LaTeX, with booktabs' rules."""

import re
from collections.abc import Sequence

from nestling.report.cells import Align

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

_NUMBER = re.compile(r"(?P<less><?) ?(?P<mantissa>-?\d+(\.\d+)?)(e(?P<exponent>[+-]\d+))?")


def latex_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: Sequence[Align],
    caption: str = "",
    notes: Sequence[str] = (),
) -> str:
    r"""Return a table as a LaTeX tabular, inside a float where there is a caption.

    Examples
    --------
    >>> print(latex_table(["term", "x"], [["a_b", "-1.5"]], ["left", "right"]))
    \begin{tabular}{lr}
    \toprule
    term & x \\
    \midrule
    a\_b & $-1.5$ \\
    \bottomrule
    \end{tabular}
    """
    lines = [rf"\begin{{tabular}}{{{''.join(side[0] for side in align)}}}", r"\toprule"]
    lines += [_row([latex_escape(name) for name in columns]), r"\midrule"]
    lines += [_row([_cell(cell.strip()) for cell in row]) for row in rows]
    lines.append(r"\bottomrule")
    for note in notes:
        inner = rf"\footnotesize {latex_escape(note)}"
        lines.append(rf"\multicolumn{{{len(columns)}}}{{l}}{{{inner}}} \\")
    lines.append(r"\end{tabular}")
    if caption:
        float_lines = [r"\begin{table}", r"\centering", rf"\caption{{{latex_escape(caption)}}}"]
        lines = [*float_lines, *lines, r"\end{table}"]
    return "\n".join(lines)


def latex_escape(text: str) -> str:
    r"""Return text with LaTeX's special characters escaped.

    Examples
    --------
    >>> latex_escape("a_b & 5 %")
    'a\\_b \\& 5 \\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(cell: str) -> str:
    """Write a number in mathematics where it needs a minus sign, a power or a less-than."""
    found = _NUMBER.fullmatch(cell)
    if found is None:
        return latex_escape(cell)
    if not (found["less"] or found["exponent"] or cell.startswith("-")):
        return cell
    power = "" if found["exponent"] is None else rf" \times 10^{{{int(found['exponent'])}}}"
    return f"${found['less']}{found['mantissa']}{power}$"
