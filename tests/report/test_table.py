"""The record of a table."""

import pytest

from nestling.errors import ArgumentError
from nestling.report.table import Table

TABLE = Table(
    columns=("term", "x"),
    rows=(("a", "1.5"), ("long", "-2.0")),
    align=("left", "right"),
    caption="Numbers",
    notes=("of no use",),
)


def test_text_has_caption_and_notes():
    assert TABLE.to_text().split("\n") == [
        "Numbers",
        "term    x",
        "a     1.5",
        "long -2.0",
        "of no use",
    ]


def test_html_and_latex_have_caption_and_notes():
    for text in (TABLE.to_html(), TABLE.to_latex()):
        assert "Numbers" in text
        assert "of no use" in text


@pytest.mark.parametrize(
    ("rows", "align", "what"),
    [((("a",),), ("left", "right"), "a row has 1"), ((), ("left",), "align has 1")],
)
def test_every_column_needs_its_entry(rows, align, what):
    with pytest.raises(ArgumentError, match=what):
        Table(("term", "x"), rows, align)
