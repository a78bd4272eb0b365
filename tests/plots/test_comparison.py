import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nestling.errors import ArgumentError
from nestling.plots import plot_comparison

TABLE = pd.DataFrame(
    {
        "truth": [2.2, 0.0, 1.7, 1.7, 2.0, 5.0],
        "estimate": [2.4, 0.2, 1.1, 1.7, 2.4, 5.2],
        "lower": [1.7, -0.3, 0.8, 1.6, 1.3, 4.7],
        "upper": [3.3, 0.6, 1.5, 1.8, 3.4, 5.7],
    },
    index=[
        "sd_(Intercept)|Cluster", "cor_X.(Intercept)|Cluster", "sd_X|Cluster", "sigma",
        "(Intercept)", "X",
    ],
)  # fmt: skip


def _words(ax):
    return ax.get_title(loc="left"), [label.get_text() for label in ax.get_yticklabels()]


def test_parameters_stand_by_kind_and_in_words():
    assert [_words(ax) for ax in plot_comparison(TABLE)] == [
        ("Fixed effects", ["(Intercept)", "X"]),
        ("Standard deviations", ["(Intercept) by Cluster", "X by Cluster", "Residual"]),
        ("Correlations", ["X with (Intercept) by Cluster"]),
    ]


def test_marks_are_the_numbers_of_the_table():
    _, spreads, _ = plot_comparison(TABLE)
    rows = TABLE.iloc[[0, 2, 3]]
    drawn = {line.get_label(): line.get_xdata() for line in spreads.get_lines()}
    np.testing.assert_array_equal(drawn["Put in: true value"], rows["truth"])
    np.testing.assert_array_equal(drawn["Came back: estimate and interval"], rows["estimate"])
    (intervals,) = spreads.collections
    ends = np.array([segment[:, 0] for segment in intervals.get_segments()])
    np.testing.assert_array_equal(ends, rows[["lower", "upper"]].to_numpy())


def test_a_parameter_on_another_scale_has_its_own_panel():
    table = TABLE.copy()
    table.loc["(Intercept)", ["truth", "estimate", "lower", "upper"]] = [250, 251, 238, 265]
    titles = [ax.get_title(loc="left") for ax in plot_comparison(table)]
    assert titles[:2] == ["Fixed effects", "Fixed effects, on another scale"]


def test_a_parameter_without_interval_still_has_its_marks():
    table = TABLE.copy()
    table.loc["sigma", ["lower", "upper"]] = np.nan
    axes = plot_comparison(table)
    axes[0].figure.draw_without_rendering()
    assert len(_words(axes[1])[1]) == 3


def test_coefficients_named_like_spreads_stay_coefficients():
    table = TABLE.rename(index={"X": "sd_X"})
    assert _words(plot_comparison(table)[0]) == ("Fixed effects", ["(Intercept)", "sd_X"])


def test_the_axes_given_are_used():
    axes = Figure().subplots(3, 1)
    assert plot_comparison(TABLE, ax=axes) == tuple(axes)
    with pytest.raises(ArgumentError, match="Fixed effects, Standard deviations, Correlations"):
        plot_comparison(TABLE, ax=axes[0])


@pytest.mark.parametrize("table", [TABLE.drop(columns="truth"), TABLE.drop(index="sigma")])
def test_another_table_is_refused(table):
    with pytest.raises(ArgumentError, match=r"nl\.compare"):
        plot_comparison(table)
