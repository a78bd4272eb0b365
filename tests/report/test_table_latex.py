"""Tables as LaTeX."""

import pytest

from nestling.report.table_latex import latex_escape, latex_table


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.5", "1.5"),
        ("-1.5", "$-1.5$"),
        ("1.2e-05", r"$1.2 \times 10^{-5}$"),
        ("-3e+10", r"$-3 \times 10^{10}$"),
        ("< 2e-16", r"$<2 \times 10^{-16}$"),
        ("I(x^2)", r"I(x\textasciicircum{}2)"),
        ("a_b", r"a\_b"),
        ("", ""),
    ],
)
def test_cells(cell, expected):
    lines = latex_table(["v"], [[cell]], ["right"]).split("\n")
    assert lines[4] == rf"{expected} \\"


def test_rules_are_those_of_booktabs():
    lines = latex_table(["a", "b"], [["1", "2"]], ["left", "right"]).split("\n")
    assert lines == [
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"a & b \\",
        r"\midrule",
        r"1 & 2 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_caption_makes_a_float_and_notes_stand_below():
    text = latex_table(["a"], [["1"]], ["left"], "100 %", ["x & y"])
    assert text.startswith("\\begin{table}\n\\centering\n\\caption{100 \\%}")
    assert r"\multicolumn{1}{l}{\footnotesize x \& y} \\" in text
    assert text.endswith("\\end{table}")


def test_every_special_character_is_escaped():
    assert latex_escape("&%$#_{}") == r"\&\%\$\#\_\{\}"
    assert latex_escape("\\~^") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}"
