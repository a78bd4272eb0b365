"""Bootstrap intervals against numpy, computations by hand, and what they promise."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binom

import nestling as nl
from nestling.errors import ArgumentError
from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at
from nestling.results import bootstrap_intervals as intervals
from nestling.results.bootstrap_values import errors_of, values_of
from nestling.results.profile_parameters import parameter_names
from reference_cases import fitted


def one_way(J=25, m=6, seed=1, tau=1.0):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(J), m)
    y = 3.0 + tau * rng.normal(size=J)[g] + rng.normal(size=J * m)
    return nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})


@pytest.fixture(scope="module")
def boot():
    return one_way().bootstrap(400, seed=1)


def test_percentiles_are_numpys(boot):
    expected = np.quantile(boot.estimates.to_numpy()[:, :3], [0.05, 0.95], axis=0).T
    found = boot.confint(level=0.9)
    np.testing.assert_array_equal(found.to_numpy(), expected)
    assert list(found.columns) == ["5 %", "95 %"]
    assert list(found.index) == ["sd_(Intercept)|g", "sigma", "(Intercept)"]


def test_basic_and_normal(boot):
    percentile = boot.confint().to_numpy()
    basic = boot.confint(kind="basic").to_numpy()
    np.testing.assert_allclose(basic[:, ::-1] + percentile, 2 * boot.original[:3, None] * [1, 1])
    normal = boot.confint(kind="normal").to_numpy()
    z = NormalDist().inv_cdf(0.975)
    np.testing.assert_allclose(normal.mean(axis=1), (boot.original - boot.bias)[:3])
    np.testing.assert_allclose(np.diff(normal)[:, 0], 2 * z * boot.se[:3])


def test_bca_by_hand():
    """Ten replicates, three values left out: every step written out."""
    values = np.arange(1.0, 11.0)
    left_out = np.array([1.0, 2.0, 6.0])
    # 4 of 10 below 4.5, mean left out 3: spreads 2, 1, -3; cubes 8 + 1 - 27 = -18; squares 14
    z0 = NormalDist().inv_cdf(0.4)
    a = -18.0 / (6.0 * 14.0**1.5)
    expected = []
    for z in (NormalDist().inv_cdf(0.1), NormalDist().inv_cdf(0.9)):
        side = NormalDist().cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        expected.append(1.0 + 9.0 * side)  # the quantiles of 1, 2, .. 10
    assert intervals.bca(4.5, values, left_out, 0.8) == pytest.approx(tuple(expected), rel=1e-12)


def test_bca_without_bias_or_skewness_is_the_percentile():
    values = np.arange(101.0)
    found = intervals.bca(50.0, values, np.array([-1.0, 0.0, 1.0]), 0.9)
    assert found == pytest.approx(intervals.percentile(values, 0.9), rel=1e-9)


def test_bca_where_all_replicates_lie_on_one_side():
    assert np.isnan(intervals.bca(0.0, np.ones(5), np.arange(3.0), 0.9)).all()


def test_bca_leaves_out_clusters():
    """The acceleration of the mean of a balanced design is that of the cluster means."""
    fit = one_way(J=8, m=5)
    made = fit.bootstrap(300, seed=2)
    y = fit.matrices.response.reshape(8, 5).mean(axis=1)
    left_out = np.array([np.delete(y, j).mean() for j in range(8)])
    expected = intervals.bca(
        fit.fixef.iloc[0], made.estimates["(Intercept)"].to_numpy(), left_out, 0.95
    )
    found = made.confint("(Intercept)", kind="bca").to_numpy()[0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_bca_of_a_statistic_is_that_of_the_parameter():
    fit = one_way(J=6, m=4, tau=2.0)
    own = fit.bootstrap(30, seed=1, statistic=lambda f: f.sigma)
    usual = fit.bootstrap(30, seed=1)
    # rows in the same order need the same draws: the parameter's replicates take other ones
    np.testing.assert_allclose(
        replace(usual, values=np.tile(own.values, len(usual.names))).confint("sigma", kind="bca"),
        own.confint(kind="bca"),
        rtol=1e-6,
    )


def test_bca_of_two_clusters_is_refused():
    with pytest.raises(ArgumentError, match="too few"):
        one_way(J=2, m=9).bootstrap(5, seed=1).confint(kind="bca")


def test_bca_of_crossed_factors_is_refused():
    with pytest.raises(ArgumentError, match="crossed"):
        fitted("Penicillin").bootstrap(3, seed=1).confint(kind="bca")


@pytest.mark.parametrize(
    "formula", ["y ~ x + (x | g)", "y ~ x + (x || g)", "y ~ x + (1 | g) + (1 | h)"]
)
@pytest.mark.parametrize("reml", [True, False])
def test_errors_are_those_of_the_whole_deviance(formula, reml):
    """Finite differences of the deviance in theta and log sigma^2, then the delta method."""
    rng = np.random.default_rng(4)
    g, h = np.repeat(np.arange(25), 10), np.tile(np.arange(10), 25)
    x = rng.normal(size=250)
    y = x + rng.normal(size=25)[g] * (1 + 0.3 * x) + rng.normal(size=25)[g] * 0.8 * x
    y = y + rng.normal(size=10)[h] + rng.normal(size=250)
    fit = nl.lmer(formula, {"y": y, "x": x, "g": g, "h": h}, reml=reml)
    problem, point = fit.solution.problem, fit.solution.point
    names = parameter_names(fit)
    best = np.append(point.theta, np.log(point.square / problem.nu))

    def deviance(at):
        theta, tau = at[:-1], at[-1]
        square = evaluate(problem, theta).square
        profiled = criterion_at(problem, theta) - problem.nu * (1 + np.log(square / problem.nu))
        return profiled + problem.nu * tau + square / np.exp(tau)

    def line(at):
        layout, sigma = fit.solution.layout, np.exp(0.5 * at[-1])
        inner = problem.parameters.roots(at[:-1])
        roots = [
            (G @ inner[p.factor][p.start : p.start + p.width, p.start : p.start + p.width])[None]
            for p, G in zip(layout.places, fit.basis.rotations, strict=True)
        ]
        values = values_of(names, np.zeros((1, 2)), np.array([sigma]), roots)[0]
        return np.array(
            [float(intervals.to_line(n.kind, v)) for n, v in zip(names, values, strict=False)]
        )

    m, step = len(best), 1e-3
    hessian, jacobian = np.empty((m, m)), np.empty((len(names), m))
    e = np.eye(m) * step
    for i in range(m):
        jacobian[:, i] = (line(best + e[i]) - line(best - e[i])) / (2 * step)
        for j in range(m):
            hessian[i, j] = (
                deviance(best + e[i] + e[j])
                - deviance(best + e[i] - e[j])
                - deviance(best - e[i] + e[j])
                + deviance(best - e[i] - e[j])
            ) / (4 * step**2)
    covariance = jacobian @ np.linalg.inv(hessian / 2) @ jacobian.T
    found = errors_of(fit, problem, point, names)
    kept = [i for i, n in enumerate(names) if n.kind != "coefficient"]
    # a step of 1e-3 leaves errors of its square times higher derivatives
    np.testing.assert_allclose(found[kept], np.sqrt(np.diag(covariance))[kept], rtol=2e-4)
    coefficients = [i for i, n in enumerate(names) if n.kind == "coefficient"]
    np.testing.assert_allclose(found[coefficients], fit.se, rtol=1e-12)


def test_studentised_mean_is_the_t_interval():
    """In a balanced one-way layout (mean - mu) / SE is t on J - 1 degrees of freedom."""
    from scipy.stats import t

    fit = one_way(J=8, m=10, tau=3.0)
    found = fit.bootstrap(4000, seed=3).confint("(Intercept)", kind="studentised").to_numpy()[0]
    expected = fit.fixef.iloc[0] + fit.se.iloc[0] * t.ppf([0.025, 0.975], 7)
    # SE of a quantile: sqrt(p (1 - p) / R) / density
    error = np.sqrt(0.025 * 0.975 / 4000) / t.pdf(t.ppf(0.025, 7), 7) * fit.se.iloc[0]
    np.testing.assert_allclose(found, expected, atol=4 * error)


def test_studentised_of_all_parameters_stays_in_their_range():
    rng = np.random.default_rng(2)
    g, x = np.repeat(np.arange(20), 8), rng.normal(size=160)
    u = rng.normal(size=(20, 2))
    y = x + u[g, 0] + u[g, 1] * x + rng.normal(size=160)
    fit = nl.lmer("y ~ x + (x | g)", {"y": y, "x": x, "g": g})
    for kind in ("residual", "cluster", "parametric"):
        made = fit.bootstrap(60, seed=1, kind=kind)
        found = made.confint(kind="studentised")
        estimates = made.original[: len(found)]
        assert (found["2.5 %"] < estimates).all()
        assert (found["97.5 %"] > estimates).all()
        assert found.loc["cor_x.(Intercept)|g"].abs().max() < 1
        assert found["2.5 %"].iloc[0] > 0


def test_coverage():
    """Intervals of the mean from 20 clusters hold it as often as they promise."""
    truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1}, residual=1)
    design, n = nl.nested(g=20, id=5), 120
    hits = {"percentile": 0, "studentised": 0}
    for r in range(n):
        made = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(design, seed=1000 + r)).bootstrap(99, r)
        for kind in hits:
            lower, upper = made.confint("(Intercept)", kind=kind).to_numpy()[0]
            hits[kind] += lower < 2.0 < upper
    # percentile intervals are normal where t_19 is right: P(|t_19| < 1.96) = 0.935; quantiles
    # interpolated between 99 replicates leave out 2.95 instead of 2.5 percent on each side
    for kind, promised in {"percentile": 0.925, "studentised": 0.94}.items():
        assert binom.ppf(0.001, n, promised) <= hits[kind] <= binom.ppf(0.999, n, promised)


def test_confint_of_the_fit(boot):
    found = boot.fit.confint(method="boot", n_sims=400, seed=1)
    np.testing.assert_allclose(found, boot.confint(), rtol=1e-12)
    beta = boot.fit.confint("beta_", 0.9, "boot", n_sims=400, seed=1, kind="basic")
    np.testing.assert_allclose(beta, boot.confint("beta_", 0.9, "basic"), rtol=1e-12)
    clusters = boot.fit.confint("sigma", method="boot", n_sims=20, seed=1, boot="cluster")
    expected = boot.fit.bootstrap(20, seed=1, kind="cluster").confint("sigma")
    np.testing.assert_allclose(clusters, expected, rtol=1e-12)


def test_names(boot):
    assert list(boot.confint("theta_").index) == ["sd_(Intercept)|g", "sigma"]
    assert list(boot.confint(["g.(Intercept)", "sigma"]).index) == ["sigma", "g.(Intercept)"]
    assert np.isnan(boot.confint("g.(Intercept)", kind="studentised").to_numpy()).all()
    with pytest.raises(ArgumentError, match="sigm"):
        boot.confint("sigm")
    with pytest.raises(ArgumentError, match="percentile"):
        boot.confint(kind="percentil")
    with pytest.raises(ArgumentError, match="level"):
        boot.confint(level=95)
    with pytest.raises(ArgumentError, match="method"):
        boot.fit.confint(method="bott")


def test_singular_replicates():
    """A zero SD counts half on each side; its correlation is no number and is left out."""
    fit = one_way(J=12, m=4, tau=0.0, seed=4)
    assert fit.is_singular
    made = fit.bootstrap(200, seed=1)
    assert made.status["singular"] > 50
    lower, upper = made.confint("theta_", kind="bca").iloc[0]
    assert lower == 0.0 < upper
    assert np.isnan(made.confint("theta_", kind="studentised").iloc[0]).all()
    assert np.isfinite(made.confint("beta_", kind="studentised").to_numpy()).all()
