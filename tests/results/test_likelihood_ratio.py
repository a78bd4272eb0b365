"""Likelihood-ratio tables against lme4's and against closed forms."""

import numpy as np
import pytest
from scipy.stats import chi2
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, ModelError
from nestling.results.chi_bar import mixture_of

LMM = [
    name
    for name in names("anova")
    if all("glmer" not in m["call"] for m in case(name)["models"].values())
]

DATA = {case(name)["data"]: name for name in names("lmer")}
"""A case that describes the columns of each file."""


def models(name: str) -> dict[str, nl.LmerFit]:
    described = case(name)["models"]
    data = frame(DATA[case(name)["data"]])
    return {key: nl.lmer(each["formula"], data) for key, each in described.items()}


@pytest.mark.parametrize("name", LMM)
def test_table_agrees_with_lme4(name: str) -> None:
    entry = case(name)["table"]
    found = nl.anova(**models(name)).table
    assert list(found.index) == entry["rows"]
    assert list(found.columns) == entry["cols"]
    expected = np.array(entry["data"], dtype=float)
    # the README asks 1e-7; two cases come from refits that stopped 5e-7 above the optimum
    np.testing.assert_allclose(found.to_numpy(dtype=float), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LMM)
def test_text_is_that_of_lme4(name: str) -> None:
    said, *lines = str(nl.anova(**models(name))).splitlines()
    assert said == "refitting model(s) with ML (instead of REML)"
    assert lines == case(name)["printed_default"]


# R: anova(m0, m2, refit = FALSE), m0 = Reaction ~ Days + (Days | Subject), m2 with (1 | Subject)
UNREFITTED = [
    "Data: sleepstudy",
    "Models:",
    "m0: Reaction ~ Days + (1 | Subject)",
    "m1: Reaction ~ Days + (Days | Subject)",
    "   npar    AIC    BIC  logLik deviance  Chisq Df Pr(>Chisq)    ",
    "m0    4 1794.5 1807.2 -893.23   1786.5                         ",
    "m1    6 1755.6 1774.8 -871.81   1743.6 42.837  2   4.99e-10 ***",
    "---",
    "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1",
]


def test_reml_criteria_can_be_compared_as_they_are() -> None:
    small, large = fitted("sleepstudy_intercept"), fitted("sleepstudy_slope")
    assert str(nl.anova(small, large, refit=False)).splitlines() == UNREFITTED


def test_models_with_as_many_parameters_have_no_p_value() -> None:
    data = frame("sleepstudy_slope")
    other = nl.lmer("Reaction ~ I(Days^2) + (Days | Subject)", data, reml=False)
    compared = nl.anova(fitted("sleepstudy_slope_ml"), other)
    # R prints the row as this, with nothing below Pr(>Chisq)
    assert " ".join(str(compared).splitlines()[-1].split()) == (
        "m1 6 1769.2 1788.3 -878.59 1757.2 0 0"
    )
    assert not compared.refitted


def test_boundary_halves_the_p_value_of_a_single_variance() -> None:
    table = nl.anova(**models("lrt_Penicillin"), boundary=True).table
    assert table["Pr(>Chibarsq)"].iloc[1] == pytest.approx(table["Pr(>Chisq)"].iloc[1] / 2)


def test_boundary_of_a_chain() -> None:
    compared = nl.anova(**models("lrt_sleepstudy"), boundary=True)
    assert compared.mixtures == {
        "unc": "0.5 chi2(0) + 0.5 chi2(1), exact in large samples",
        "cor": "chi2(1), no variance at its boundary",
    }
    assert str(compared).splitlines()[-1].startswith("Pr(>Chibarsq) of cor: chi2(1)")


A, B, AB, ABC = ("g", ("a",)), ("g", ("b",)), ("g", ("a", "b")), ("g", ("a", "b", "c"))
H = ("h:k", ("a",))


