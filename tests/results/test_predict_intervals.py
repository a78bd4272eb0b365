"""Prediction errors against dense mixed-model equations, lme4's fixed part, and simulation."""

import numpy as np
import pandas as pd
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, DataError

WITH = [
    name
    for name in names("lmer", "predict")
    if "newdata" in case(name)["predict"] and case(name)["predict"].get("se_fixed_part")
]
DENSE = [
    "seed_m2", "Penicillin", "Pastes_nested", "threelevel_sid", "threelevel_full", "unbal_weights",
    "Machines_full", "Machines_unbalanced", "cake_interaction", "contr_triple", "corr1",
    "rankdef_ab", "Dyestuff2_reml", "sleepstudy_slope_ml",
]  # fmt: skip


def new_rows(name):
    data = pd.DataFrame(case(name)["predict"]["newdata"])
    for column in data:
        if "levels" in case(name)["columns"].get(column, {}):
            data[column] = data[column].astype(str)
    return data


def dense(fit, X, Z, known):
    """Variances of prediction errors from the inverse of Henderson's coefficient matrix.

    X (m, p) and Z (one (m, k) and codes per term) of new rows; `known` says which terms count.
    """
    matrices, estimates = fit.matrices, fit.estimates
    w = np.ones(fit.nobs) if matrices.weights is None else matrices.weights
    fixed = np.column_stack([matrices.columns[j] for j in fit.basis.kept])
    blocks, Sigma = [fixed], []
    for term, covariance in zip(matrices.random, estimates.covariances, strict=True):
        J, k = len(term.levels), len(term.names)
        full = np.zeros((fit.nobs, J * k))
        for a in range(k):
            full[np.arange(fit.nobs), term.codes * k + a] = term.columns[a]
        blocks.append(full)
        Sigma.append(np.kron(np.eye(J), covariance))
    W = np.hstack(blocks)
    p, q = fixed.shape[1], W.shape[1] - fixed.shape[1]
    # with G = Sigma^(1/2) the equations exist for singular Sigma too: b = G u
    G = np.zeros((q, q))
    start = 0
    for S in Sigma:
        values, vectors = np.linalg.eigh(S)
        part = slice(start, start + len(S))
        G[part, part] = vectors * np.sqrt(np.maximum(values, 0.0))
        start += len(S)
    T = np.eye(p + q)
    T[p:, p:] = G
    left = T.T @ (W.T * w) @ W @ T / estimates.sigma**2
    left[p:, p:] += np.eye(q)
    C = T @ np.linalg.inv(left) @ T.T
    rows = np.zeros((len(X), p + q))
    rows[:, :p] = X
    start, extra = p, np.zeros(len(X))
    for i, (term, (z, codes)) in enumerate(zip(matrices.random, Z, strict=True)):
        k = len(term.names)
        if i in known:
            for r, code in enumerate(codes):
                if code >= 0:
                    rows[r, start + code * k : start + (code + 1) * k] += z[r]
                else:
                    extra[r] += z[r] @ estimates.covariances[i] @ z[r]
        start += len(term.levels) * k
    return np.einsum("ri,ij,rj->r", rows, C, rows) + extra


def made_up(fit, seed):
    """Rows of the data with the levels of every grouping factor dealt out again, some unseen."""
    rng = np.random.default_rng(seed)
    matrices = fit.matrices
    take = rng.integers(fit.nobs, size=12)
    X = np.column_stack([matrices.columns[j][take] for j in fit.basis.kept])
    Z = [
        (
            np.column_stack([column[take] for column in term.columns]),
            rng.integers(-1, len(term.levels), size=12),
        )
        for term in matrices.random
    ]
    return take, X, Z


@pytest.mark.parametrize("name", WITH)
def test_fixed_part_against_lme4(name):
    found = fitted(name).predict(new_rows(name), random=False, se=True)
    expected = np.array(case(name)["predict"]["se_fixed_part"])
    # standard errors are asked for at 1e-7; a dozen digits are printed
    assert found["se"].to_numpy() == pytest.approx(expected, rel=1e-6)
    assert np.allclose(found["fit"], case(name)["predict"]["re_form_NA"], rtol=1e-6)


@pytest.mark.parametrize("name", DENSE)
def test_own_rows_against_dense_equations(name):
    fit = fitted(name)
    X = np.column_stack([fit.matrices.columns[j] for j in fit.basis.kept])[:40]
    Z = [
        (np.column_stack([c[:40] for c in term.columns]), term.codes[:40])
        for term in fit.matrices.random
    ]
    found = fit.predict(se=True)["se"].to_numpy()[:40]
    expected = dense(fit, X, Z, set(range(len(Z))))
    # the dense equations lose digits: condition numbers up to 1e8
    assert found**2 == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", DENSE)
