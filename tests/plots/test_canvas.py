import subprocess
import sys

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from nestling.errors import ArgumentError, MissingDependencyError
from nestling.plots.canvas import dress, given_axes, key, panels, size


def test_panels_are_drawn_without_pyplot():
    code = (
        "import sys; from nestling.plots.canvas import panels; panels((1, 1), 3); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_the_room_leaves_matplotlib_alone():
    code = "import sys, nestling.plots; assert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_global_settings_stay_as_they_are():
    before = dict(mpl.rcParams)
    (ax,) = panels((1, 1), 3.0)
    dress(ax, "title", "x", "y")
    assert dict(mpl.rcParams) == before


def test_missing_matplotlib_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match=r"nestling\[plot\]"):
        panels((1, 1), 3.0)


def test_size_is_in_inches():
    ax = Figure(figsize=(4, 2)).add_axes((0.0, 0.0, 0.5, 1.0))
    assert size(ax) == (2.0, 2.0)


def test_given_axes_are_counted():
    axes = Figure().subplots(1, 2)
    assert given_axes(axes, 2, "a, b") == tuple(axes)
    assert given_axes(axes[0], 1, "a") == (axes[0],)
    with pytest.raises(ArgumentError, match="holds 1 axes, but the figure has 2 panels: a, b"):
        given_axes(axes[0], 2, "a, b")


@pytest.mark.parametrize("own", [True, False])
def test_legend_shows_full_colour(own):
    (ax,) = panels((1, 1), 3.0)
    ax.plot([0, 1], [0, 1], alpha=0.1, label="faint")
    key(ax, own=own)
    legend = ax.figure.legends[0] if own else ax.get_legend()
    assert [handle.get_alpha() for handle in legend.legend_handles] == [1.0]
