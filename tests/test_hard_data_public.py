"""Units, shifts and kinds of columns change nothing but the units of the estimates.

Every fit here is compared with a fit of the same rows in comfortable units: log det terms of the
REML criterion shift by known constants, coefficients and SDs by known factors. The core is judged
against extended precision elsewhere; here the whole path from a user's frame is.
"""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nestling as nl
from nestling.errors import RankDeficiencyWarning

RNG = np.random.default_rng(20)
J, N = 24, 240
G = np.repeat(np.arange(J), N // J)
X = RNG.normal(size=N)
U = RNG.normal(size=(J, 2)) * [1.5, 0.8]
Y = 2.0 + 0.5 * X + U[G, 0] + U[G, 1] * X + RNG.normal(size=N)
W = RNG.uniform(0.5, 2.0, size=N)
SLOPES = "y ~ x + (x | g)"
INTERCEPTS = "y ~ x + (1 | g)"


def data(**changes):
    return {"y": Y, "x": X, "g": G, **changes}


@pytest.fixture(scope="module")
def slopes():
    return nl.lmer(SLOPES, data())


@pytest.fixture(scope="module")
def intercepts():
    return nl.lmer(INTERCEPTS, data())


def vcov_of(fit):
    """The covariance matrix of intercept and slope."""
    table = fit.varcorr
    values = table["vcov"].to_numpy()
    return np.array([[values[0], values[2]], [values[2], values[1]]])


@pytest.mark.parametrize(
    ("unit", "origin"),
    [(1e-6, 0.0), (1e6, 0.0), (1.0, 2000.0), (1.0, 1e5), (86400.0, 1.7e9), (1e-6, 5.0), (1e6, 1e9)],
)
@pytest.mark.parametrize("reml", [True, False])
def test_the_unit_and_the_origin_of_a_random_slope(unit, origin, reml):
    there = nl.lmer(SLOPES, data(x=origin + unit * X), reml=reml)
    # adding `origin` rounds x; the reference reads the rounded values
    x = (origin + unit * X - origin) / unit
    here = nl.lmer(SLOPES, data(x=x), reml=reml)
    # y = a + b x = (a - b origin / unit) + (b / unit) (origin + unit x)
    T = np.array([[1.0, -origin / unit], [0.0, 1.0 / unit]])
    shift = 2.0 * np.log(unit) if reml else 0.0  # log det X'X
    assert there.criterion == pytest.approx(here.criterion + shift, abs=1e-6)
    np.testing.assert_allclose(there.fixef, T @ here.fixef, rtol=1e-5)
    np.testing.assert_allclose(there.se, np.sqrt(np.diag(T @ here.vcov @ T.T)), rtol=1e-5)
    np.testing.assert_allclose(vcov_of(there), T @ vcov_of(here) @ T.T, rtol=1e-4)
    assert there.sigma == pytest.approx(here.sigma, rel=1e-6)
    np.testing.assert_allclose(there.fitted, here.fitted, atol=1e-5)


@pytest.mark.parametrize(("unit", "origin"), [(1.0, 1e8), (1e-6, 0.0), (1e6, 0.0), (1e3, -1e7)])
def test_the_unit_and_the_origin_of_the_response(unit, origin):
    y = origin + unit * Y
    there = nl.lmer(SLOPES, data(y=y))
    here = nl.lmer(SLOPES, data(y=(y - origin) / unit))
    constant = 2.0 * (N - 2) * np.log(unit)
    assert there.criterion == pytest.approx(here.criterion + constant, abs=1e-6)
    expected = unit * here.fixef + np.array([origin, 0.0])
    np.testing.assert_allclose(there.fixef, expected, rtol=1e-6)
    np.testing.assert_allclose(there.se, unit * here.se, rtol=1e-5)
    np.testing.assert_allclose(vcov_of(there), unit**2 * vcov_of(here), rtol=1e-4)


def test_theta_near_1800():
    u = 1800.0 * np.random.default_rng(2).normal(size=J)[G]
    fit = nl.lmer("y ~ 1 + (1 | g)", {"y": u + Y - U[G, 0] - U[G, 1] * X - 0.5 * X, "g": G})
    y, n = np.asarray(fit.matrices.response).reshape(J, -1), N // J
    within = y.var(axis=1, ddof=1).mean()  # balanced one-way: ANOVA is REML
    between = y.mean(axis=1).var(ddof=1) - within / n
    assert fit.sigma == pytest.approx(np.sqrt(within), rel=1e-7)
    assert fit.theta[0] == pytest.approx(np.sqrt(between / within), rel=1e-6)
    assert fit.theta[0] > 1000.0


def test_near_collinear_columns():
    d = RNG.normal(size=N)
    near = nl.lmer("y ~ x + z + (1 | g)", data(z=X + 1e-6 * d))
    d_read = ((X + 1e-6 * d) - X) / 1e-6
    far = nl.lmer("y ~ x + z + (1 | g)", data(z=d_read))
    # a + b x + c z = a + (b + c) x + 1e-6 c d
    assert near.fixef["z"] == pytest.approx(far.fixef["z"] * 1e6, rel=1e-6)
    assert near.fixef["x"] + near.fixef["z"] == pytest.approx(far.fixef["x"], rel=1e-3)
    assert near.criterion == pytest.approx(far.criterion + 2.0 * np.log(1e-6), abs=1e-6)


def test_a_doubled_column_is_dropped_and_said(intercepts):
    with pytest.warns(RankDeficiencyWarning, match="z"):
        fit = nl.lmer("y ~ x + z + (1 | g)", data(z=3.0 * X - 1.0))
    assert fit.dropped == ("z",)
    assert fit.criterion == pytest.approx(intercepts.criterion, abs=1e-8)
    np.testing.assert_allclose(fit.fixef.dropna(), intercepts.fixef, rtol=1e-9)
    np.testing.assert_allclose(fit.fitted, intercepts.fitted, rtol=1e-9)


def test_weights_scale_sigma_alone():
    one = nl.lmer(SLOPES, data(w=W), weights="w")
    ten = nl.lmer(SLOPES, data(), weights=10.0 * W)
    assert ten.sigma == pytest.approx(np.sqrt(10.0) * one.sigma, rel=1e-6)
    np.testing.assert_allclose(ten.fixef, one.fixef, rtol=1e-6)
    np.testing.assert_allclose(vcov_of(ten), vcov_of(one), rtol=1e-4)
    # the likelihood is of y, whatever the unit of the weights: it includes sum(log(w))
    assert ten.loglik == pytest.approx(one.loglik, abs=1e-6)
    same = nl.lmer(SLOPES, data(), weights=np.ones(N))
    assert same.loglik == pytest.approx(nl.lmer(SLOPES, data()).loglik, abs=1e-8)


def test_an_offset_is_subtracted(intercepts):
    moved = nl.lmer(INTERCEPTS, data(y=Y + 7.0 * X), offset=7.0 * X)
    np.testing.assert_allclose(moved.fixef, intercepts.fixef, rtol=1e-7)
    np.testing.assert_allclose(moved.fitted, intercepts.fitted + 7.0 * X, rtol=1e-7)


def test_a_variance_at_zero():
    e = np.random.default_rng(5).normal(size=(J, N // J))
    e -= e.mean(axis=1, keepdims=True)  # no variance between groups at all
    fit = nl.lmer("y ~ 1 + (1 | g)", {"y": e.ravel(), "g": G})
    assert fit.is_singular
    assert fit.theta[0] == 0.0
    assert fit.sigma == pytest.approx(e.std(ddof=1), rel=1e-9)


def test_a_correlation_at_one():
    y = 1.0 + U[G, 0] * (1.0 + X) + 0.3 * RNG.normal(size=N)
    fit = nl.lmer(SLOPES, data(y=y))
    correlation = fit.varcorr["sdcor"].iloc[2]
    assert abs(correlation) <= 1.0
    assert correlation > 0.99
    assert np.isfinite(fit.se).all()


LABELS = {
    "float": G.astype(float),
    "negative": G - 10,
    "large": G + 2**40,
    "unsigned": G.astype(np.uint8),
    "fraction": G / 7.0,
    "text": [f"g{j:02d}" for j in G],
    "unicode": [f"ß{j:02d} ⊗" for j in G],
    "objects": np.array([f"g{j}" for j in G], dtype=object),
    "category": pd.Categorical([f"g{j}" for j in G], categories=[f"g{j}" for j in range(90)]),
    "nullable": pd.array(G, dtype="Int64"),
    "arrow text": pd.array([f"g{j}" for j in G], dtype="string"),
}


@pytest.mark.parametrize("name", list(LABELS))
def test_labels_of_groups_do_not_matter(name, intercepts):
    fit = nl.lmer(INTERCEPTS, data(g=LABELS[name]))
    assert fit.n_groups == {"g": J}
    assert fit.criterion == pytest.approx(intercepts.criterion, abs=1e-9)
    modes = np.sort(fit.ranef()["g"]["(Intercept)"])
    np.testing.assert_allclose(modes, np.sort(intercepts.ranef()["g"]["(Intercept)"]), atol=1e-8)


FRAMES = {
    "dict of lists": lambda d: {k: list(v) for k, v in d.items()},
    "pandas": pd.DataFrame,
    "pandas with an index": lambda d: pd.DataFrame(d).set_index(pd.Index(range(500, 500 + N))),
    "pandas nullable": lambda d: pd.DataFrame(d).convert_dtypes(),
    "pandas arrow": lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="pyarrow"),
    "pandas float32": lambda d: pd.DataFrame(d).astype({"x": "float64", "g": "float32"}),
    "polars": pl.DataFrame,
    "polars lazy": lambda d: pl.DataFrame(d).lazy(),
    "pyarrow": pa.table,
}


@pytest.mark.parametrize("name", list(FRAMES))
def test_kinds_of_frames_do_not_matter(name, intercepts):
    frame = FRAMES[name](data())
    fit = nl.lmer(INTERCEPTS, frame)
    assert fit.criterion == pytest.approx(intercepts.criterion, abs=1e-9)
    np.testing.assert_allclose(fit.predict(frame), intercepts.fitted, rtol=1e-9)


COUNT = np.round(3.0 * X).astype(int)
INTEGERS = {
    "int8": COUNT.astype(np.int8),
    "bool": X > 0,
    "nullable": pd.array(COUNT, dtype="Int64"),
    "nullable bool": pd.array(X > 0, dtype="boolean"),
    "float32": COUNT.astype(np.float32),
    "objects": COUNT.astype(object),
}


@pytest.mark.parametrize("name", list(INTEGERS))
def test_kinds_of_numbers_do_not_matter(name):
    fit = nl.lmer(INTERCEPTS, data(x=INTEGERS[name]))
    same = nl.lmer(INTERCEPTS, data(x=np.asarray(INTEGERS[name], dtype=float)))
    assert fit.criterion == pytest.approx(same.criterion, abs=1e-9)
    np.testing.assert_allclose(fit.fixef.to_numpy(), same.fixef.to_numpy(), rtol=1e-9)


def test_unused_levels_of_a_predictor():
    h = np.array(["b", "c"])[(X > 0).astype(int)]
    unused = nl.lmer("y ~ h + (1 | g)", data(h=pd.Categorical(h, categories=list("abcd"))))
    plain = nl.lmer("y ~ h + (1 | g)", data(h=h))
    assert list(unused.fixef.index) == list(plain.fixef.index) == ["(Intercept)", "hc"]
    assert unused.criterion == pytest.approx(plain.criterion, abs=1e-9)


def test_missing_rows_are_left_out():
    x = X.copy()
    x[[3, 77]] = np.nan
    some = nl.lmer(SLOPES, data(x=x))
    keep = ~np.isnan(x)
    rest = nl.lmer(SLOPES, {"y": Y[keep], "x": X[keep], "g": G[keep]})
    assert (some.nobs, some.matrices.n_omitted) == (N - 2, 2)
    assert some.criterion == pytest.approx(rest.criterion, abs=1e-9)


@pytest.mark.parametrize("alone", [0, 100, 180])
def test_groups_of_two_rows_and_of_one(alone):
    groups = np.r_[np.arange(alone), alone + np.arange(N - alone) // 2]
    u = np.random.default_rng(3).normal(size=groups.max() + 1)
    fit = nl.lmer(INTERCEPTS, data(y=X + u[groups] + RNG.normal(size=N), g=groups))
    # the REML criterion from its definition, at the estimates
    V = np.eye(N) + fit.theta[0] ** 2 * (groups[:, None] == groups)
    design = np.column_stack([np.ones(N), X])
    y = np.asarray(fit.matrices.response)
    inner = design.T @ np.linalg.solve(V, design)
    beta = np.linalg.solve(inner, design.T @ np.linalg.solve(V, y))
    r = y - design @ beta
    square = r @ np.linalg.solve(V, r)
    logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(inner)[1]
    expected = logs + (N - 2) * (1.0 + np.log(2.0 * np.pi * square / (N - 2)))
    assert fit.criterion == pytest.approx(expected, abs=1e-7)
    np.testing.assert_allclose(fit.fixef, beta, rtol=1e-7)


def test_no_warning_escapes_the_whole_path(slopes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slopes.summary()
        slopes.confint(method="wald")
        slopes.predict({"x": [1e6, -1e6], "g": [0, 99]}, new_levels="zero")
        slopes.refit(Y + 1.0)
        slopes.simulate(2, 1)
