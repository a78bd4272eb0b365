import numpy as np
import pytest
from matplotlib.figure import Figure

from nestling.errors import ArgumentError
from nestling.plots import plot_clusters

SLOPES = ("y ~ X + (1 + X | Cluster)", "seed_m2")
MEANS = ("y ~ 1 + (1 | Cluster)", "seed_m0")


def _shown(ax, label):
    return next(line for line in ax.get_lines() if line.get_label() == label)


def test_points_are_the_data(fit_of):
    fit = fit_of(*SLOPES)
    points = _shown(plot_clusters(fit), "Data")
    np.testing.assert_array_equal(points.get_xdata(), fit.matrices.columns[1])
    np.testing.assert_array_equal(points.get_ydata(), fit.matrices.response)


def test_one_line_per_cluster_and_one_of_the_fixed_effects(fit_of):
    fit = fit_of(*SLOPES)
    ax = plot_clusters(fit)
    (lines,) = ax.collections
    assert len(lines.get_segments()) == 20
    (x0, x1), (y0, y1) = _shown(ax, "Average line (fixed effects)").get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(fit.fixef["X"], rel=1e-12)
    assert y0 - x0 * fit.fixef["X"] == pytest.approx(fit.fixef["(Intercept)"], rel=1e-10)


def test_words_name_the_data(fit_of):
    ax = plot_clusters(fit_of(*SLOPES))
    assert ax.get_title(loc="left") == "y against X by Cluster"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("X", "y")
    legend = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert legend == ["Data", "Fitted line of each Cluster", "Average line (fixed effects)"]


def test_without_level_one_predictor_points_stand_in_strips(fit_of):
    fit = fit_of(*MEANS)
    ax = plot_clusters(fit)
    points = _shown(ax, "Data")
    np.testing.assert_array_equal(np.rint(points.get_xdata()), fit.matrices.random[0].codes)
    np.testing.assert_array_equal(points.get_ydata(), fit.matrices.response)
    (means,) = ax.collections
    heights = [segment[0, 1] for segment in means.get_segments()]
    expected = fit.fixef["(Intercept)"] + fit.ranef()["Cluster"]["(Intercept)"]
    np.testing.assert_allclose(heights, expected, rtol=1e-10)
    assert [label.get_text() for label in ax.get_xticklabels()] == [str(j) for j in range(1, 21)]


def test_the_axes_given_are_used(fit_of):
    ax = Figure().subplots()
    assert plot_clusters(fit_of(*SLOPES), ax=ax) is ax
    assert ax.get_legend() is not None
    assert not ax.figure.legends


def test_another_group_and_predictor_may_be_asked_for(fit_of):
    crossed = fit_of("diameter ~ 1 + (1 | plate) + (1 | sample)", "Penicillin")
    assert plot_clusters(crossed, group="sample").get_xlabel() == "sample"
    both = fit_of("y ~ Z + X + (1 | Cluster)", "seed_m1")
    assert plot_clusters(both, predictor="Z").get_xlabel() == "Z"


def test_many_levels_thin_the_labels(fit_of):
    ax = plot_clusters(fit_of("y ~ 1 + (1 | g)", "manylevels"))
    assert 5 < len(ax.get_xticks()) < 60
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"predictor": "x"}, "predictor='x' is not a coefficient"),
        ({"group": "Clutser"}, "Did you mean 'Cluster'"),
    ],
)
def test_unknown_names_are_refused(fit_of, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        plot_clusters(fit_of(*SLOPES), **arguments)
