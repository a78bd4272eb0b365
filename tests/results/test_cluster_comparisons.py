"""Comparisons between clusters against the dense formulas of the conditional distribution."""

from statistics import NormalDist

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results import cluster_comparisons
from nestling.results.cluster_comparisons import overlap_factor
from nestling.results.level_covariances import level_covariance
from reference_cases import fitted


def data():
    rng = np.random.default_rng(6)
    g, h = np.repeat(np.arange(9), 8), np.tile(np.arange(4), 18)
    x = rng.normal(size=72)
    y = x + rng.normal(size=9)[g] * (1 + x) + rng.normal(size=4)[h] + rng.normal(size=72)
    return {"y": y, "x": x, "g": g, "h": h, "room": g * 2 + (np.arange(72) % 8 > 3)}


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x + (1 | g)",
        "y ~ x + (x | g)",
        "y ~ x + (x || g)",
        "y ~ x + (1 | g) + (1 | h)",
        "y ~ x + (x | g) + (1 | room)",
    ],
)
@pytest.mark.parametrize("beta_known", [True, False])
def test_dense_conditional_covariance(formula, beta_known):
    """sigma^2 (Sigma - Sigma Z'PZ Sigma), P = V^-1 less what X explains when beta is estimated."""
    fit = nl.lmer(formula, data())
    X = np.column_stack([np.broadcast_to(c, 72) for c in fit.matrices.columns])
    blocks, Sigmas, places, start = [], [], [], 0
    for term, T in zip(fit.matrices.random, fit.estimates.roots, strict=True):
        J, k = len(term.levels), len(term.names)
        Z = np.zeros((72, k, J))
        for a, column in enumerate(term.columns):
            Z[np.arange(72), a, term.codes] = column
        blocks.append(Z.reshape(72, k * J))
        Sigmas.append(np.kron(T @ T.T, np.eye(J)))
        places.append(start)
        start += k * J
    Z = np.concatenate(blocks, axis=1)
    Sigma = np.zeros((start, start))
    for at, part in zip(places, Sigmas, strict=True):
        Sigma[at : at + len(part), at : at + len(part)] = part
    inverse = np.linalg.inv(np.eye(72) + Z @ Sigma @ Z.T)
    if not beta_known:
        inverse = inverse - inverse @ X @ np.linalg.inv(X.T @ inverse @ X) @ X.T @ inverse
    whole = fit.sigma**2 * (Sigma - Sigma @ Z.T @ inverse @ Z @ Sigma)
    for t, term in enumerate(fit.matrices.random):
        J = len(term.levels)
        for k in range(len(term.names)):
            levels = np.array([0, 2, 3])
            at = places[t] + k * J + levels
            found = level_covariance(fit, t, k, levels, beta_known=beta_known)
            scale = np.abs(whole[np.ix_(at, at)]).max()
            np.testing.assert_allclose(found, whole[np.ix_(at, at)], atol=1e-9 * scale)


def test_differences():
    fit = nl.lmer("y ~ x + (1 | g)", data())
    found = fit.compare_clusters()
    modes = fit.ranef(cond_var=True)["g"]
    variance = modes.attrs["cond_var"][:, 0, 0]
    assert len(found.table) == 36
    row = found.table.iloc[9]  # 0 with 1 .. 8, then 1 with 2, 1 with 3
    assert (row["first"], row["second"]) == (1, 3)
    assert row["difference"] == pytest.approx(modes.iloc[1, 0] - modes.iloc[3, 0], rel=1e-12)
    # levels of the only factor are independent given beta
    assert row["se"] == pytest.approx(np.sqrt(variance[1] + variance[3]), rel=1e-12)
    z = row["difference"] / row["se"]
    assert row["p"] == pytest.approx(2 * NormalDist().cdf(-abs(z)), rel=1e-9)
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.959963984540054 * row["se"])
    bonferroni = fit.compare_clusters(adjust="bonferroni").table["p"]
    np.testing.assert_allclose(bonferroni, np.minimum(1, 36 * found.table["p"]))
    tukey = fit.compare_clusters(adjust="tukey").table
    assert (found.table["p"] <= tukey["p"] + 1e-12).all()
    assert (tukey["p"] <= bonferroni + 1e-9).all()
    # qtukey(0.95, 9, Inf) = 4.386509
    half = (tukey["upper"] - tukey["lower"]) / tukey["se"] / 2
    np.testing.assert_allclose(half, 4.386509 / np.sqrt(2), rtol=1e-6)


