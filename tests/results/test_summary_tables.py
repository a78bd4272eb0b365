"""The summary as tables: the same cells as the text, under shorter headings."""

from dataclasses import replace

import numpy as np
import pytest
from tests.reference_cases import fitted
from tests.results.golden_summaries import read, summary

from nestling.results.summary import Effects
from nestling.results.summary_tables import fixed_table, random_table, summary_latex


def test_fixed_effects():
    table = fixed_table(fitted("seed_m2").summary())
    assert table.columns == ("Fixed effect", "Estimate", "SE", "t")
    assert table.rows == (
        ("(Intercept)", "2.3595", "0.5334", " 4.423"),
        ("X", "5.1799", "0.2451", "21.135"),
    )
    assert table.align == ("left", "right", "right", "right")


def test_degrees_of_freedom_and_p_values():
    found = replace(
        fitted("seed_m2").summary(), df=np.array([19.0, 18.5]), p_values=np.array([1e-20, 0.04])
    )
    table = fixed_table(found)
    assert table.columns[3:] == ("df", "t", "p")
    assert [row[-1] for row in table.rows] == ["<2e-16", "0.04"]


def test_random_effects():
    table = random_table(fitted("seed_m2").summary())
    assert table.columns == ("Random effect of", "", "Variance", "SD", "Correlation")
    assert table.rows == (
        ("Cluster", "(Intercept)", "5.632", "2.373", ""),
        ("", "X", "1.138", "1.067", "0.17"),
        ("Residual", "", "2.868", "1.694", ""),
    )


def test_no_column_of_correlations_where_there_are_none():
    assert len(random_table(fitted("seed_m0").summary()).columns) == 4


def test_no_correlation_beside_a_variance_of_zero():
    effects = Effects("g", ("a", "b"), np.array([0.0, 1.0]), np.array([[1, np.nan], [np.nan, 1]]))
    table = random_table(replace(fitted("seed_m2").summary(), effects=(effects,)))
    assert [row[-1] for row in table.rows] == ["", "–", ""]


@pytest.mark.parametrize(("name", "tables"), [("seed_m2", 2), ("Dyestuff2_reml", 2)])
def test_latex(name, tables):
    text = summary_latex(fitted(name).summary())
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == tables
    assert text.count(r"\toprule") == tables


def test_latex_without_fixed_effects():
    case = next(case for case in read() if not case["names"])
    assert summary_latex(summary(case)).count(r"\begin{tabular}") == 1
