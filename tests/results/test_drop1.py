"""Single-term deletions against lme4 and lmerTest."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame

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
