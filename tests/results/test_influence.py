import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, kstest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, NestlingWarning
from reference_cases import case, fitted, frame, matrix, names


def _position(influence, labels):
    known = [str(label) for label in influence.deleted]
    return [known.index(str(label)) for label in labels]


@pytest.mark.parametrize("name", names("lmer", "influence"))
def test_tight_refits_of_lme4_without_each_group(name):
    """README: as the LMM rows; fixed effects 1e-7 SE, theta and sigma 1e-6, Cook 1e-6."""
    fit, expected = fitted(name), case(name)["influence"]
    influence = fit.influence(expected["groups"])
    at = _position(influence, expected["deleted"])
    se = fit.se.to_numpy()
    found = influence.beta_deleted[at] / se
    np.testing.assert_allclose(found, matrix(expected["fixef_deleted"]) / se, rtol=0, atol=1e-7)
    found = influence.dfbeta.to_numpy()[at] / se
    np.testing.assert_allclose(found, matrix(expected["dfbeta"]) / se, rtol=0, atol=2e-7)
    distance = influence.cooks_distance.to_numpy()[at]
    atol = 1e-6 * distance.std()
    np.testing.assert_allclose(distance, expected["cooks_distance_lme4"], rtol=0, atol=atol)
    sigma = influence.components_deleted[at, -1]
    np.testing.assert_allclose(sigma, expected["sigma_deleted"], rtol=1e-6)
    theta = matrix(expected["theta_deleted"])
    sds = [i for i, key in enumerate(influence.components) if key.startswith("sd_")]
    first = influence.components_deleted[at, sds[0]] / sigma
    np.testing.assert_allclose(first, np.abs(theta[:, 0]), rtol=1e-6, atol=1e-6)
    if theta.shape[1] == 3:
        second = influence.components_deleted[at, sds[1]] / sigma
        np.testing.assert_allclose(second, np.hypot(theta[:, 1], theta[:, 2]), rtol=1e-6)


def test_dfbetas_of_lme4():
    """influence(lmer(Reaction ~ Days + (Days|Subject), sleepstudy), groups = "Subject")."""
    found = fitted("sleepstudy_slope").influence("Subject")
    # lme4's own refits stop at its default tolerances
    expected = [[0.058724853, -0.44892746], [0.410876392, 0.30988975], [0.427614176, 0.15834352]]
    np.testing.assert_allclose(found.dfbetas.to_numpy()[:3], expected, rtol=1e-4)
    np.testing.assert_allclose(found.covariance_ratio.iloc[0], 1.0317184, rtol=1e-4)


