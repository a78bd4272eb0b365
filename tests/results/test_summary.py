"""The record of a summary."""

from dataclasses import replace

import numpy as np
import pytest
from tests.results.golden_summaries import array, read, summary

TESTED = next(case for case in read() if "Kenward-Roger" in case)
WITHOUT_FIXED = next(case for case in read() if not case["names"])


def _with_tests(case):
    tests = case["Kenward-Roger"]
    return replace(summary(case), df=array(tests["df"]), p_values=array(tests["p"]))


@pytest.mark.parametrize(
    ("found", "columns"),
    [
        (summary(TESTED), ["Estimate", "Std. Error", "t value"]),
        (_with_tests(TESTED), ["Estimate", "Std. Error", "df", "t value", "Pr(>|t|)"]),
    ],
)
def test_coefficients_have_the_columns_of_r(found, columns):
    table = found.coefficients
    assert list(table.columns) == columns
    assert list(table.index) == TESTED["names"]
    np.testing.assert_allclose(
        table["t value"], table["Estimate"] / table["Std. Error"], rtol=1e-15
    )


def test_standard_errors_may_be_adjusted():
    adjusted = np.full(len(TESTED["names"]), 2.0)
    found = replace(summary(TESTED), adjusted_se=adjusted)
    np.testing.assert_array_equal(found.se, adjusted)
    np.testing.assert_array_equal(found.t_values, found.beta / 2.0)


def test_without_fixed_effects_reml_is_maximum_likelihood():
    found = replace(summary(WITHOUT_FIXED), reml=True)
    assert not found.is_reml
    assert len(found.coefficients) == 0


def test_every_form_is_the_text():
    found = summary(TESTED)
    assert repr(found) == str(found) == "\n".join(TESTED["summary"])
