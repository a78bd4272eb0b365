"""Tables as HTML: well formed, escaped, headed."""

from xml.etree import ElementTree as ET

import pytest

from nestling.report.table_html import html_table


def _parsed(**more):
    html = html_table(["term", "<x>"], [["a & b", " 1.5"]], ["left", "right"], **more)
    return ET.fromstring(html.replace("<br>", "<br/>"))


def test_cells_are_escaped_and_headed():
    table = _parsed()
    assert [cell.text for cell in table.iter("th")] == ["term", "<x>", "a & b"]
    assert [cell.get("scope") for cell in table.iter("th")] == ["col", "col", "row"]
    assert [cell.text for cell in table.iter("td")] == ["1.5"]


def test_numbers_stand_to_the_right():
    (cell,) = _parsed().iter("td")
    assert cell.get("style").endswith("text-align:right")


@pytest.mark.parametrize(
    ("more", "tag"), [({"caption": "a < b"}, "caption"), ({"notes": ["x", "y"]}, "tfoot")]
)
def test_caption_and_notes(more, tag):
    assert _parsed().find(tag) is None
    assert _parsed(**more).find(tag) is not None
