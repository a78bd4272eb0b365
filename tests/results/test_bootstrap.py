"""The bootstrap against lme4's replicates, closed forms, and itself in other ways."""

import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from reference_cases import case, fitted, matrix, names

# lme4's refits stop at their default tolerances, in one case half a percent early
TOLERANCE = {"sleepstudy_slope": 5e-3}


def balanced(J=12, m=5, seed=1, tau=1.0, **more):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(J), m)
    y = 3.0 + tau * rng.normal(size=J)[g] + rng.normal(size=J * m)
    return nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g}, **more)


def slopes(J=20, m=8, seed=2, formula="y ~ x + (x | g)"):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(J), m)
    x = rng.normal(size=J * m)
    y = 1 + 2 * x + rng.normal(size=J)[g] + 0.7 * rng.normal(size=J)[g] * x
    return nl.lmer(formula, {"y": y + rng.normal(size=J * m), "x": x, "g": g})


def nested():
    rng = np.random.default_rng(5)
    school = np.repeat(np.arange(9), 12)
    pupil_class = np.repeat(np.arange(27), 4)
    x = rng.normal(size=108)
    y = x + rng.normal(size=9)[school] + rng.normal(size=27)[pupil_class] + rng.normal(size=108)
    weights = rng.uniform(0.5, 2.0, 108)
    frame = {"y": y, "x": x, "school": school, "room": pupil_class, "w": weights}
    return nl.lmer("y ~ x + (1 | school/room)", frame, weights="w")


@pytest.mark.parametrize("name", names("lmer", "bootMer"))
def test_replicates_of_lme4(name):
    """With R's stream the replicates are those of bootMer(fit, use.u = FALSE), one by one."""
    entry = case(name)["bootMer"]
    found = fitted(name).bootstrap(entry["nsim"], seed=nl.RRandom(entry["seed"]))
    expected = matrix(entry["t"])
    ours = found.estimates[list(entry["t0"])].to_numpy()
    assert np.abs((ours - expected) / np.maximum(1.0, np.abs(expected))).max() < TOLERANCE.get(
        name, 1e-3
    )


def test_replicates_that_lme4_fits_anew():
    """Not refit() but lmer() to the same two draws, with xtol_abs = ftol_abs = 1e-10."""
    expected = [
        [24.9220465316, 259.9842969979, 7.3710156260, 0.8189703373, -0.0435910115, 0.2158579443],
        [22.2434595065, 244.2100269193, 10.6593778814, 0.9982373838, 0.0864102706, 0.2138730496],
    ]
    found = fitted("sleepstudy_slope").bootstrap(10, seed=nl.RRandom(101)).values[:2, 3:]
    # R draws from its own optimum, which is 1e-5 away from ours
    np.testing.assert_allclose(found, expected, rtol=2e-4)


@pytest.mark.parametrize("name", ["seed_m2", "Dyestuff_reml", "sleepstudy_slope"])
def test_spread_of_lme4(name):
    """Without rows: means within Monte-Carlo error of lme4's few replicates."""
    entry = case(name)["bootMer"]
    ours = fitted(name).bootstrap(2000, seed=1).estimates[list(entry["t0"])]
    theirs = matrix(entry["t"])
    error = np.sqrt(theirs.var(axis=0, ddof=1) / len(theirs) + ours.var().to_numpy() / 2000)
    # t on 9 or 19 degrees of freedom: 5 is its 0.9996 quantile
    assert (np.abs(theirs.mean(axis=0) - ours.mean().to_numpy()) < 5.0 * error).all()