def test_levels_that_never_met_and_unseen_ones(name):
    from nestling.model.matrices import NewRows, RandomTerm
    from nestling.results.prediction_variance import prediction_variance

    fit = fitted(name)
    matrices = fit.matrices
    take, X, Z = made_up(fit, seed=5)
    terms = [
        RandomTerm(term.group, term.names, tuple(z.T), codes, term.levels)
        for term, (z, codes) in zip(matrices.random, Z, strict=True)
    ]
    # terms of one factor have one level
    first = {term.group: each for term, each in reversed(list(zip(terms, Z, strict=True)))}
    terms = [RandomTerm(t.group, t.names, t.columns, first[t.group][1], t.levels) for t in terms]
    Z = [(z, t.codes) for (z, _), t in zip(Z, terms, strict=True)]
    columns = tuple(column[take] for column in matrices.columns)
    rows = NewRows(columns, tuple(terms), None, len(take))
    for known in ({0}, set(range(len(terms)))):
        found = prediction_variance(fit, rows, {i: terms[i] for i in known})
        assert found == pytest.approx(dense(fit, X, Z, known), rel=1e-7)


@pytest.mark.parametrize("name", ["Pastes_nested", "Penicillin", "threelevel_full"])
def test_structures_for_many_effects(name, monkeypatch):
    """The same variances whichever structure solves the equations."""
    few = fitted(name).predict(se=True)["se"].to_numpy()
    monkeypatch.setattr("nestling.fit.choose.DENSE_EFFECTS", 0)
    options = case(name)["options"]
    fit = nl.lmer(case(name)["formula"], frame(name), reml=options["REML"])
    assert fit.predict(se=True)["se"].to_numpy() == pytest.approx(few, rel=1e-6)


def test_intervals_add_what_a_new_response_adds():
    fit = fitted("unbal_weights")
    data = frame("unbal_weights")
    weight = case("unbal_weights")["options"]["weights"]
    new = data.iloc[:5]
    mean = fit.predict(new, interval="confidence", level=0.9)
    response = fit.predict(new, interval="prediction", level=0.9)
    z = 1.6448536269514722
    assert (mean["upper"] - mean["fit"]).to_numpy() == pytest.approx(z * mean["se"].to_numpy())
    wide = ((response["upper"] - response["fit"]) / z) ** 2 - mean["se"] ** 2
    assert wide.to_numpy() == pytest.approx((fit.sigma**2 / new[weight]).to_numpy(), rel=1e-9)
    marginal = fit.predict(new, random=False, interval="prediction", level=0.9)
    z_rows = np.column_stack([np.ones(5), new["x"]])
    expected = np.einsum("ni,ij,nj->n", z_rows, fit.estimates.covariances[0], z_rows)
    wide = ((marginal["upper"] - marginal["fit"]) / z) ** 2 - marginal["se"] ** 2
    assert wide.to_numpy() == pytest.approx(
        (expected + fit.sigma**2 / new[weight]).to_numpy(), rel=1e-9
    )


def test_population_rows_need_no_cluster():
    found = fitted("seed_m2").predict({"X": [0.0, 1.0]}, random=False, interval="prediction")
    assert found.columns.tolist() == ["fit", "se", "lower", "upper"]


def test_closed_form_of_a_balanced_one_way_design():
    """BLUP of a cluster in the balanced one-way model: textbook variance of its error."""
    fit = fitted("Dyestuff_reml")
    sigma2, tau2 = fit.sigma**2, float(fit.estimates.covariances[0][0, 0])
    J, n = 6, 5
    shrink = n * tau2 / (n * tau2 + sigma2)
    own = tau2 * (1 - shrink) + (1 - shrink) ** 2 * (tau2 + sigma2 / n) / J
    assert fit.predict(se=True)["se"].to_numpy() == pytest.approx(np.sqrt(own), rel=1e-8)


