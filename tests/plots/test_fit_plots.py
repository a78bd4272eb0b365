"""`fit.plot`: each figure shows the numbers it is named after, on the caller's axes if given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import nestling as nl
from nestling.errors import ArgumentError
from nestling.results.own_estimates import own_estimates
from nestling.results.profile import profile

SLOPES = ("y ~ X + (1 + X | Cluster)", "seed_m2")
NAMES = ["caterpillar", "check", "data", "effects", "profile", "qq", "residuals", "shrinkage"]


def test_the_figures_are_listed(fit_of):
    assert repr(fit_of(*SLOPES).plot) == f"fit.plot: {', '.join(NAMES)}"


@pytest.mark.parametrize("name", ["data", "effects", "qq", "residuals", "shrinkage"])
def test_figures_are_drawn_on_given_axes(fit_of, name):
    ax = Figure().subplots()
    assert getattr(fit_of(*SLOPES).plot, name)(ax=ax) is ax
    assert ax.get_title(loc="left")
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", ["caterpillar", "profile"])
def test_several_panels_need_as_many_axes(fit_of, name):
    with pytest.raises(ArgumentError, match="axes"):
        getattr(fit_of(*SLOPES).plot, name)(ax=[Figure().subplots()])


def test_effects_are_marginal_means_with_their_limits(fit_of):
    fit = fit_of(*SLOPES)
    ax = fit.plot.effects("X", level=0.9)
    x, mean = ax.get_lines()[0].get_data()
    table = fit.emmeans("X", at={"X": list(x)}, level=0.9).table
    np.testing.assert_allclose(mean, table["emmean"])
    column = fit.matrices.columns[1]
    np.testing.assert_allclose(x[[0, -1]], [column.min(), column.max()])


def test_effects_of_a_factor_by_another(fit_of):
    frame = pd.DataFrame({"g": np.repeat(np.arange(20), 6), "A": np.tile(["a", "b", "c"], 40)})
    frame["B"] = np.where(frame["g"] % 2, "u", "v")
    frame["y"] = np.random.default_rng(1).normal(size=120)
    fit = nl.lmer("y ~ A * B + (1 | g)", frame)
    ax = fit.plot.effects("A", by="B")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    points = [line.get_ydata() for line in ax.get_lines()]
    table = fit.emmeans("A", by="B").table
    np.testing.assert_allclose(np.concatenate(points), table.sort_values(["B", "A"])["emmean"])


def test_residuals_are_those_asked_for(fit_of):
    fit = fit_of(*SLOPES)
    ax = fit.plot.residuals("scaled")
    drawn = ax.get_lines()[1]
    np.testing.assert_allclose(drawn.get_xdata(), fit.fitted)
    np.testing.assert_allclose(drawn.get_ydata(), fit.residuals("scaled"))


def test_profiles_pass_through_their_limits(fit_of):
    fit = fit_of(*SLOPES)
    (ax,) = fit.plot.profile("sigma")
    (curve,) = profile(fit, "sigma")
    drawn = next(line for line in ax.get_lines() if len(line.get_xdata()) == len(curve.values))
    np.testing.assert_allclose(drawn.get_data(), [curve.values, curve.zeta])


def test_own_estimates_are_least_squares_of_each_cluster(fit_of):
    fit = fit_of(*SLOPES)
    found = own_estimates(fit, "Cluster")
    residual, codes = fit.residuals("marginal"), fit.matrices.random[0].codes
    Z = np.column_stack(fit.matrices.random[0].columns)
    for j in (0, 7, 19):
        rows = codes == j
        expected = np.linalg.lstsq(Z[rows], residual[rows], rcond=None)[0]
        np.testing.assert_allclose(found[j], expected, rtol=1e-8)


def test_a_cluster_of_one_row_has_no_slope_of_its_own():
    g = np.r_[np.repeat(np.arange(12), 6), 12]
    rng = np.random.default_rng(3)
    x = rng.normal(size=73)
    y = 1 + x + rng.normal(size=13)[g] * (1 + x) + rng.normal(size=73)
    fit = nl.lmer("y ~ x + (x | g)", {"y": y, "x": x, "g": g})
    own = own_estimates(fit, "g")
    assert np.isnan(own[12]).all()
    assert np.isfinite(own[:12]).all()
    fit.plot.shrinkage(effect="x").figure.canvas.draw()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("effects", ("W",)),
        ("shrinkage", ("school",)),
        ("shrinkage", ("Cluster", "W")),
        ("qq", ("(Intercept)|school",)),
        ("residuals", ("deviance",)),
        ("profile", ("W",)),
    ],
)
def test_unknown_names_are_refused(fit_of, name, arguments):
    with pytest.raises(
        ArgumentError, match=arguments[-1].replace("(", r"\(").replace("|", r"\|")[:8]
    ):
        getattr(fit_of(*SLOPES).plot, name)(*arguments)


def test_a_model_without_predictors_has_no_effect(fit_of):
    with pytest.raises(ArgumentError, match="no predictor"):
        fit_of("y ~ 1 + (1 | Cluster)", "seed_m2").plot.effects()
