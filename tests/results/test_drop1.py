"""Single-term deletions against lme4 and lmerTest."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, ModelError
from nestling.results.drop1 import hypothesis
from nestling.results.reduced import droppable

SLOPE = [  # R: drop1(lmer(Reaction ~ Days + (Days | Subject), sleepstudy), test = "Chisq")
    "Single term deletions",
    "",
    "Model:",
    "Reaction ~ Days + (Days | Subject)",
    "       npar    AIC    LRT   Pr(Chi)    ",
    "<none>      1763.9                     ",
    "Days      1 1785.5 23.537 1.226e-06 ***",
    "---",
    "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1",
]
UNTESTED = ["       npar    AIC", "<none>      1763.9", "Days      1 1785.5"]


def test_text_is_that_of_lme4() -> None:
    fit = fitted("sleepstudy_slope")
    assert str(fit.drop1()).splitlines() == SLOPE
    assert str(fit.drop1(test=None)).splitlines()[4:] == UNTESTED


CAKE = {  # R: drop1(lmer(angle ~ ..., cake), test = "Chisq"), printed digits
    "recipe * temp": {"recipe:temp": (2, 1708.2, 0.084496)},
    "recipe": {"recipe": (2, 1782.2, 0.52999)},
    "0 + recipe + temp": {"recipe": (3, 1702.7, 0.553), "temp": (1, 1785.7, 79.531)},
    "recipe/temp": {"recipe:temp": (3, 1785.7, 79.615)},
}


@pytest.mark.parametrize("fixed", CAKE)
def test_terms_fall_by_marginality(fixed: str) -> None:
    fit = nl.lmer(f"angle ~ {fixed} + (1 | recipe:replicate)", frame("cake_linear"))
    found = fit.drop1().table
    assert list(found.index) == ["<none>", *CAKE[fixed]]
    for term, (npar, aic, ratio) in CAKE[fixed].items():
        assert found.loc[term, "npar"] == npar
        assert found.loc[term, "AIC"] == pytest.approx(aic, abs=0.051)
        assert found.loc[term, "LRT"] == pytest.approx(ratio, rel=1e-4, abs=6e-4)


def test_likelihood_ratio_of_unbalanced_data() -> None:
    # R: drop1(lmer(score ~ Machine + (1 | Worker) + (1 | Worker:Machine), Machines_unb), "Chisq")
    row = fitted("Machines_unbalanced").drop1().table.loc["Machine"]
    assert row["LRT"] == pytest.approx(19.3363763759, abs=1e-6)
    assert row["Pr(Chi)"] == pytest.approx(6.32643747156e-05, rel=1e-6)


def test_f_tests_have_the_text_of_lmer_test() -> None:
    # R: print(drop1(lmer(angle ~ recipe + temp + (1 | recipe:replicate), cake)))
    assert str(fitted("cake_linear").drop1(test="F")).splitlines() == [
        "Single term deletions using Satterthwaite's method:",
        "",
        "Model:",
        "angle ~ recipe + temp + (1 | recipe:replicate)",
        "       Sum Sq Mean Sq NumDF DenDF F value Pr(>F)    ",
        "recipe   10.3    5.15     2    42  0.2488 0.7809    ",
        "temp   1966.7 1966.71     1   224 94.9759 <2e-16 ***",
        "---",
        "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1",
    ]


@pytest.mark.parametrize(
    ("ddf", "entry"), [("satterthwaite", "satterthwaite"), ("kenward-roger", "kenward_roger")]
)
def test_f_tests_of_unbalanced_data(ddf: str, entry: str) -> None:
    # with one term its deletion is the type III test
    expected = case("Machines_unbalanced")[entry]["anova_III"]["data"][0]
    found = fitted("Machines_unbalanced").drop1(test="F", ddf=ddf).table.loc["Machine"]
    # df carry lmerTest's numerical derivatives (1.4e-5, and 5e-5 in p), sums another sigma (3e-6)
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-4)
    assert found["F value"] == pytest.approx(expected[4], rel=1e-7)


@pytest.mark.parametrize(
    ("ddf", "df", "F"), [("satterthwaite", 57.626, 0.1736), ("kenward-roger", 70.63513428, 0.17248)]
)
def test_f_test_of_a_factor_without_intercept(ddf: str, df: float, F: float) -> None:
    # R: drop1(lmer(angle ~ 0 + recipe + temp + (1 | recipe:replicate), cake), ddf = ...)
    fit = nl.lmer("angle ~ 0 + recipe + temp + (1 | recipe:replicate)", frame("cake_linear"))
    row = fit.drop1(test="F", ddf=ddf).table.loc["recipe"]
    assert row["NumDF"] == 3
    assert row["DenDF"] == pytest.approx(df, abs=6e-4)
    assert row["F value"] == pytest.approx(F, abs=6e-5)


# R: drop1(lmer(y ~ ... + (1 | g), contr, contrasts = ...)), digits = 9
CODED = [
    ("A + B", {"A": "contr.SAS", "B": "contr.SAS"}, "A", 219.160032, 33.66963840),
    ("A + B", {"A": "contr.SAS", "B": "contr.SAS"}, "B", 218.264856, 7.07325752),
    ("A + B", {"A": "contr.sum", "B": "contr.helmert"}, "A", 219.182827, 33.66963840),
    ("A + B", {"A": "contr.sum", "B": "contr.helmert"}, "B", 218.279032, 7.07325752),
    ("A + B", None, "A", 218.954621, 33.66963840),
    ("0 + A + x", None, "A", 126.236950, 213.640811164),
]


@pytest.mark.parametrize(("fixed", "contrasts", "term", "df", "F"), CODED)
def test_df_of_a_joint_test_are_those_of_the_contrasts(
    fixed: str, contrasts: dict | None, term: str, df: float, F: float
) -> None:
    fit = nl.lmer(f"y ~ {fixed} + (1 | g)", frame("contr_default"), contrasts=contrasts)
    row = fit.drop1(test="F").table.loc[term]
    assert row["DenDF"] == pytest.approx(df, rel=1e-6)
    assert row["F value"] == pytest.approx(F, rel=1e-7)


def test_a_column_that_others_repeat_is_not_tested() -> None:
    fit = fitted("rankdef_x")
    found = fit.drop1(test="F").table
    assert found.loc[["x", "x_copy"]].isna().all(axis=None)
    assert found.loc["a", "NumDF"] == 2
    assert fit.drop1().table.loc["x", "LRT"] == pytest.approx(0.0, abs=1e-8)
    assert np.isnan(fit.drop1().table.loc["x", "Pr(Chi)"])


HIGHEST = [
    (name, entry)
    for entry in ("satterthwaite", "kenward_roger")
    for name in names("lmer", entry)
    if name != "rankdef_x" and (case(name)[entry].get("anova_III") or {}).get("rows")
]
"""With a repeated column the two differ: lmerTest tests the column that it kept."""


@pytest.mark.parametrize(("name", "entry"), HIGHEST)
def test_f_of_terms_in_no_other_are_those_of_type_three(name: str, entry: str) -> None:
    expected = case(name)[entry]["anova_III"]
    found = fitted(name).drop1(test="F", ddf=entry.replace("_", "-")).table
    for term, row in zip(expected["rows"], expected["data"], strict=True):
        if term in found.index:
            # singular fits: as far as lme4's theta is the same
            tolerance = 1e-3 if fitted(name).is_singular else 1e-6
            assert found.loc[term, "F value"] == pytest.approx(row[4], rel=tolerance)


def test_hypotheses_of_dependent_columns_span_what_only_the_term_explains() -> None:
    fit = fitted("rankdef_ab")
    fixed = fit.matrices.encoding.fixed
    for term in droppable(fixed):
        L = hypothesis(fit, term)
        # dropping the term lowers the rank of X by the rows of L
        full = np.column_stack(fit.matrices.columns)
        inside = [t for t in fixed.terms if t != term]
        labels = [fixed.label(t) for t in inside]
        keep = [
            j
            for j, index in enumerate(fit.matrices.assign)
            if index == 0 or fit.matrices.term_labels[index - 1] in labels
        ]
        lost = np.linalg.matrix_rank(full) - np.linalg.matrix_rank(full[:, keep])
        assert len(L) == lost


def test_what_cannot_be_dropped_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Chisq"):
        fitted("sleepstudy_slope").drop1(test="chisq")
    with pytest.raises(ModelError, match="no fixed term"):
        fitted("Dyestuff_reml").drop1()
