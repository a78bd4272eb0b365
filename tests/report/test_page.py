"""A page stands alone, and text stays text."""

from nestling.report.page import page, paragraphs


def test_text_is_escaped_and_contents_are_not():
    made = page("<b>", [("<i>", "<table></table>"), ("", "<p>x</p>")], "<u>")
    for escaped in ("&lt;b&gt;", "&lt;i&gt;", "&lt;u&gt;"):
        assert escaped in made
    assert "<table></table>" in made
    assert made.count("<h2>") == 1
    assert made.startswith("<!DOCTYPE html>")


def test_paragraphs_leave_out_empty_lines():
    assert paragraphs(["a & b", " ", "", "c"]) == "<p>a &amp; b</p>\n<p>c</p>"
