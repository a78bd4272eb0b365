"""Recovery: measures by their definitions, coverage by what intervals promise."""

import numpy as np
import pytest

import nestling as nl
from nestling.studies.recovery import performance, recovery

TRUTH = nl.Population(
    "y ~ X + (X | g)",
    {"(Intercept)": 2, "X": 0.5},
    {"g": nl.cov([[1.0, 0.3], [0.3, 0.5]])},
    1.0,
    predictors={"X": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=30, id=8)


def test_measures_by_their_definitions():
    values = np.random.default_rng(1).normal(3.0, 2.0, size=(500, 1))
    found = performance(values, np.array([2.5]))
    x = values[:, 0]
    assert found["bias"][0] == pytest.approx(x.mean() - 2.5)
    assert found["mcse_bias"][0] == pytest.approx(x.std(ddof=1) / np.sqrt(500))
    assert found["emp_se"][0] == pytest.approx(x.std(ddof=1))
    assert found["mcse_emp_se"][0] == pytest.approx(x.std(ddof=1) / np.sqrt(2 * 499))
    assert found["rmse"][0] == pytest.approx(np.sqrt(((x - 2.5) ** 2).mean()))
    assert found["relative_bias"][0] == pytest.approx((x.mean() - 2.5) / 2.5)


def test_reml_recovers_the_truth():
    study = recovery(TRUTH, DESIGN, 3000, predictors="fixed", seed=2)
    table = study.table
    assert table.index.name == "effect"
    fixed = table.loc[["(Intercept)", "X"]]
    # fixed effects are unbiased; five Monte-Carlo standard errors
    assert (fixed["bias"].abs() < 5 * fixed["mcse_bias"]).all()
    assert (fixed["relative_se"].abs() < 0.06).all()
    assert ((fixed["coverage"] - 0.95).abs() < 5 * np.sqrt(0.95 * 0.05 / 3000)).all()
    # SDs are biased by the curvature of the root only: a quarter of their squared relative error
    spreads = table.drop(["(Intercept)", "X", "cor_X.(Intercept)|g"])
    allowed = 0.5 * spreads["emp_se"] ** 2 / spreads["truth"] + 5 * spreads["mcse_bias"]
    assert (spreads["bias"].abs() < allowed).all()


def test_variances_average_to_the_truth():
    study = recovery(TRUTH, DESIGN, 3000, predictors="fixed", seed=3)
    names = study.names.spreads
    position = names.index("sd_(Intercept)|g")
    squares = study.replicates.spreads[:, position] ** 2
    # REML is not exactly unbiased on unbalanced data, but nearly so away from the boundary
    assert abs(squares.mean() - 1.0) < 5 * squares.std() / np.sqrt(3000) + 0.01


def test_singular_fits_are_counted():
    truth = TRUTH.replace(random={"g": nl.cov([[0.02, 0.0], [0.0, 0.02]])})
    study = recovery(truth, nl.nested(g=6, id=4), 60, predictors="fixed", seed=4)
    assert study.replicates.count("singular") > 0
    assert study.table["at_zero"].max() > 0
    assert "singular" in str(study)


def test_several_tests_stand_side_by_side():
    study = recovery(TRUTH, nl.nested(g=8, id=6), 30, test=["z", "kenward-roger"], seed=5)
    table = study.table
    assert table["test"].dropna().tolist() == ["z", "z", "kenward-roger", "kenward-roger"]
    wide = table[table["test"] == "kenward-roger"]["coverage"]
    assert (wide >= table[table["test"] == "z"]["coverage"]).all()


def test_bad_level_is_refused():
    with pytest.raises(nl.errors.ArgumentError, match="level"):
        recovery(TRUTH, DESIGN, 10, level=95)


def test_variances_and_iccs_follow_from_the_sds():
    study = recovery(TRUTH, DESIGN, 200, predictors="fixed", seed=3)
    table, spreads = study.table, study.replicates.spreads
    position = study.names.spreads.index("sd_X|g")
    assert table.loc["var_X|g", "mean"] == pytest.approx((spreads[:, position] ** 2).mean())
    assert table.loc["var_X|g", "truth"] == pytest.approx(0.5)
    assert table.loc["sigma^2", "truth"] == pytest.approx(1.0)
    assert table.loc["icc_g", "truth"] == pytest.approx(1.0 / 2.0)
    sd, sigma = spreads[:, study.names.spreads.index("sd_(Intercept)|g")], spreads[:, -1]
    assert table.loc["icc_g", "mean"] == pytest.approx((sd**2 / (sd**2 + sigma**2)).mean())
    assert table["bias"].notna().all()