def test_rows_and_no_rows_have_one_distribution():
    fit = slopes()
    without = fit.bootstrap(2000, seed=1).estimates
    rows = fit.refit(fit.simulate(2000, seed=2))
    spread = without["x"].std()
    assert abs(without["x"].std() / rows.fixef["x"].std() - 1.0) < 4.0 / np.sqrt(2000)
    assert abs(without["x"].mean() - rows.fixef["x"].mean()) < 4.0 * spread * np.sqrt(2 / 2000)
    ours, theirs = without["sigma"], rows.sigma
    assert abs(ours.mean() - theirs.mean()) < 4.0 * ours.std() * np.sqrt(2 / 2000)
    assert abs(ours.std() / theirs.std() - 1.0) < 4.0 / np.sqrt(2000)
    sd, other = without["sd_x|g"], np.sqrt(rows.covariances[0][:, 1, 1])
    assert abs(sd.mean() - other.mean()) < 4.0 * sd.std() * np.sqrt(2 / 2000)


def test_closed_forms_of_a_balanced_design():
    """The mean is normal with variance (tau^2 + sigma^2 / m) / J; sigma^2 scaled chi-square."""
    J, m, R = 30, 8, 4000
    fit = balanced(J, m)
    found = fit.bootstrap(R, seed=3).estimates
    tau2 = float(fit.varcorr["vcov"][0])
    expected = np.sqrt((tau2 + fit.sigma**2 / m) / J)
    assert abs(found["(Intercept)"].std() / expected - 1.0) < 4.0 / np.sqrt(2 * R)
    interior = found["sd_(Intercept)|g"] > 0
    assert interior.mean() > 0.99
    within = found["sigma"][interior] ** 2 / fit.sigma**2 * J * (m - 1)
    assert abs(within.mean() - J * (m - 1)) < 4.0 * np.sqrt(2 * J * (m - 1) / R) + 0.1
    between = J * expected**2
    total = (found["sd_(Intercept)|g"] ** 2 + found["sigma"] ** 2 / m)[interior] / between
    assert abs(total.mean() - 1.0) < 4.0 * np.sqrt(2 / (J - 1) / R) + 0.01


def test_new_random_effects_are_drawn():
    """Held at their modes, the effects leave sigma alone to spread the mean: the known error."""
    fit = balanced(12, 200)
    free = fit.bootstrap(500, seed=1).se["(Intercept)"]
    held = fit.bootstrap(500, seed=1, use_u=True).se["(Intercept)"]
    tau2 = float(fit.varcorr["vcov"][0])
    assert free / held == pytest.approx(np.sqrt(1 + tau2 / (fit.sigma**2 / 200)), rel=0.2)
    assert free / held > 7.0


def test_held_effects_agree_with_rows(monkeypatch):
    fit = slopes()
    without = fit.bootstrap(1500, seed=1, use_u=True).se
    monkeypatch.setattr("nestling.results.bootstrap_responses.is_drawable", lambda _: False)
    rows = fit.bootstrap(1500, seed=1, use_u=True).se
    np.testing.assert_allclose(without, rows, rtol=4.0 / np.sqrt(1500))