def _random_frame(seed):
    rng = np.random.default_rng(seed)
    n = 240
    a, b = rng.integers(0, 14, n), rng.integers(0, 9, n)
    data = {"a": a, "b": b, "c": a // 3, "x": rng.normal(size=n), "w": rng.uniform(0.5, 2, n)}
    y = data["x"] + rng.normal(size=14)[a] + rng.normal(size=9)[b] + rng.normal(size=5)[a // 3]
    data["y"] = y + rng.normal(size=n) / np.sqrt(data["w"])
    data["kind"] = rng.choice(["k", "l", "m", "o"], n)
    return pd.DataFrame(data)


MODELS = [
    ("y ~ x + (x | a)", "a", True),
    ("y ~ x + (1 | a)", "b", False),
    ("y ~ x + (1 | c/a)", "c", True),
    ("y ~ x + (1 | c/a)", "a:c", True),
    ("y ~ x + (x || a) + (1 | b)", "b", False),
    ("y ~ x * kind + (1 | a) + (1 | b)", "kind", True),
]


@pytest.mark.parametrize(("formula", "group", "reml"), MODELS)
def test_deletions_are_refits(formula, group, reml):
    data = _random_frame(11)
    labels = data[group.split(":")[0]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        fit = nl.lmer(formula, data, reml=reml, weights="w")
        influence = fit.influence(group)
        for i in [0, 2, len(influence.deleted) - 1]:
            label = influence.deleted[i]
            label = str(label).split(":")[0] if ":" in group else str(label)
            rest = data[labels.astype(str) != label]
            assert influence.n_rows[i] == len(data) - len(rest)
            if group == "kind":  # all rows of a level of a fixed factor
                assert "is left to estimate" in influence.status[i] or i == 0
                continue
            again = nl.lmer(formula, rest, reml=reml, weights="w")
            se = fit.se.to_numpy()
            found = influence.beta_deleted[i] / se
            np.testing.assert_allclose(found, again.fixef / se, rtol=0, atol=1e-7)
            root = np.sqrt(np.outer(np.diag(again.vcov), np.diag(again.vcov)))
            gap = (influence.vcov_deleted[i] - again.vcov.to_numpy()) / root
            np.testing.assert_allclose(gap, 0.0, atol=1e-6)
            assert influence.components_deleted[i, -1] == pytest.approx(again.sigma, rel=1e-7)


def test_single_rows_are_refits():
    data = frame("Pastes_nested")
    fit = fitted("Pastes_nested")
    found = fit.influence("obs")
    assert found.table.shape[0] == 60
    for i in [0, 38, 59]:
        again = nl.lmer(case("Pastes_nested")["formula"], data.drop(index=data.index[i]))
        gap = (found.beta_deleted[i] - again.fixef.to_numpy()) / fit.se.to_numpy()
        np.testing.assert_allclose(gap, 0.0, atol=1e-8)


def test_a_shift_of_one_cluster_moves_only_what_it_must():
    """Balanced one-way data: the mean without a cluster is the mean of the other means."""
    fit = fitted("Dyestuff_reml")
    means = frame("Dyestuff_reml").groupby("Batch", observed=True)["Yield"].mean()
    expected = (means.sum() - means) / (len(means) - 1)
    np.testing.assert_allclose(fit.influence().beta_deleted[:, 0], expected, rtol=1e-12)


def test_chance_of_a_move_in_balanced_data():
    """The mean of m clusters moves by (y_j - y) / (m - 1), with variance v / (m (m - 1))."""
    fit = fitted("Dyestuff_reml")
    means = frame("Dyestuff_reml").groupby("Batch", observed=True)["Yield"].mean()
    v = fit.varcorr["vcov"].iloc[0] + fit.sigma**2 / 5
    form = (means - means.mean()) ** 2 * 6 / 5 / v
    np.testing.assert_allclose(fit.influence().chance, chi2.sf(form, 1), rtol=1e-9)


def test_chance_counts_only_directions_that_a_cluster_knows():
    """A cluster with one value of a predictor says nothing about two coefficients apart.

    The move from full matrices: b_less - b with covariance V_less - V.
    """
    data = _random_frame(14)
    data["z"] = np.linspace(-1, 1, 14)[data["a"]]
    fit = nl.lmer("y ~ z + (1 | a)", data, weights="w")
    g = data["a"].to_numpy()
    V = np.diag(1 / data["w"]) + (g[:, None] == g) * fit.estimates.roots[0].item() ** 2
    X, y = np.column_stack([np.ones(240), data["z"]]), data["y"].to_numpy()
    solved = np.linalg.solve(V, X)
    A, full = np.linalg.inv(X.T @ solved), np.linalg.solve(X.T @ solved, solved.T @ y)
    expected = []
    for j in range(14):
        k = g != j
        part = np.linalg.solve(V[np.ix_(k, k)], X[k])
        B = np.linalg.inv(X[k].T @ part)
        move = B @ part.T @ y[k] - full
        expected.append(move @ np.linalg.pinv(B - A, rcond=1e-8) @ move / fit.sigma**2)
    np.testing.assert_allclose(fit.influence("a").chance, chi2.sf(expected, 1), rtol=1e-6)


def test_chance_is_uniform_when_the_model_holds():
    rng = np.random.default_rng(21)
    g = np.repeat(np.arange(40), rng.integers(2, 9, 40))
    x = rng.normal(size=len(g))
    chance = []
    for _ in range(6):
        y = x + rng.normal(size=40)[g] + rng.normal(size=len(g))
        chance.append(nl.lmer("y ~ x + (1 | g)", {"y": y, "x": x, "g": g}).influence().chance)
    # 240 clusters, nearly independent
    assert kstest(np.concatenate(chance), "uniform").pvalue > 1e-3


def test_a_huge_cluster_leaves_the_digits_of_the_others():
    data = _random_frame(12)
    data.loc[data["a"] == 3, "y"] += 1e4
    influence = nl.lmer("y ~ x + (1 | a)", data).influence("a")
    again = nl.lmer("y ~ x + (1 | a)", data[data["a"] != 3])
    gap = (influence.beta_deleted[3] - again.fixef.to_numpy()) / again.se.to_numpy()
    np.testing.assert_allclose(gap, 0.0, atol=1e-7)
    assert int(influence.cooks_distance.argmax()) == 3


def test_what_a_single_cluster_carries_is_said():
    data = _random_frame(13)
    data["only"] = np.where(data["a"] == 5, data["x"], 0.0)
    influence = nl.lmer("y ~ x + only + (1 | a)", data).influence("a")
    assert influence.status[5] == "nothing is left to estimate only from"
    assert np.isnan(influence.cooks_distance.iloc[5])
    assert np.isfinite(influence.cooks_distance.drop(index=5)).all()
    assert "Without 5: nothing is left to estimate only from" in str(influence)


def test_one_cluster_left_is_said():
    rng = np.random.default_rng(1)
    g = np.repeat([0, 1], 10)
    influence = nl.lmer("y ~ 1 + (1 | g)", {"y": rng.normal(size=20) + g, "g": g}).influence()
    assert influence.status == ("fewer than two levels of g are left",) * 2
    assert influence.table["cooks_distance"].isna().all()


def test_singular_fits_have_influence():
    fit = fitted("Dyestuff2_reml")
    influence = fit.influence()
    data = frame("Dyestuff2_reml")
    for i, label in enumerate(influence.deleted):
        again = nl.lmer("Yield ~ 1 + (1 | Batch)", data[data["Batch"] != label])
        assert influence.components_deleted[i, -1] == pytest.approx(again.sigma, rel=1e-7)


def test_records_show_themselves():
    influence = fitted("sleepstudy_slope").influence()
    assert str(influence).splitlines()[0] == "Influence of 18 levels of Subject, the largest first"
    assert "335" in str(influence).splitlines()[4] or "335" in str(influence)
    assert influence._repr_html_().count("<tr>") == 12
    assert list(influence.table.columns[:3]) == ["rows", "cooks_distance", "covariance_ratio"]


@pytest.mark.parametrize(
    ("group", "error", "message"),
    [
        ("Subjct", ArgumentError, "Did you mean 'Subject'"),
        (3, ArgumentTypeError, "of type int"),
    ],
)
def test_what_is_not_a_group_is_refused(group, error, message):
    with pytest.raises(error, match=message):
        fitted("sleepstudy_slope").influence(group)
