import numpy as np
import pytest
from matplotlib.figure import Figure

from nestling.errors import ArgumentError
from nestling.plots import plot_caterpillar

SLOPES = ("y ~ X + (1 + X | Cluster)", "seed_m2")


def _points(ax):
    """Level positions and modes of all points, from the lowest."""
    drawn = np.hstack([line.get_data() for line in ax.get_lines() if line.get_marker() == "o"])
    return drawn[:, np.argsort(drawn[1])]


def test_modes_are_sorted_and_labelled(fit_of):
    fit = fit_of(*SLOPES)
    for ax, name in zip(plot_caterpillar(fit), ["(Intercept)", "X"], strict=True):
        expected = fit.ranef()["Cluster"][name].sort_values()
        np.testing.assert_allclose(_points(ax)[0], expected.to_numpy(), rtol=1e-12)
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert labels == [str(level) for level in expected.index]


def test_intervals_are_modes_and_conditional_sds(fit_of):
    fit = fit_of(*SLOPES)
    frame = fit.ranef(cond_var=True)["Cluster"]
    for j, ax in enumerate(plot_caterpillar(fit, level=0.9)):
        segments = np.vstack([s for c in ax.collections for s in c.get_segments()])
        ends = segments.reshape(-1, 2, 2)
        ends = ends[np.argsort(ends[:, 0, 1])]
        half = 1.6448536269514722 * np.sqrt(frame.attrs["cond_var"][:, j, j])
        order = np.argsort(frame.iloc[:, j].to_numpy())
        np.testing.assert_allclose(ends[:, 1, 0] - ends[:, 0, 0], 2 * half[order], rtol=1e-9)


def test_colour_tells_intervals_that_leave_out_zero(fit_of):
    (ax,) = plot_caterpillar(fit_of(*SLOPES), effects="X")
    clear, unclear = ax.collections
    assert all(np.sign(s[0, 0]) == np.sign(s[1, 0]) for s in clear.get_segments())
    assert all(np.sign(s[0, 0]) != np.sign(s[1, 0]) for s in unclear.get_segments())


def test_words_name_effect_and_unit(fit_of):
    first, second = plot_caterpillar(fit_of(*SLOPES))
    assert first.get_title(loc="left") == "Random intercept by Cluster"
    assert second.get_title(loc="left") == "Random effect of X by Cluster"
    assert first.get_xlabel() == "Deviation from the average (y)\nwith 95 % interval"
    assert second.get_xlabel() == "Deviation from the average (y per X)\nwith 95 % interval"
    assert (first.get_ylabel(), second.get_ylabel()) == ("Cluster", "")


def test_the_axes_given_are_used(fit_of):
    axes = Figure().subplots(1, 2)
    assert plot_caterpillar(fit_of(*SLOPES), ax=axes) == tuple(axes)
    assert plot_caterpillar(fit_of(*SLOPES), effects="X", ax=axes[0]) == (axes[0],)


def test_many_levels_leave_out_the_labels(fit_of):
    (ax,) = plot_caterpillar(fit_of("y ~ 1 + (1 | g)", "manylevels"))
    assert not len(ax.get_yticks())
    assert _points(ax).shape == (2, 1500)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"group": "School"}, "group='School' is not a grouping factor"),
        ({"effects": ["X", "Z"]}, "effects='Z' is not a random effect"),
        ({"level": 95}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fit_of, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        plot_caterpillar(fit_of(*SLOPES), **arguments)
