"""Tests of the random effects against lmerTest's ranova."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl


def entry(name: str) -> dict:
    return (case(name).get("satterthwaite") or {}).get("ranova_default") or {}


WITH = [name for name in names("lmer") if "rows" in entry(name)]

EARLY = {"contr_factor_slope": 1e-3, "Orthodont_sex": 1e-5}
"""Where lme4's default fits stopped below the optimum, by so much in log-likelihood."""


@pytest.mark.parametrize("name", WITH)
def test_table_agrees_with_lmer_test(name: str) -> None:
    expected = np.array(entry(name)["data"], dtype=float)
    found = fitted(name).ranova().table
    assert list(found.index) == entry(name)["rows"]
    assert list(found.columns) == entry(name)["cols"]
    values = found.to_numpy(dtype=float)
    np.testing.assert_array_equal(values[:, [0, 4]], expected[:, [0, 4]])
    tolerance = EARLY.get(name, 1e-6)
    np.testing.assert_allclose(values[:, 1], expected[:, 1], rtol=0, atol=tolerance)
    # ours are optima: never below those of lme4's defaults but by rounding
    assert (values[:, 1] >= expected[:, 1] - 1e-9).all()
    np.testing.assert_allclose(values[:, 2], 2 * (values[:, 0] - values[:, 1]), rtol=1e-14)
    np.testing.assert_allclose(values[1:, 5], expected[1:, 5], rtol=1e-3, atol=1e-5)


SLOPE = [
    "ANOVA-like table for random-effects: Single term deletions",
    "",
    "Model:",
    "Reaction ~ Days + (Days | Subject)",
    "                         npar  logLik    AIC    LRT Df Pr(>Chisq)    ",
    "<none>                      6 -871.81 1755.6                         ",
    "Days in (Days | Subject)    4 -893.23 1794.5 42.837  2   4.99e-10 ***",
    "---",
    "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1",
]
REMOVED = [
    "                 npar  logLik    AIC    LRT Df Pr(>Chisq)    ",
    "<none>              6 -871.81 1755.6                         ",
    "(Days | Subject)    3 -946.83 1899.7 150.03  3  < 2.2e-16 ***",
]


def test_text_is_that_of_lmer_test() -> None:
    fit = fitted("sleepstudy_slope")
    assert str(fit.ranova()).splitlines() == SLOPE
    assert str(fit.ranova(reduce_terms=False)).splitlines()[4:7] == REMOVED


SLOPE_ONLY = [  # R: nothing to test where the reduced model has as many parameters
    "                             npar  logLik    AIC   LRT Df Pr(>Chisq)",
    "<none>                          4 -883.26 1774.5                    ",
    "Days in (0 + Days | Subject)    4 -893.23 1794.5 19.94  0           ",
]
WRAPPED = [  # R wraps at 80 columns; fitted by bobyqa with rhoend = 1e-9
    "                                          npar  logLik    AIC    LRT Df",
    "<none>                                       9 -865.00 1748.0          ",
    "Days in (Days + I(Days^2) | Subject)         6 -874.04 1760.1 18.070  3",
    "I(Days^2) in (Days + I(Days^2) | Subject)    6 -871.81 1755.6 13.621  3",
    "                                          Pr(>Chisq)    ",
    "<none>                                                  ",
    "Days in (Days + I(Days^2) | Subject)       0.0004254 ***",
    "I(Days^2) in (Days + I(Days^2) | Subject)  0.0034698 ** ",
    "---",
]


def test_text_without_p_values_and_of_many_columns() -> None:
    assert str(fitted("sleepstudy_slope_only").ranova()).splitlines()[4:] == SLOPE_ONLY
    fit = nl.lmer("Reaction ~ Days + (Days + I(Days^2) | Subject)", frame("sleepstudy_slope"))
    assert str(fit.ranova()).splitlines()[4:-1] == WRAPPED


@pytest.mark.parametrize(
    ("name", "text"),
    [  # R: print(ranova(...)), third line
        ("Dyestuff_reml", "Yield ~ (1 | Batch)"),
        ("sleepstudy_noint", "Reaction ~ Days + (1 | Subject) - 1"),
        ("sleepstudy_uncorr", "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)"),
        ("Machines_nested", "score ~ Machine + (1 | Machine:Worker) + (1 | Worker)"),
        (
            "cake_interaction",
            "angle ~ recipe + temperature + (1 | recipe:replicate) + recipe:temperature",
        ),
    ],
)
def test_formula_is_written_as_r_simplifies_it(name: str, text: str) -> None:
    assert str(fitted(name).ranova()).splitlines()[3] == text


# R: ranova(lmer(Reaction ~ Days + (<term> | Subject), sleepstudy)) with f = factor(Days > 4)
TERMS = {
    "0 + f + Days": {"f": (4, -883.26), "Days": (6, -874.85)},
    "f * Days": {"f:Days": (9, -870.50)},
    "Days + I(Days^2)": {"Days": (6, -874.04), "I(Days^2)": (6, -871.81)},
}


@pytest.mark.parametrize("term", TERMS)
def test_terms_are_reduced_by_marginality_and_coded_anew(term: str) -> None:
    data = frame("sleepstudy_slope")
    data["f"] = np.where(data["Days"] > 4, "late", "early")
    found = nl.lmer(f"Reaction ~ Days + ({term} | Subject)", data).ranova().table.iloc[1:]
    expected = {f"{each} in ({term} | Subject)": n for each, n in TERMS[term].items()}
    assert dict(zip(found.index, found["npar"], strict=True)) == {
        name: npar for name, (npar, _) in expected.items()
    }
    logliks = [value for _, value in expected.values()]
    np.testing.assert_allclose(found["logLik"], logliks, atol=0.006)  # two printed decimals


def test_rows_with_missing_values_stay_out_of_reduced_models() -> None:
    # lmerTest stops here, because the reduced model would have other rows
    fit = fitted("missing_omit")
    data = frame("missing_omit").dropna()
    again = nl.lmer(fit.formula.text, data)
    np.testing.assert_allclose(
        fit.ranova().table.to_numpy(), again.ranova().table.to_numpy(), rtol=1e-9, equal_nan=True
    )


def test_mixtures_stand_beside() -> None:
    found = fitted("Machines_nested").ranova(boundary=True)
    np.testing.assert_allclose(
        found.table["Pr(>Chibarsq)"].iloc[1:], found.table["Pr(>Chisq)"].iloc[1:] / 2
    )
    slope = fitted("sleepstudy_slope").ranova(boundary=True)
    (note,) = slope.notes
    assert note.startswith("Pr(>Chibarsq) of Days in (Days | Subject): 0.5 chi2(1) + 0.5 chi2(2)")
    assert str(slope).endswith(note)
    assert "0.5 chi2(1)" in slope._repr_html_()
    assert r"\toprule" in slope.to_latex()