@pytest.mark.parametrize(
    ("small", "large", "df", "weights", "kind"),
    [
        ([A], [AB], 2, {1: 0.5, 2: 0.5}, "exact"),
        ([AB], [ABC], 3, {2: 0.5, 3: 0.5}, "exact"),
        ([A, B], [AB], 1, {1: 1.0}, "regular"),
        ([A, B], [ABC], 4, {3: 0.5, 4: 0.5}, "exact"),
        ([A], [A, B], 1, {0: 0.5, 1: 0.5}, "exact"),
        ([A], [A, B, H], 2, {0: 0.25, 1: 0.5, 2: 0.25}, "approximate"),
        ([A], [A, B], 3, {2: 0.5, 3: 0.5}, "exact"),  # with two fixed effects
        ([A], [ABC], 5, {4: 0.5, 5: 0.5}, "bound"),
        ([A], [A], 2, {2: 1.0}, "regular"),
        ([AB], [A, H], 0, {0: 1.0}, "conservative"),
        ([B], [A, H], 1, {1: 1.0}, "conservative"),
        ([("k:h", ("a",))], [A, H], 1, {0: 0.5, 1: 0.5}, "exact"),
    ],
)  # fmt: skip
def test_mixtures(small: list, large: list, df: int, weights: dict, kind: str) -> None:
    found = mixture_of(small, large, df)
    assert found.weights == pytest.approx(weights)
    assert found.kind == kind


def test_a_singular_smaller_model_makes_the_mixture_approximate() -> None:
    assert mixture_of([A], [AB], 2, singular=True).kind == "approximate"


def test_tail_is_that_of_the_parts() -> None:
    found = mixture_of([A], [AB], 2).tail(3.3)
    assert found == pytest.approx(0.5 * (chi2.sf(3.3, 1) + chi2.sf(3.3, 2)), rel=1e-12)
    assert mixture_of([A], [A, B], 1).tail(0.0) == 1.0
    assert np.isnan(mixture_of([A], [A], 0).tail(1.0))


def test_the_mixture_holds_its_size_where_chi_square_does_not() -> None:
    # 2,000 balanced studies without cluster variance, 50 clusters of 6, by ML
    truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 0}, random={"g": 1}, residual=1)
    design = truth.simulate(nl.nested(g=50, id=6), seed=1)
    fit = nl.lmer("y ~ 1 + (1 | g)", design, reml=False)
    Y = np.random.default_rng(7).normal(size=(300, 2000))
    square = ((Y - Y.mean(axis=0)) ** 2).sum(axis=0)
    without = 300 * (1 + np.log(2 * np.pi * square / 300))
    ratio = np.maximum(0.0, without - fit.refit(Y).criterion)
    corrected = np.mean([mixture_of([], [A], 1).tail(x) < 0.05 for x in ratio])
    # three Monte-Carlo errors of 0.05 are 0.015; chi2(1) itself would reject half as often
    assert abs(corrected - 0.05) < 0.015
    assert np.mean(chi2.sf(ratio, 1) < 0.05) < 0.035


def test_html_and_latex_hold_the_numbers() -> None:
    compared = nl.anova(**models("lrt_Penicillin"))
    assert "279.44" in compared._repr_html_()
    assert "279.44" in compared.to_latex()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"formula": "log(Reaction) ~ Days + (1 | Subject)"}, ModelError, "of one response"),
        ({"rows": slice(0, 150)}, ModelError, "150 rows"),
        ({"add": 1.0}, ModelError, "other values"),
    ],
)
def test_models_of_other_data_are_refused(change: dict, error: type, says: str) -> None:
    data = frame("sleepstudy_slope").iloc[change.get("rows", slice(None))].copy()
    data["Reaction"] += change.get("add", 0.0)
    other = nl.lmer(change.get("formula", "Reaction ~ Days + (1 | Subject)"), data)
    with pytest.raises(error, match=says):
        nl.anova(fitted("sleepstudy_slope"), other)


def test_criteria_that_cannot_be_compared_are_refused() -> None:
    reml, ml = fitted("sleepstudy_slope"), fitted("sleepstudy_slope_ml")
    with pytest.raises(ArgumentError, match="REML, the other by ML"):
        nl.anova(reml, ml, refit=False)
    with pytest.raises(ArgumentError, match="other fixed effects"):
        nl.anova(reml, fitted("sleepstudy_Isq"), refit=False)


@pytest.mark.parametrize("given", [(), (3, 4), ("fit",)])
def test_what_is_no_model_is_refused(given: tuple) -> None:
    with pytest.raises(ArgumentTypeError, match=r"expected fits of nl\.lmer"):
        nl.anova(*given)
    with pytest.raises(ArgumentTypeError, match="m1"):
        nl.anova(fitted("sleepstudy_slope"), fitted("sleepstudy_Isq"), m1=fitted("seed_m0"))


@pytest.mark.parametrize("options", [{}, {"type": 1}, {"ddf": "kenward-roger"}])
def test_one_fit_gets_its_table_of_f_tests(options: dict) -> None:
    fit = fitted("cake_linear")
    assert str(nl.anova(fit, **options)) == str(fit.anova(**options))
    assert str(nl.anova(fit=fit)) == str(fit.anova())
