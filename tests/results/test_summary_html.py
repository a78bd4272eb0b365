"""The summary in a notebook."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from tests.reference_cases import fitted
from tests.results.golden_summaries import read, summary

from nestling.results.summary_html import facts, summary_html


def _parsed(found):
    return ET.fromstring(summary_html(found).replace("<br>", "<br/>"))


@pytest.mark.parametrize("entry", read())
def test_page_is_well_formed_and_holds_the_text(entry):
    found = summary(entry)
    page = _parsed(found)
    assert page.find("details/pre").text == str(found)
    assert len(page.findall("table")) == (2 if entry["names"] else 1)


def test_names_are_escaped():
    found = fitted("seed_m2").summary()
    page = summary_html(replace(found, names=("<script>", "X"), data_name="a & b"))
    assert "<script>" not in page
    assert "a &amp; b" in page


def test_remarks_are_shown():
    assert "rank deficient" in _parsed(fitted("rankdef_x").summary()).findall("p")[-1].text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("seed_m2", "1,000 rows of seed_m2; 20 Cluster; REML criterion 4040.6"),
        ("Dyestuff_ml", "30 rows of Dyestuff; 6 Batch; deviance 327.3, AIC 333.3, BIC 337.5"),
    ],
)
def test_facts(name, expected):
    assert facts(fitted(name).summary()) == expected


def test_facts_name_weights_and_offset():
    assert "weights w; offset o" in facts(fitted("unbal_weights_offset").summary())