def test_balanced_intercepts_covary_through_the_mean():
    """In a balanced one-way layout the estimated mean shifts all clusters alike."""
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(8), 5)
    y = 2 * rng.normal(size=8)[g] + rng.normal(size=40)
    fit = nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})
    known = fit.compare_clusters(level=0.9)
    estimated = fit.compare_clusters(beta_known=False, level=0.9)
    np.testing.assert_allclose(known.table["se"], estimated.table["se"], rtol=1e-9)
    tau2, sigma2 = fit.varcorr["vcov"]
    shrink = tau2 / (tau2 + sigma2 / 5)
    np.testing.assert_allclose(known.table["se"], np.sqrt(2 * shrink * sigma2 / 5), rtol=1e-9)
    np.testing.assert_allclose(
        estimated.intervals["sd"] ** 2,
        shrink * sigma2 / 5 + shrink**2 * (tau2 + sigma2 / 5) / 8,
        rtol=1e-9,
    )


def test_overlap():
    """Goldstein and Healy (1995): 1.39 for equal SDs; on average right for others."""
    assert overlap_factor(np.full(5, 0.3), 0.95) == pytest.approx(1.959963984540054 / np.sqrt(2))
    sd = np.array([0.1, 0.5, 2.0])
    z = overlap_factor(sd, 0.9)
    rates = [
        2 * NormalDist().cdf(-z * (sd[i] + sd[j]) / np.hypot(sd[i], sd[j]))
        for i, j in [(0, 1), (0, 2), (1, 2)]
    ]
    assert np.mean(rates) == pytest.approx(0.1, rel=1e-9)
    assert overlap_factor(np.zeros(3), 0.95) == pytest.approx(1.959963984540054 / np.sqrt(2))


def test_overlap_of_many(monkeypatch):
    sd = np.random.default_rng(1).uniform(0.5, 2.0, 300)
    exact = overlap_factor(sd, 0.95)
    monkeypatch.setattr(cluster_comparisons, "MOST", 100)
    assert overlap_factor(sd, 0.95) == pytest.approx(exact, rel=1e-3)


def test_pairs_and_labels():
    fit = fitted("sleepstudy_slope")
    found = fit.compare_clusters("Subject", "Days", pairs=[("308", "309"), ("330", "308")])
    assert found.table["first"].astype(str).tolist() == ["308", "330"]
    assert found.intervals.index.astype(str).tolist() == ["308", "309", "330"]
    assert str(found).splitlines()[1].split()[:3] == ["first", "second", "difference"]
    assert "<table" in found._repr_html_()


def test_zero_variance():
    """No cluster differs, and there is no test of that."""
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(12), 4)
    y = rng.normal(size=48)
    y = y - np.repeat(y.reshape(12, 4).mean(axis=1), 4)
    fit = nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})
    assert fit.is_singular
    found = fit.compare_clusters(pairs=[(0, 1)]).table
    assert found["difference"][0] == 0.0
    assert np.isnan(found[["z", "p", "lower", "upper"]].to_numpy()).all()


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"group": "Subjec"}, ArgumentError, "Subject"),
        ({"effect": "Day"}, ArgumentError, "Days"),
        ({"adjust": "tuckey"}, ArgumentError, "tukey"),
        ({"pairs": []}, ArgumentError, "empty"),
        ({"pairs": [("308", "999")]}, ArgumentError, "999"),
        ({"pairs": [("308",)]}, ArgumentError, "two levels"),
        ({"pairs": ["308"]}, ArgumentTypeError, "pairs of levels"),
        ({"level": 2}, ArgumentError, "level"),
    ],
)
def test_mistakes(arguments, error, match):
    with pytest.raises(error, match=match):
        fitted("sleepstudy_slope").compare_clusters(**arguments)


def test_several_factors_and_many_levels(monkeypatch):
    with pytest.raises(ArgumentError, match="several grouping factors"):
        fitted("Penicillin").compare_clusters()
    monkeypatch.setattr(cluster_comparisons, "MOST", 5)
    with pytest.raises(ArgumentError, match="too many to compare"):
        fitted("Penicillin").compare_clusters("plate")
