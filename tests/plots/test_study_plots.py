"""Figures of studies hold what their tables say."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import nestling as nl

TRUTH = nl.Population(
    "y ~ x + (1 | g)",
    {"(Intercept)": 1, "x": 0.3},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=10, id=5)
FAST = {"predictors": "fixed", "seed": 1}


@pytest.fixture(scope="module")
def study():
    return nl.power(TRUTH, DESIGN, 200, test=["z", "satterthwaite"], **FAST)


@pytest.fixture(scope="module")
def recovery():
    return nl.recovery(TRUTH, DESIGN, 200, **FAST)


def line(ax, label):
    return next(each for each in ax.lines if each.get_label() == label)


def test_power_and_type_one_rates_are_those_of_the_table(study):
    ax = study.plot()
    table = study.table.set_index("test")
    assert line(ax, "Power, z").get_xdata().tolist() == table.loc["z", "power"].tolist()
    rates = line(ax, "Type-I rate, satterthwaite").get_xdata().tolist()
    assert rates == table.loc["satterthwaite", "type1"].tolist()
    assert [each.get_text() for each in ax.get_yticklabels()] == ["(Intercept)", "x"]
    assert [each.get_text() for each in study.plot("x").get_yticklabels()] == ["x"]


def test_recovery_shows_truth_and_mean(recovery):
    axes = recovery.plot(["x", "sigma"])
    assert line(axes[0], "Put in: true value").get_xdata()[0] == 0.3
    mean = line(axes[1], "Came back: mean estimate").get_xdata()[0]
    assert mean == pytest.approx(recovery.table.loc["sigma", "mean"])
    assert len(recovery.plot()) == 4


def test_the_zipper_counts_what_the_table_counts(recovery):
    ax = recovery.plot.zipper("x")
    missed = next(each for each in ax.collections if each.get_gid() == "misses it")
    share = len(missed.get_segments()) / 200
    assert 1 - share == pytest.approx(recovery.table.loc["x", "coverage"])
    bottom = min(segment[0, 1] for segment in missed.get_segments())
    assert bottom == pytest.approx(100 * (1 - share), abs=0.5)


@pytest.mark.parametrize("make", [nl.power_curve, nl.precision_curve])
def test_curves_draw_their_points(make):
    curve = make(TRUTH, DESIGN, {"g": [5, 10]}, 50, target=0.7, **FAST)
    ax = curve.plot()
    column = "power" if make is nl.power_curve else "width"
    assert np.array_equal(line(ax, "x").get_ydata(), curve.table[column])
    assert any("wanted: 0.7" in text.get_text() for text in ax.texts)


def test_axes_of_the_caller(study, recovery):
    axes = Figure().subplots(1, 4)
    assert study.plot(ax=axes[0]) is axes[0]
    assert recovery.plot("x", ax=axes[1])[0] is axes[1]
    assert recovery.plot.zipper(ax=axes[2]) is axes[2]


def test_figures_of_what_is_not_there(study, recovery):
    for draw in (
        lambda: study.plot("X"),
        lambda: recovery.plot("sd"),
        lambda: recovery.plot.zipper("X"),
        lambda: recovery.plot.zipper("x", "z"),
        lambda: recovery.plot(["x", "sigma"], ax=Figure().subplots()),
    ):
        with pytest.raises(nl.errors.ArgumentError):
            draw()
    other = nl.recovery(TRUTH, DESIGN, 4, formula="y ~ ID + (1 | g)".replace("ID", "id"), seed=1)
    with pytest.raises(nl.errors.ArgumentError, match="no true value"):
        other.plot.zipper("id")
    assert len(other.plot()) == 4
