"""ICC, R-squared, variance explained, design effects and standardised coefficients."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, ModelError

WITH = [name for name in names("lmer", "extras") if "icc" in case(name)["extras"]]


@pytest.mark.parametrize("name", WITH)
def test_icc_and_r2_agree_with_performance(name: str) -> None:
    extras, fit = case(name)["extras"], fitted(name)
    for found, expected in [(fit.icc(), extras["icc"]), (fit.r2(), extras["r2_nakagawa"])]:
        for key, value in expected.items():
            assert found[key] == pytest.approx(value, rel=1e-5, abs=1e-9)


def test_icc_by_group_sums_to_the_adjusted_one() -> None:
    fit = fitted("Machines_nested")
    parts = fit.icc(by_group=True)
    variances = fit.varcorr.set_index("grp")["vcov"]
    np.testing.assert_allclose(parts["Worker"], variances["Worker"] / variances.sum(), rtol=1e-12)
    assert parts.sum() == pytest.approx(fit.icc()["adjusted"], rel=1e-12)


def test_without_variance_between_clusters_nothing_is_conditional() -> None:
    fit = fitted("Dyestuff2_reml")
    assert fit.icc()["adjusted"] == pytest.approx(0.0, abs=1e-9)
    assert fit.design_effect()["design_effect"].tolist() == pytest.approx([1.0])
    assert fit.r2_parts()["within"]["e"] == pytest.approx(1.0)


# --- Rights and Sterba


def centred(seed: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(60), rng.integers(4, 12, 60))
    x, w = rng.normal(size=len(g)), rng.normal(size=60)[g]
    x -= (np.bincount(g, x) / np.bincount(g))[g]
    slope = 1 + 0.7 * rng.normal(size=60)[g]
    y = 1 + slope * x + 0.5 * w + rng.normal(size=60)[g] + rng.normal(size=len(g))
    return {"y": y, "x": x, "w": w, "g": g}


def test_centred_predictors_give_the_published_formulas() -> None:
    # Rights and Sterba (2019), equations 9 to 13, for predictors centred within clusters
    data = centred()
    fit = nl.lmer("y ~ x + w + (1 + x | g)", data)
    x, w = np.var(data["x"], ddof=1), np.var(data["w"], ddof=1)
    beta, T = fit.fixef, fit.estimates.covariances[0]
    expected = {
        "f1": beta["x"] ** 2 * x,
        "f2": beta["w"] ** 2 * w,
        "v": T[1, 1] * x,
        "m": T[0, 0],
        "e": fit.sigma**2,
    }
    found = fit.r2_parts()
    for key, value in expected.items():
        assert found.loc[key, "variance"] == pytest.approx(value, rel=1e-10)
        assert found.loc[key, "total"] == pytest.approx(value / sum(expected.values()), rel=1e-10)
    within = expected["f1"] + expected["v"] + expected["e"]
    assert found.loc["f1", "within"] == pytest.approx(expected["f1"] / within, rel=1e-10)
    assert found.loc["f2", "between"] == pytest.approx(
        expected["f2"] / (expected["f2"] + expected["m"]), rel=1e-10
    )
    np.testing.assert_allclose(found[["total", "within", "between"]].sum(), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["sleepstudy_slope", "seed_m2", "seed_m1", "sleepstudy_slope_only"]
)
def test_uncentred_predictors_keep_the_total(name: str) -> None:
    fit = fitted(name)
    parts = fit.r2_parts()
    np.testing.assert_allclose(parts[["total", "within", "between"]].sum(), 1.0, rtol=1e-12)
    n = fit.nobs
    # Johnson's mean variance has 1 / n where Rights and Sterba's covariances have 1 / (n - 1)
    random = parts.loc["v", "variance"] * (n - 1) / n + parts.loc["m", "variance"]
    share = (parts.loc[["f1", "f2"], "variance"].sum() + random) / (
        parts["variance"].sum() - parts.loc["v", "variance"] / n
    )
    assert share == pytest.approx(fit.r2()["conditional"], rel=1e-12)


def test_parts_recover_a_population() -> None:
    truth = nl.Population(
        "y ~ X + W + (1 + X | g)",
        fixed={"(Intercept)": 0, "X": 1, "W": 0.5},
        random={"g": nl.cov([[1, 0], [0, 0.5]])},
        residual=2,
        predictors={"X": nl.normal(0, 1), "W": nl.normal(0, 2, level="g")},
    )
    parts = nl.lmer("y ~ X + W + (1 + X | g)", truth.simulate(nl.nested(g=2000, id=20), seed=4))
    # f1 = 1, f2 = 0.25 * 4, v = 0.5, m = 1, e = 2; standard errors of about 3 % at 2,000 clusters
    np.testing.assert_allclose(parts.r2_parts()["variance"], [0.95, 1.05, 0.5, 1, 2], rtol=0.1)


def test_parts_need_two_levels() -> None:
    with pytest.raises(ModelError, match=r"fit\.r2"):
        fitted("Machines_nested").r2_parts()


# --- reduction of variance


def test_variance_explained() -> None:
    fit, null = fitted("seed_m1"), nl.lmer("y ~ 1 + (1 | Cluster)", frame("seed_m1"))
    found = fit.variance_explained(null)
    old, new = null.varcorr["vcov"], fit.varcorr["vcov"]  # cluster, residual
    assert found.loc["Cluster", "raudenbush_bryk"] == pytest.approx(1 - new[0] / old[0])
    assert found.loc["Residual", "raudenbush_bryk"] == pytest.approx(1 - new[1] / old[1])
    # Snijders and Bosker (2012), equations 7.2 and 7.4, all clusters of 50 rows
    size = fit.nobs / fit.n_groups["Cluster"]
    assert found.loc["Residual", "snijders_bosker"] == pytest.approx(1 - new.sum() / old.sum())
    assert found.loc["Cluster", "snijders_bosker"] == pytest.approx(
        1 - (new[1] / size + new[0]) / (old[1] / size + old[0])
    )


def test_variance_explained_of_several_levels() -> None:
    null = nl.lmer("y ~ 1 + (1 | district/school)", frame("threelevel_interceptonly"))
    found = fitted("threelevel_interceptonly").variance_explained(null)
    assert set(found.index) == {"Residual", "school:district", "district"}
    assert "snijders_bosker" not in found


def test_variance_explained_needs_the_same_levels() -> None:
    data = frame("Machines_nested")
    fit = fitted("Machines_nested")
    with pytest.raises(ModelError, match="same grouping factors"):
        fit.variance_explained(nl.lmer("score ~ 1 + (1 | Worker)", data))
    with pytest.raises(ModelError, match="no random intercept"):
        fit.variance_explained(nl.lmer("score ~ 1 + (0 + Machine | Worker)", data))
    with pytest.raises(ArgumentTypeError, match="null is of type float"):
        fit.variance_explained(0.5)


def test_design_effect() -> None:
    fit = nl.lmer("y ~ 1 + (1 | g)", centred())
    sizes = np.bincount(centred()["g"])
    row = fit.design_effect().loc["g"]
    assert row["size"] == pytest.approx((sizes**2).sum() / sizes.sum())
    assert row["design_effect"] == pytest.approx(1 + (row["size"] - 1) * fit.icc()["adjusted"])
    assert row["effective_n"] == pytest.approx(fit.nobs / row["design_effect"])


# --- standardised coefficients


def zscores(data, *columns):
    return data.assign(**{c: (data[c] - data[c].mean()) / data[c].std() for c in columns})


def test_refit_is_the_fit_of_standardised_data() -> None:
    data = zscores(frame("seed_m1"), "y", "X", "Z")
    for name in ("seed_m1", "seed_m1_slope"):
        fit = fitted(name)
        by_hand = nl.lmer(fit.formula.text, data)
        found = fit.standardised()
        np.testing.assert_allclose(found["estimate"], by_hand.fixef, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(found["se"], by_hand.se, rtol=1e-6)


def test_refit_leaves_factors_and_takes_transformations_as_variables() -> None:
    found = fitted("Orthodont_sex").standardised()
    expected = nl.lmer(
        "distance ~ age * Sex + (age | Subject)", zscores(frame("Orthodont_sex"), "age", "distance")
    )
    np.testing.assert_allclose(found["estimate"], expected.fixef, rtol=1e-7, atol=1e-10)
    log = fitted("sleepstudy_log").standardised()
    data = frame("sleepstudy_log")
    data = zscores(data.assign(r=np.log(data["Reaction"])), "r", "Days")
    by_hand = nl.lmer("r ~ Days + (1 | Subject)", data)
    np.testing.assert_allclose(log["estimate"], by_hand.fixef, rtol=1e-7, atol=1e-10)


def test_without_interactions_refit_and_posthoc_agree() -> None:
    fit = fitted("Orthodont_int")
    refit, posthoc = fit.standardised(), fit.standardised("posthoc")
    np.testing.assert_allclose(refit["estimate"].iloc[1:], posthoc["estimate"].iloc[1:], rtol=1e-7)
    data = frame("Orthodont_int")
    basic = fit.standardised("basic")["estimate"]
    dummy = (data["Sex"] == data["Sex"].cat.categories[1]).std()
    assert basic.iloc[2] == pytest.approx(posthoc["estimate"].iloc[2] * dummy, rel=1e-12)
    assert basic.iloc[0] == 0.0


def test_posthoc_scales_interactions_by_their_numeric_variables() -> None:
    fit, data = fitted("Orthodont_sex"), frame("Orthodont_sex")
    ratio = fit.standardised("posthoc")["estimate"] / fit.fixef
    spread = data["age"].std() / data["distance"].std()
    np.testing.assert_allclose(ratio.iloc[[1, 3]], spread, rtol=1e-12)
    assert ratio.iloc[2] == pytest.approx(1 / data["distance"].std())


def test_a_basis_counts_with_its_columns() -> None:
    fit = fitted("sleepstudy_poly")
    a, b = fit.standardised("posthoc"), fit.standardised("basic")
    np.testing.assert_allclose(a.to_numpy(), b.to_numpy())


def test_unknown_ways_to_standardise_are_refused() -> None:
    with pytest.raises(ArgumentError, match="posthoc"):
        fitted("sleepstudy_slope").standardised("post-hoc")
