import numpy as np
import pytest
from matplotlib.figure import Figure

from nestling.errors import ArgumentError
from nestling.plots import plot_check
from nestling.plots.canvas import VERMILLION

SLEEP = ("Reaction ~ Days + (Days | Subject)", "sleepstudy")
CROSSED = ("y ~ A * B + x + (1 | g) + (1 | item)", "contr")


def _points(ax):
    """Coordinates of all points of an axes."""
    lines = [line for line in ax.get_lines() if line.get_linestyle() == "None"]
    return np.hstack([line.get_data() for line in lines])


@pytest.fixture(scope="module")
def page(fit_of):
    fit = fit_of(*SLEEP)
    check = fit.check()
    return fit, check, plot_check(fit, check)


def test_titles_name_the_panels(page):
    titles = [ax.get_title(loc="left") for ax in page[2]]
    assert titles == [
        "Residuals by fitted value",
        "Spread by Subject",
        "Quantiles of residuals",
        "Quantiles of random effects",
        "Influence by Subject",
        "Collinearity",
    ]


def test_residuals_stand_at_their_fitted_values(page):
    fit, _, axes = page
    x, y = _points(axes[0])
    np.testing.assert_allclose(x, fit.fitted)
    np.testing.assert_allclose(y, fit.residuals("studentised"))


def test_spread_is_the_sd_of_each_cluster(page):
    fit, _, axes = page
    codes = fit.matrices.random[0].codes
    values = fit.residuals("studentised")
    sd = sorted(values[codes == j].std(ddof=1) for j in range(18))
    x, y = _points(axes[1])
    np.testing.assert_allclose(y[np.argsort(x)], sd)
    labels = [label.get_text() for label in axes[1].get_xticklabels()]
    assert (labels[0], labels[-1]) == ("309", "332")


def test_quantiles_are_those_of_the_fit(page):
    fit, _, axes = page
    found = fit.qq()
    np.testing.assert_allclose(_points(axes[2]), [found.theoretical, found.sample])
    parts = [fit.qq(f"{name}|Subject").sample for name in ("(Intercept)", "Days")]
    np.testing.assert_allclose(_points(axes[3])[1], np.concatenate(parts))
    texts = [text.get_text() for text in axes[3].get_legend().get_texts()]
    assert texts == ["(Intercept) by Subject", "Days by Subject"]


def test_influence_is_cooks_distance(page):
    _, check, axes = page
    x, y = _points(axes[4])
    distance = check.influence[0].cooks_distance.to_numpy()
    np.testing.assert_allclose(y[np.argsort(x)], distance)
    named = {text.get_text() for text in axes[4].texts}
    assert {"309", "4 / levels"} <= named


def test_inflation_is_drawn_for_each_term(fit_of):
    fit = fit_of(*CROSSED)
    ax = plot_check(fit, fit.check(influence=False))[5]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["A", "B", "x", "A:B"]
    drawn = ax.collections[1].get_offsets()
    np.testing.assert_allclose(drawn[:, 0], fit.vif().iloc[:, 2] ** 2)


def test_the_group_can_be_chosen(fit_of):
    axes = plot_check(fit_of(*CROSSED), group="g")
    assert axes[1].get_title(loc="left") == "Spread by g"
    assert axes[4].get_title(loc="left") == "Influence by g"


def test_clusters_above_the_bound_are_coloured(fit_of):
    fit = fit_of("y ~ x + x2 + (x | grp)", "unbal")
    ax = plot_check(fit)[4]
    above = [line for line in ax.get_lines() if line.get_color() == VERMILLION]
    assert "g17" in {text.get_text() for text in ax.texts}
    assert len(above[0].get_xdata()) == 1


def test_a_singular_fit_says_what_is_not_drawn(fit_of):
    axes = plot_check(fit_of("Yield ~ 1 + (1 | Batch)", "Dyestuff2"))
    assert axes[3].texts[0].get_text() == "The variances are zero:\nthere is nothing to draw."
    assert axes[5].texts[0].get_text() == "No fixed effects\nbeside the intercept."


def test_many_clusters_are_drawn_without_names(fit_of):
    fit = fit_of("y ~ 1 + (1 | g)", "manylevels")
    axes = plot_check(fit, fit.check(influence=False))
    assert not len(axes[1].get_xticks())
    assert axes[4].texts[0].get_text() == "The levels were not left out\none by one."


def test_the_axes_given_are_used(page):
    axes = Figure().subplots(2, 3).ravel()
    assert plot_check(page[0], page[1], ax=axes) == tuple(axes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"group": "Subjects"}, "Did you mean 'Subject'"),
        ({"ax": [1, 2]}, "the figure has 6 panels"),
    ],
)
def test_what_cannot_be_drawn_is_refused(page, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        plot_check(page[0], page[1], **arguments)
