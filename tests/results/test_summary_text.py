"""The printed summary, line by line, against what R prints."""

from dataclasses import replace

import numpy as np
import pytest
from tests.reference_cases import case, fitted, matrix, names
from tests.results.golden_summaries import array, read, summary

from nestling.results.summary_text import short_lines, summary_lines, varcorr_lines

GOLDEN = read()


@pytest.mark.parametrize("name", names("lmer"))
def test_summary_is_the_text_of_lme4(name):
    assert str(fitted(name).summary()).split("\n") == case(name)["results"]["summary_lines_tight"]


@pytest.mark.parametrize(
    "name", ["seed_m0", "seed_m2", "Penicillin", "rankdef_x", "Dyestuff_ml", "contr_noint"]
)
def test_short_form_is_the_text_of_lme4(name):
    # cases whose digits do not depend on where lme4's default optimiser stopped
    assert str(fitted(name)).split("\n") == case(name)["default"]["print_lines"]


@pytest.mark.parametrize(
    "name", ["seed_m0", "Dyestuff2_ml", "sleepstudy_uncorr", "badscale", "corr1", "contr_default"]
)
def test_random_effects_are_the_text_of_lme4(name):
    # print(VarCorr(fit)) has a digit more than the summary
    found = fitted(name).summary()
    lines = varcorr_lines(found.effects, found.sigma, digits=5)
    assert lines == case(name)["default"]["VarCorr_lines"]


@pytest.mark.parametrize(
    "name",
    [
        "seed_m0",
        "seed_m2_intercept",
        "Machines_nested",
        "Orthodont_int",
        "badscale",
        "cake_sum",
        "contr_SAS",
        "contr_in",
        "rankdef_ab",
        "sleepstudy_bs",
        "sleepstudy_slope_only",
        "unbal_offset_formula",
    ],
)
def test_tests_of_coefficients_are_the_text_of_lmertest(name):
    # cases whose degrees of freedom do not depend on where lme4's default optimiser stopped
    entry = case(name)["satterthwaite"]
    _, _, df, _, p_values = matrix(entry["coef"]).T
    found = replace(fitted(name).summary(), df=df, p_values=p_values, method="Satterthwaite's")
    assert summary_lines(found) == entry["summary_lines_default"]


@pytest.mark.parametrize("entry", GOLDEN)
def test_random_models(entry):
    found = summary(entry)
    assert summary_lines(found) == entry["summary"]
    assert short_lines(found) == entry["print"]
    assert varcorr_lines(found.effects, found.sigma, digits=5) == entry["varcorr"]


@pytest.mark.parametrize(
    ("entry", "method"),
    [(e, method) for e in GOLDEN for method in ("Satterthwaite", "Kenward-Roger") if method in e],
)
def test_random_models_with_degrees_of_freedom(entry, method):
    tests = entry[method]
    found = replace(
        summary(entry),
        df=array(tests["df"]),
        p_values=array(tests["p"]),
        method=f"{method}'s",
        adjusted_se=array(tests["se"]),
    )
    assert summary_lines(found) == tests["lines"]


def test_few_residuals_are_shown_one_by_one():
    found = replace(summary(GOLDEN[0]), scaled_residuals=np.array([-1.0, 0.25, 1.5]))
    start = summary_lines(found).index("Scaled residuals: ")
    assert summary_lines(found)[start + 1 : start + 3] == [
        "    1     2     3 ",
        "-1.00  0.25  1.50 ",
    ]