def test_replicates_belong_to_their_index():
    fit = slopes()
    many = fit.bootstrap(40, seed=9)
    for kind in ("parametric", "residual", "cluster"):
        many, few = (fit.bootstrap(n, seed=9, kind=kind).values for n in (40, 15))
        np.testing.assert_allclose(many[:15], few, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(
        fit.bootstrap(5, seed=9).values, fit.bootstrap(5, seed=np.random.SeedSequence(9)).values
    )


def test_jobs_do_not_matter():
    fit = balanced()
    one = fit.bootstrap(8, seed=4).values
    np.testing.assert_allclose(fit.bootstrap(8, seed=4, n_jobs=2).values, one, rtol=1e-7, atol=1e-9)


def test_columns_are_named_as_confint_names_them():
    fit = slopes()
    found = fit.bootstrap(20, seed=1)
    profile = list(fit.confint(method="wald").index)
    assert list(found.estimates.columns) == [*profile, "g.(Intercept)", "g.x.(Intercept)", "g.x"]
    np.testing.assert_allclose(found.original[-3:], fit.theta, rtol=1e-12)
    assert found.original[profile.index("x")] == fit.fixef["x"]


@pytest.mark.parametrize("make", [slopes, nested])
def test_residual_bootstrap_has_the_models_variances(make):
    """The reflated pools have the covariances of the model exactly."""
    fit = make()
    pool = fit.bootstrap(2, seed=1, kind="residual").resampler.pool
    for u, covariance in zip(pool.effects, fit.estimates.covariances, strict=True):
        np.testing.assert_allclose(u.T @ u / len(u), covariance, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(u.mean(axis=0), 0.0, atol=1e-12)
    assert np.mean(pool.residuals**2) == pytest.approx(fit.sigma**2, rel=1e-12)


def test_residual_bootstrap_of_a_zero_variance():
    fit = balanced(tau=0.0, seed=4)
    assert fit.is_singular
    found = fit.bootstrap(200, seed=1, kind="residual")
    assert found.se["(Intercept)"] == pytest.approx(fit.se["(Intercept)"], rel=0.25)
    assert not fit.bootstrap(2, seed=1, kind="residual").resampler.pool.effects[0].any()


@pytest.mark.parametrize("kind", ["residual", "cluster"])
def test_se_of_the_fixed_effects(kind):
    """With normal data all bootstraps measure about what the model's formula says."""
    fit = slopes(J=40)
    found = fit.bootstrap(150, seed=1, kind=kind)
    np.testing.assert_allclose(found.se[["(Intercept)", "x"]], fit.se, rtol=0.25)


def test_a_cluster_drawn_twice_is_two_clusters():
    """Refit by hand with new labels gives the replicate."""
    rng = np.random.default_rng(8)
    g, m = np.repeat(np.arange(10), 6), 6
    x, y = rng.normal(size=60), rng.normal(size=10)[g] + rng.normal(size=60)
    fit = nl.lmer("y ~ x + (x | g)", {"y": y, "x": x, "g": g})
    found = fit.bootstrap(3, seed=6, kind="cluster")
    for r in range(3):
        stream = np.random.default_rng(np.random.SeedSequence(6, spawn_key=(r,)))
        drawn = stream.integers(0, 10, 10)
        rows = (drawn[:, None] * m + np.arange(m)).ravel()
        again = nl.lmer("y ~ x + (x | g)", {"y": y[rows], "x": x[rows], "g": g})
        np.testing.assert_allclose(found.values[r, -3:], again.theta, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found.estimates.loc[r, ["(Intercept)", "x"]], again.fixef, 1e-6)


def test_clusters_of_nested_factors():
    """The gathered statistics are those of the rows, which are those of a frame made by hand."""
    fit = nested()
    quick = fit.bootstrap(4, seed=2, kind="cluster")
    asked = fit.bootstrap(
        4,
        seed=2,
        kind="cluster",
        statistic=lambda f: [
            *np.sqrt([c[0, 0] for c in f.estimates.covariances]),
            f.sigma,
            *f.fixef,
        ],
    )
    np.testing.assert_allclose(quick.values[:, :5], asked.values, rtol=1e-5, atol=1e-7)


def test_rows_inside_clusters():
    fit = nested()
    found = fit.bootstrap(30, seed=2, kind="cluster", resample_rows=True)
    plain = fit.bootstrap(30, seed=2, kind="cluster")
    assert sum(found.status.values()) == 30
    assert np.abs(found.values - plain.values)[:, 2].min() > 0.0
    # fewer distinct rows per room: the residual variance shrinks by about (m - 1) / m
    assert found.estimates["sigma"].mean() < plain.estimates["sigma"].mean()


def test_crossed_clusters_are_refused():
    with pytest.raises(ArgumentError, match="crossed"):
        fitted("Penicillin").bootstrap(5, seed=1, kind="cluster")


def test_a_fixed_effect_that_no_drawn_cluster_knows():
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(6), 5)
    treated = (g == 5).astype(float)
    y = rng.normal(size=6)[g] + rng.normal(size=30)
    fit = nl.lmer("y ~ treated + (1 | g)", {"y": y, "treated": treated, "g": g})
    found = fit.bootstrap(60, seed=1, kind="cluster")
    reason = "failed: the clusters drawn leave a fixed effect without information"
    # (5/6)^6 = 0.33 of the draws miss the one treated cluster
    assert 10 <= found.status[reason] <= 32
    assert np.isnan(found.values).all(axis=1).sum() == found.status[reason]
    assert "failed" in str(found)
    assert found.table["replicates"]["sigma"] == 60 - found.status[reason]
    assert np.isfinite(found.confint("beta_").to_numpy()).all()


def test_statistic_of_ones_own():
    fit = slopes()
    found = fit.bootstrap(
        6, seed=1, statistic=lambda f: pd.Series({"icc": f.theta[0], "s": f.sigma})
    )
    simulated = fit.simulate(6, seed=1)
    expected = [fit.refit(simulated[:, r]).sigma for r in range(6)]
    np.testing.assert_allclose(found.estimates["s"], expected, rtol=1e-8)
    assert found.names == ("icc", "s")
    assert list(found.confint("s").index) == ["s"]
    for kind in ("residual", "cluster"):
        one = fit.bootstrap(3, seed=1, kind=kind, statistic=lambda f: f.sigma)
        same = fit.bootstrap(3, seed=1, kind=kind).estimates["sigma"]
        np.testing.assert_allclose(one.values[:, 0], same, rtol=1e-5)
    with pytest.raises(ArgumentError, match="not a value of the statistic"):
        found.confint("nothing")
    with pytest.raises(ArgumentError, match="standard error of every replicate"):
        found.confint(kind="studentised")


def test_offsets_and_weights_come_back():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(15), 6)
    frame = {
        "y": 100 + rng.normal(size=15)[g] + rng.normal(size=90),
        "g": g,
        "w": rng.uniform(0.5, 3, 90),
        "o": rng.normal(50, 5, 90),
    }
    fit = nl.lmer("y ~ 1 + (1 | g)", frame, weights="w", offset="o")
    for kind in ("parametric", "residual", "cluster"):
        found = fit.bootstrap(150, seed=1, kind=kind)
        assert abs(found.bias["(Intercept)"]) < 4.5 * found.se["(Intercept)"] / np.sqrt(150)
        assert found.se["(Intercept)"] == pytest.approx(fit.se["(Intercept)"], rel=0.25)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"n_sims": 1}, "n_sims=1"),
        ({"n_sims": 2.5}, "n_sims=2.5"),
        ({"kind": "clusters"}, "did you mean 'cluster'|Did you mean 'cluster'"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"kind": "residual", "use_u": True}, "use_u"),
        ({"resample_rows": True}, "resample_rows"),
        ({"kind": "residual", "seed": nl.RRandom(1)}, "RRandom"),
        ({"seed": -1}, "negative"),
    ],
)
def test_mistakes(arguments, match):
    with pytest.raises(ArgumentError, match=match):
        balanced().bootstrap(**{"n_sims": 5, "seed": 1, **arguments})


def test_a_statistic_that_is_none():
    with pytest.raises(ArgumentTypeError, match="function of a fit"):
        balanced().bootstrap(5, statistic=3)
    with pytest.raises(ArgumentTypeError, match="Return a number"):
        balanced().bootstrap(5, statistic=lambda _: object())


def test_how_it_prints():
    found = balanced().bootstrap(20, seed=1)
    lines = str(found).splitlines()
    assert lines[0].startswith("Parametric bootstrap: 20 replicates")
    assert lines[2].split() == ["estimate", "bias", "se"]
    assert "<table" in found._repr_html_()
    assert len(found) == 20
    np.testing.assert_allclose(found.bias, found.estimates.mean() - found.original, atol=1e-12)
    np.testing.assert_allclose(found.se, found.estimates.std(), rtol=1e-12)


def test_progress_bar(capsys):
    balanced().bootstrap(5, seed=1, progress=True)
    assert "refit" in capsys.readouterr().err
    balanced().bootstrap(5, seed=1)
    assert not capsys.readouterr().err
