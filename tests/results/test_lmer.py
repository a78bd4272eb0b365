"""`lmer` against R's lme4 at the tight optimum, at the tolerances tests/reference states."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.reference_cases import case, fitted, head, matrix, names

import nestling as nl

LMER = names("lmer")


@pytest.mark.parametrize("name", LMER)
def test_criterion(name):
    fit, results = fitted(name), case(name)["results"]
    # 1e-9 relative or 1e-7 absolute: two exact optimisers differ by rounding of sums only
    assert fit.criterion == pytest.approx(results["criterion"], rel=1e-9, abs=1e-7)
    assert fit.loglik == pytest.approx(results["logLik"], rel=1e-9, abs=1e-7)
    assert fit.aic == pytest.approx(results["AIC"], rel=1e-9, abs=1e-7)
    assert fit.bic == pytest.approx(results["BIC"], rel=1e-9, abs=1e-7)
    assert (fit.n_parameters, fit.nobs) == (results["df"], results["nobs"])
    assert fit.df_residual == results["df_residual"]


@pytest.mark.parametrize("name", LMER)
def test_fixed_effects(name):
    fit, results = fitted(name), case(name)["results"]
    assert list(fit.fixef.index) == list(results["fixef"])
    se = np.array(list(results["se"].values()))
    difference = fit.fixef.to_numpy() - np.array(list(results["fixef"].values()))
    assert np.abs(difference / se).max() < 1e-7
    assert fit.se.to_numpy() == pytest.approx(se, rel=1e-7)
    vcov = matrix(results["vcov"])
    scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    assert np.abs((fit.vcov.to_numpy() - vcov) / scale).max() < 1e-7


@pytest.mark.parametrize("name", LMER)
def test_variance_components(name):
    fit, results = fitted(name), case(name)["results"]
    table = results["varcorr"]["table"]
    singular = results["isSingular"]
    assert fit.is_singular == singular
    assert fit.varcorr["grp"].tolist() == table["grp"]
    assert [v if isinstance(v, str) else None for v in fit.varcorr["var1"]] == table["var1"]
    assert [v if isinstance(v, str) else None for v in fit.varcorr["var2"]] == table["var2"]
    # relative to sigma^2; zero variances of singular fits have no relative precision
    scale = max(np.abs(np.array(table["vcov"], dtype=float)).max(), results["sigma"] ** 2)
    ours, theirs = fit.varcorr["vcov"].to_numpy(), np.array(table["vcov"], dtype=float)
    assert np.abs(ours - theirs).max() < (1e-5 if singular else 1e-6) * scale
    assert fit.sigma == pytest.approx(results["sigma"], rel=1e-6)
    if not singular:
        theta = np.array(list(results["theta"].values()))
        assert fit.theta == pytest.approx(theta, rel=1e-6, abs=1e-6 * np.abs(theta).max())
        sdcor = np.array(table["sdcor"], dtype=float)
        assert fit.varcorr["sdcor"].to_numpy() == pytest.approx(sdcor, rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("name", LMER)
def test_rows(name):
    fit, results = fitted(name), case(name)["results"]
    tolerance = 1e-6 * results["sigma"]
    for entry, ours in (
        (results["fitted"], fit.fitted),
        (results["resid"], fit.residuals()),
    ):
        theirs = head(entry)
        assert np.abs(ours[: len(theirs)] - theirs).max() < tolerance
    pearson = head(results["resid_pearson"])
    assert np.abs(fit.residuals("pearson")[: len(pearson)] - pearson).max() < tolerance


@pytest.mark.parametrize("name", LMER)
def test_groups_are_counted_and_ordered_as_in_lme4(name):
    assert list(fitted(name).n_groups.items()) == list(case(name)["results"]["ngrps"].items())


@pytest.mark.parametrize("name", names("lmer", "ml_refit"))
def test_other_criterion(name):
    fit, expected = fitted(name).refitted(reml=False), case(name)["ml_refit"]
    assert fit.criterion == pytest.approx(expected["deviance"], rel=1e-9, abs=1e-7)
    assert fit.sigma == pytest.approx(expected["sigma"], rel=1e-6)
    theirs = np.array(list(expected["fixef"].values()))
    se = np.array(list(expected["se"].values()))
    assert np.abs((fit.fixef.to_numpy() - theirs) / se).max() < 1e-7
    assert fit.se.to_numpy() == pytest.approx(se, rel=1e-7)


@pytest.mark.parametrize("name", LMER)
def test_matrices(name):
    structure, matrices = case(name)["structure"], fitted(name).matrices
    kept = fitted(name).basis.kept
    X = np.column_stack([matrices.columns[j] for j in kept])
    assert list(fitted(name).coefficient_names) == structure["X_columns"]
    expected = matrix(structure["X_head"])
    scale = np.maximum(np.abs(X).max(axis=0), 1e-300)
    assert np.abs((X[: len(expected)] - expected) / scale).max() < 1e-12
    sums = np.array(structure["X_colsumsq"], dtype=float)
    assert (X**2).sum(axis=0) == pytest.approx(sums, rel=1e-12)
    assert [list(term.names) for term in matrices.random] == structure["term_columns"]


def test_rank_deficiency_names_the_column():
    fit = fitted("rankdef_x")
    assert fit.dropped == ("x_copy",)


@pytest.mark.parametrize(
    ("random", "twice"),
    [("(1 | g) + (1 | g)", "(Intercept)"), ("(x | g) + (0 + x | g)", "x")],
)
def test_a_random_effect_in_two_terms_is_refused(random, twice):
    rng = np.random.default_rng(5)
    data = {"y": rng.normal(size=60), "x": rng.normal(size=60), "g": np.arange(60) // 6}
    with pytest.raises(nl.errors.ModelError, match="stands in two terms") as refusal:
        nl.lmer(f"y ~ x + {random}", data)
    assert repr(twice) in str(refusal.value)


@pytest.mark.parametrize("kind", ["pandas", "polars", "dict"])
def test_a_fit_can_be_pickled(kind):
    rng = np.random.default_rng(6)
    data = {"y": rng.normal(size=60), "x": rng.normal(size=60), "g": np.arange(60) // 6}
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "dict": dict}[kind](data)
    fit = nl.lmer("y ~ poly(x, 2) + (1 | g)", frame)
    again = pickle.loads(pickle.dumps(fit))
    assert np.array_equal(again.theta, fit.theta)
    assert again.refit(data["y"]).criterion == pytest.approx(fit.criterion, rel=1e-12)
