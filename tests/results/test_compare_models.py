"""Models side by side: the numbers of each, and how they are drawn."""

import numpy as np
import pytest
from tests.reference_cases import fitted, frame

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.compare_models import ModelComparison, akaike_weights


@pytest.fixture(scope="module")
def growth() -> ModelComparison:
    null = nl.lmer("Reaction ~ 1 + (1 | Subject)", frame("sleepstudy_slope"))
    return nl.compare_models(
        null=null, int=fitted("sleepstudy_intercept"), slope=fitted("sleepstudy_slope")
    )


def test_estimates_are_those_of_the_fits(growth: ModelComparison) -> None:
    fit, column = fitted("sleepstudy_slope"), growth.table["slope"]
    np.testing.assert_array_equal(column["fixed"], fit.fixef)
    np.testing.assert_array_equal(column["se"], fit.se)
    np.testing.assert_array_equal(
        column["variance"].sort_values(), fit.varcorr["vcov"].sort_values()
    )
    assert column["groups"].to_dict() == {"Subject": 18}
    assert column[("model", "conditional R2")] == fit.r2()["conditional"]
    assert np.isnan(growth.table.loc[("fixed", "Days"), "null"])


def test_likelihoods_of_other_fixed_effects_are_by_ml(growth: ModelComparison) -> None:
    # anova() of lme4 prints these after its refit by ML: lrt_sleepstudy
    column = growth.table["slope"]["model"]
    assert column["AIC"] == pytest.approx(1763.9393444631978, abs=1e-6)
    assert column["BIC"] == pytest.approx(1783.0970855685391, abs=1e-6)
    assert column["logLik"] == pytest.approx(-875.9696722315989, abs=1e-6)
    assert "of fits by ML" in str(growth)


def test_the_same_fixed_effects_keep_reml() -> None:
    int_, slope = fitted("sleepstudy_intercept"), fitted("sleepstudy_slope")
    found = nl.compare_models(int_, slope)
    assert found.table.loc[("model", "AIC")].tolist() == [int_.aic, slope.aic]
    assert "Models fitted by REML." in found.notes


@pytest.mark.parametrize(("weights", "row"), [("aic", "AIC"), ("aicc", "AICc"), ("bic", "BIC")])
def test_weights(weights: str, row: str) -> None:
    found = nl.compare_models(
        fitted("threelevel_full"), fitted("threelevel_sid"), weights=weights
    ).table.loc["model"]
    ratio = np.exp((found.loc[row, "m0"] - found.loc[row, "m1"]) / 2)
    assert found.loc["weight", "m1"] / found.loc["weight", "m0"] == pytest.approx(ratio)
    assert found.loc["weight"].sum() == pytest.approx(1.0)


def test_weights_of_distant_models_do_not_vanish_together() -> None:
    assert akaike_weights([1e6, 1e6 + 2, 2e6]).tolist() == pytest.approx(
        [1 / (1 + np.exp(-1)), np.exp(-1) / (1 + np.exp(-1)), 0]
    )


def test_models_of_other_rows_have_no_weights() -> None:
    other = nl.lmer("Reaction ~ Days + (1 | Subject)", frame("sleepstudy_slope").iloc[:170])
    found = nl.compare_models(fitted("sleepstudy_intercept"), other)
    assert found.table.loc[("model", "weight")].isna().all()
    assert any(note.startswith("No weights: m1 was fitted to 170 rows") for note in found.notes)


TEXT = [  # without the blanks at the ends of lines
    "                                       null            int          slope",
    "Fixed effects",
    "  (Intercept)                 298.51 (9.05)  251.41 (9.75)  251.41 (6.82)",
    "  Days                                      10.467 (0.804) 10.467 (1.546)",
    "Variances and covariances",
    "  (Intercept) | Subject              1278.3         1378.2          612.1",
    "  Days | Subject                                                    35.07",
    "  (Intercept), Days | Subject                                       9.604",
    "  Residual                           1958.9          960.5          654.9",
]


def test_text(growth: ModelComparison) -> None:
    lines = [line.rstrip() for line in str(growth).splitlines()]
    assert lines[:9] == TEXT
    assert lines[-3] == "Standard errors in parentheses."
    assert lines[-1] == "Weights by AIC."


def test_html_and_latex(growth: ModelComparison) -> None:
    assert "<td" in growth.to_html()
    assert growth._repr_html_() == growth.to_html()
    latex = growth.to_latex().splitlines()
    assert latex[0] == r"\begin{tabular}{lrrr}"
    assert r"Days &  & 10.467 (0.804) & 10.467 (1.546) \\" in latex


def test_digits() -> None:
    found = str(nl.compare_models(fitted("sleepstudy_slope"), digits=1))
    assert "251 (7)" in found


@pytest.mark.parametrize("given", [(), (1, 2)])
def test_what_is_no_model_is_refused(given: tuple) -> None:
    with pytest.raises(ArgumentTypeError, match=r"expected fits of nl\.lmer"):
        nl.compare_models(*given)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="is not a criterion"):
        nl.compare_models(fitted("seed_m0"), weights="waic")
    with pytest.raises(ArgumentError, match="digits=0"):
        nl.compare_models(fitted("seed_m0"), digits=0)
