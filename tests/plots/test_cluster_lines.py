import numpy as np
import pytest

from nestling.plots.cluster_lines import cluster_lines, level_one_predictor, part_along


@pytest.mark.parametrize(
    ("formula", "slopes"),
    [
        ("y ~ X + (1 | Cluster)", lambda fixed, modes: fixed["X"] + 0 * modes["(Intercept)"]),
        ("y ~ X + (1 + X | Cluster)", lambda fixed, modes: fixed["X"] + modes["X"]),
    ],
)
def test_slopes_and_levels_are_those_of_coef(fit_of, formula, slopes):
    fit = fit_of(formula, "seed_m2")
    (term,) = {term.group: term for term in fit.matrices.random}.values()
    x = fit.matrices.columns[1]
    lines = cluster_lines(x, part_along(fit, "X"), fit.fitted, term.codes, 20)
    rise = (lines.end[:, 1] - lines.start[:, 1]) / (lines.end[:, 0] - lines.start[:, 0])
    np.testing.assert_allclose(rise, slopes(fit.fixef, fit.ranef()["Cluster"]), rtol=1e-10)
    at_zero = lines.start[:, 1] - rise * lines.start[:, 0]
    np.testing.assert_allclose(at_zero, fit.coef()["Cluster"]["(Intercept)"], rtol=1e-9)


def test_cross_level_interaction_is_in_the_slope(fit_of):
    fit = fit_of("y ~ Z * X + (1 | Cluster)", "seed_m1")
    codes = fit.matrices.random[0].codes
    x = fit.matrices.columns[fit.matrices.names.index("X")]
    z = fit.matrices.columns[fit.matrices.names.index("Z")]
    lines = cluster_lines(x, part_along(fit, "X"), fit.fitted, codes, 20)
    rise = (lines.end[:, 1] - lines.start[:, 1]) / (lines.end[:, 0] - lines.start[:, 0])
    moderator = np.array([z[codes == j][0] for j in range(20)])
    np.testing.assert_allclose(rise, fit.fixef["X"] + fit.fixef["Z:X"] * moderator, rtol=1e-10)


def test_lines_end_where_the_clusters_rows_end(fit_of):
    fit = fit_of("y ~ X + (1 + X | Cluster)", "seed_m2")
    codes, x = fit.matrices.random[0].codes, fit.matrices.columns[1]
    lines = cluster_lines(x, part_along(fit, "X"), fit.fitted, codes, 20)
    assert lines.start[3, 0] == x[codes == 3].min()
    assert lines.end[3, 0] == x[codes == 3].max()


def test_a_cluster_without_rows_or_spread_is_no_error():
    codes = np.array([0, 0, 2])
    x = np.array([0.0, 1.0, 5.0])
    lines = cluster_lines(x, x, x, codes, 3)
    assert np.isnan(lines.start[1]).all()
    assert lines.start[2].tolist() == lines.end[2].tolist() == [5.0, 5.0]


@pytest.mark.parametrize(
    ("formula", "data", "found"),
    [
        ("y ~ 1 + (1 | Cluster)", "seed_m0", None),
        ("y ~ Z + X + (1 | Cluster)", "seed_m1", "X"),
        ("y ~ Z + (1 | Cluster)", "seed_m1", None),  # the same within a cluster
        ("Reaction ~ scale(Days) + (1 | Subject)", "sleepstudy", "scale(Days)"),
    ],
)
def test_the_axis_is_a_quantity_that_varies_inside_clusters(fit_of, formula, data, found):
    fit = fit_of(formula, data)
    assert level_one_predictor(fit, fit.matrices.random[0].codes) == found