def test_coverage_of_prediction_intervals():
    """New responses, of known and of new clusters, fall inside as often as promised."""
    truth = nl.Population(
        "y ~ X + (1 + X | g)",
        fixed={"(Intercept)": 2, "X": 1},
        random={"g": nl.cov([[1, 0.2], [0.2, 0.5]])},
        residual=1,
        predictors={"X": nl.normal(0, 1)},
    )
    inside = {"known": 0, "new": 0}
    rng = np.random.default_rng(8)
    total = 0
    for seed in range(40):
        data = truth.simulate(nl.nested(g=25, id=12), seed=seed)
        # the last two rows of every cluster are kept back; the last five clusters too
        last = data.groupby("g").cumcount() >= 10
        cluster = data["g"].rank(method="dense") > 20
        fit = nl.lmer("y ~ X + (1 + X | g)", data[~last & ~cluster])
        for which, held in (("known", data[last & ~cluster]), ("new", data[cluster])):
            part = held.iloc[rng.permutation(len(held))[:40]]
            limits = fit.predict(part, random=which == "known", interval="prediction", level=0.9)
            hit = (part["y"] > limits["lower"]) & (part["y"] < limits["upper"])
            inside[which] += int(hit.sum())
        total += 40
    # 1600 rows; those of a new cluster share its effects: some 200 independent clusters
    assert abs(inside["known"] / total - 0.9) < 4 * np.sqrt(0.09 / 1600)
    assert abs(inside["new"] / total - 0.9) < 4 * np.sqrt(0.09 / 200)


@pytest.mark.parametrize("random", [True, False])
@pytest.mark.parametrize("name", ["sleepstudy_slope", "Dyestuff_reml"])
def test_bootstrap_agrees_with_the_formula_where_variances_matter_little(name, random):
    fit = fitted(name)
    new = frame(name).iloc[[0, 10, 25]]
    for interval in ("confidence", "prediction"):
        formula = fit.predict(new, random=random, interval=interval)
        boot = fit.predict(new, random=random, interval=interval, method="boot", n_sims=400, seed=1)
        # SDs of 400 draws have a standard error of 3.5 %; variances estimated anew add a little
        assert boot["se"].to_numpy() == pytest.approx(formula["se"].to_numpy(), rel=0.18)
        width = (boot["upper"] - boot["lower"]) / (formula["upper"] - formula["lower"])
        assert np.allclose(width, 1.0, atol=0.22)


def test_bootstrap_repeats_with_its_seed_and_draws_unseen_levels():
    fit = fitted("seed_m2")
    new = {"X": [0.0, 1.0], "Cluster": ["none", "1"]}
    options = {"new_levels": "zero", "se": True, "method": "boot", "n_sims": 200, "seed": 3}
    first = fit.predict(new, **options)
    assert first.equals(fit.predict(new, **options))
    formula = fit.predict(new, new_levels="zero", se=True)
    assert first["se"].to_numpy() == pytest.approx(formula["se"].to_numpy(), rel=0.25)


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_limits_of_a_population_mean_by_degrees_of_freedom(ddf):
    fit = fitted("sleepstudy_slope")
    found = fit.predict({"Days": [0.0, 4.0, np.nan]}, random=False, interval="confidence", ddf=ddf)
    means = fit.emmeans("Days", at={"Days": [0, 4]}, ddf=ddf).table
    assert np.allclose(found.iloc[:2, 1], means["SE"], rtol=1e-10)
    assert np.allclose(found.iloc[:2, 2:], means[["lower.CL", "upper.CL"]], rtol=1e-10)
    assert found.iloc[2].isna().all()


def test_missing_predictors_give_missing_limits():
    found = fitted("seed_m2").predict({"X": [np.nan, 1.0], "Cluster": [1, 1]}, se=True)
    assert found["se"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"interval": "confidance"}, ArgumentError, "Did you mean 'confidence'"),
        ({"interval": "prediction", "level": 95}, ArgumentError, "between 0 and 1"),
        ({"se": True, "ddf": "satterthwaite"}, ArgumentError, "random=False"),
        ({"se": True, "method": "bot"}, ArgumentError, "Did you mean 'boot'"),
        ({"se": True, "method": "boot", "n_sims": 1}, ArgumentError, "at least 2"),
        ({"newdata": {"X": [0.0], "Cluster": ["?"]}, "se": True}, DataError, "not seen"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fitted("seed_m2").predict(**arguments)


def test_model_without_fixed_effects_has_intervals():
    noise = np.random.default_rng(4).normal(size=(2, 30))
    data = {"g": np.repeat(np.arange(5), 6), "y": noise[0] + np.repeat(noise[1, :5] * 3, 6)}
    fit = nl.lmer("y ~ 0 + (1 | g)", data)
    mean = fit.predict(random=False, interval="confidence", ddf="kenward-roger")
    assert (mean == 0.0).all(axis=None)
    # the conditional variance of a mode, by its formula
    shrunk = 1.0 / (6.0 / fit.sigma**2 + 1.0 / (fit.theta[0] * fit.sigma) ** 2)
    found = fit.predict(interval="confidence")
    np.testing.assert_allclose(found["se"], np.sqrt(shrunk), rtol=1e-9)
    limits = fit.confint(method="boot", n_sims=20, seed=1)
    assert limits.notna().all(axis=None)
