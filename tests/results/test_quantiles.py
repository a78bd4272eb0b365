import numpy as np
import pytest
from scipy.stats import beta, norm

from nestling.errors import ArgumentError
from nestling.results.quantiles import bands, standardised_modes
from nestling.statistics.rows import Rows
from reference_cases import fitted, names


def test_points_are_sorted_residuals_at_normal_quantiles():
    fit = fitted("sleepstudy_slope")
    found = fit.qq()
    np.testing.assert_allclose(found.sample, np.sort(fit.residuals("studentised")), rtol=1e-12)
    np.testing.assert_allclose(found.theoretical, -found.theoretical[::-1], atol=1e-12)
    # Blom's plotting positions
    assert found.theoretical[0] == pytest.approx(norm.ppf(0.625 / 180.25))
    assert list(found.table.columns) == ["theoretical", "sample", "lower", "upper"]
    assert (found.lower < found.theoretical).all()
    assert (found.upper > found.theoretical).all()


@pytest.mark.parametrize("n", [3, 40, 1000])
def test_pointwise_bounds_are_quantiles_of_order_statistics(n):
    lower, upper = bands(n, 0.9, simultaneous=False)
    i = np.arange(1, n + 1)
    np.testing.assert_allclose(norm.cdf(lower), beta.ppf(0.05, i, n + 1 - i), rtol=1e-9)
    np.testing.assert_allclose(norm.cdf(upper), beta.ppf(0.95, i, n + 1 - i), rtol=1e-9)


@pytest.mark.parametrize(("n", "level"), [(5, 0.95), (50, 0.9), (400, 0.95), (3000, 0.95)])
def test_simultaneous_bounds_hold_all_points(n, level):
    """Of 1500 normal samples the share inside is the level within four standard errors."""
    lower, upper = bands(n, level, simultaneous=True)
    samples = np.sort(np.random.default_rng(n).standard_normal((1500, n)), axis=1)
    inside = ((samples >= lower) & (samples <= upper)).all(axis=1).mean()
    # the level itself is found from 4000 draws
    assert abs(inside - level) < 4 * np.sqrt(level * (1 - level) * (1 / 1500 + 1 / 4000))


def test_modes_are_divided_by_their_own_sd():
    """Var(Sigma Z'P y) = sigma^2 Sigma Z'PZ Sigma, from full matrices."""
    fit = fitted("threelevel_full")
    rows, sigma = Rows.of(fit.matrices), fit.sigma
    everything = slice(0, rows.n)
    X = rows.fixed(everything)[:-1].T
    V, parts = np.eye(rows.n), []
    for t, (term, T) in enumerate(zip(fit.matrices.random, fit.estimates.roots, strict=True)):
        Z = rows.random(t, everything)
        V += (term.codes[:, None] == term.codes) * (Z.T @ T @ T.T @ Z)
        indicator = (term.codes == np.arange(len(term.levels))[:, None]).astype(float)
        # (effects, levels, rows): column j of Z for each effect
        parts.append(T @ T.T @ (Z[:, None] * indicator).transpose(1, 0, 2))
    inverse = np.linalg.inv(V)
    P = inverse - inverse @ X @ np.linalg.solve(X.T @ inverse @ X, X.T @ inverse)
    found = standardised_modes(fit)
    for term, SZ in zip(fit.matrices.random, parts, strict=True):
        sd = sigma * np.sqrt(((SZ @ P) * SZ).sum(axis=2))
        modes = fit.ranef()[term.group]
        for a, name in enumerate(term.names):
            values, _ = found[f"{name}|{term.group}"]
            np.testing.assert_allclose(values, modes[name] / sd[:, a], rtol=1e-6, atol=1e-9)
            frame = fit.standardised_ranef()[term.group]
            np.testing.assert_array_equal(frame[name], values)
            assert frame.index.equals(modes.index)


@pytest.mark.parametrize("name", names("lmer", "hatvalues")[::6])
def test_every_model_has_standardised_modes(name):
    for values, labels in standardised_modes(fitted(name)).values():
        assert len(values) == len(labels)


def test_effects_without_variance_are_refused():
    with pytest.raises(ArgumentError, match="its variance is estimated as zero"):
        fitted("Dyestuff2_reml").qq("(Intercept)|Batch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"what": "Days|Subjects"}, "Did you mean 'Days|Subject'"),
        ({"level": 95}, "between 0 and 1"),
        ({"band": "wide"}, "not a kind of band"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ArgumentError, match=message.replace("|", r"\|")):
        fitted("sleepstudy_slope").qq(**arguments)
