"""Designs that are found reach the target, and the search spends replicates near it."""

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.studies.find_design import find_design
from nestling.studies.search import Search, power_of_strength, strength_of_power
from nestling.studies.shared_design import SharedDesign

TRUTH = nl.Population(
    "y ~ x + (1 | g)",
    {"(Intercept)": 1, "x": 0.3},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=10, id=5)
SIZES = {"g": (4, 100), "id": (3, 12)}


@pytest.fixture(scope="module")
def found():
    return find_design(
        TRUTH, DESIGN, SIZES, predictors="fixed", seed=1, points=3, cost={"g": 10, "id": 1},
        n_sims=800,
    )  # fmt: skip


def test_designs_reach_the_power(found):
    table = found.table
    assert table["id"].tolist() == [3, 6, 12]
    assert table["reached"].all()
    # the curve is smoothed over the sizes tried: within the Monte-Carlo error of one of them
    assert (abs(table["power"] - 0.8) < 0.06).all()
    assert table["g"].is_monotonic_decreasing
    assert table["cost"].tolist() == (10 * table["g"] + table["g"] * table["id"]).tolist()


def test_the_cheapest_is_the_best(found):
    row = found.table.loc[found.table["cost"].idxmin()]
    assert dict(found.best.sizes) == {"g": row["g"], "id": row["g"] * row["id"]}
    assert "Cheapest" in str(found)
    assert "Cheapest" in found._repr_html_()


def test_replicates_are_spent_near_the_target(found):
    tried = found.tried
    far = abs(tried["power"] - 0.8) > 0.15
    assert far.any()
    assert (tried.loc[far, "n"] < 800).all()
    assert len(tried) < 30


def test_two_arm_trial_against_the_closed_form():
    arms = nl.values([0.0, 1.0] * 30, level="g")
    with pytest.raises(nl.errors.NestlingError, match="At g = "):
        find_design(
            TRUTH.replace(predictors={"x": arms}), nl.nested(g=60, id=5), {"g": (10, 90)},
            predictors="fixed", n_sims=50, seed=1,
        )  # fmt: skip
    # the size of the clusters may change when the arms are given per cluster
    truth = TRUTH.replace(predictors={"x": arms}, fixed={"x": 0.6})
    found = find_design(
        truth, nl.nested(g=60, id=5), {"id": (2, 40)}, predictors="fixed", n_sims=4000, seed=2
    )
    size = int(found.table["id"].iloc[0])

    def exact(n):
        shift = 0.6 / np.sqrt(4.0 * (0.5 + 1.0 / n) / 60)
        edge = stats.t.ppf(0.975, 58)
        return stats.nct.sf(edge, 58, shift)

    # between the sizes at which the exact power is 0.8 give or take three Monte-Carlo standard
    # errors (0.0063 at each of several sizes)
    assert exact(size) > 0.78
    assert exact(size - 1) < 0.82


def test_a_width():
    found = find_design(
        TRUTH, DESIGN, {"g": (5, 150)}, width=0.4, test="z", predictors="fixed", n_sims=200, seed=1
    )
    assert found.table["width"].iloc[0] == pytest.approx(0.4, rel=0.05)
    with pytest.raises(nl.errors.ArgumentError, match="two sizes"):
        found.plot()


def test_a_power_that_is_out_of_reach():
    found = find_design(
        TRUTH, DESIGN, {"g": (5, 6)}, power=0.99, predictors="fixed", n_sims=100, seed=1
    )
    assert not found.table["reached"].any()
    assert "No design" in str(found)
    with pytest.raises(nl.errors.ModelError, match="larger sizes"):
        _ = found.best


def test_contours_show_the_designs(found):
    ax = found.plot()
    smallest = next(line for line in ax.lines if str(line.get_label()).startswith("smallest"))
    assert smallest.get_xdata().tolist() == found.table["g"].tolist()
    assert ax.get_ylabel() == "id"


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"sizes": {"grp": (2, 5)}}, nl.errors.ArgumentError, "grp"),
        ({"sizes": {"g": (5, 5)}}, nl.errors.ArgumentError, "least"),
        ({"sizes": {"g": 5}}, nl.errors.ArgumentError, "least"),
        ({"sizes": {"g": (2.5, 8)}}, nl.errors.ArgumentError, "least"),
        ({"sizes": "g"}, nl.errors.ArgumentTypeError, "sizes"),
        ({"points": 1}, nl.errors.ArgumentError, "points"),
        ({"cost": {"grp": 1}}, nl.errors.ArgumentError, "grp"),
        ({"cost": {"g": -1}}, nl.errors.ArgumentError, "cost"),
        ({"cost": 5}, nl.errors.ArgumentTypeError, "cost"),
        ({"power": 80}, nl.errors.ArgumentError, "power"),
        ({"power": 0}, nl.errors.ArgumentError, "power"),
        ({"power": 0.8, "width": 1}, nl.errors.ArgumentError, "two targets"),
        ({"width": 0}, nl.errors.ArgumentError, "width"),
        ({"effect": "X"}, nl.errors.ArgumentError, "X"),
        ({"test": ["z"]}, nl.errors.ArgumentTypeError, "one test"),
    ],
)
def test_bad_searches_are_refused(change, error, says):
    arguments = {"sizes": SIZES, "n_sims": 10, "seed": 1, "predictors": "fixed"} | change
    with pytest.raises(error, match=says):
        find_design(TRUTH, DESIGN, **arguments)


def test_several_effects_need_a_choice():
    truth = nl.Population(
        "y ~ x + w + (1 | g)", {"(Intercept)": 1, "x": 0.3, "w": 1}, {"g": 0.5}, 1.0,
        predictors={"x": nl.normal(0, 1), "w": nl.normal(0, 1)},
    )  # fmt: skip
    with pytest.raises(nl.errors.ArgumentError, match="several effects"):
        find_design(truth, DESIGN, SIZES, seed=1)


def test_a_search_without_error_finds_the_size():
    search = Search(
        lambda size, _: 0.5 * np.sqrt(size), 2, 400, strength_of_power(0.8, 10**9, 0.05), 500
    )
    # (2.80 / 0.5) squared is 31.4
    assert search.run() == 32
    assert power_of_strength(np.array(strength_of_power(0.6, 10**9, 0.05)), 0.05) == pytest.approx(
        0.6
    )


TWO = TRUTH.replace(
    formula="y ~ x + w + (1 | g)", fixed={"w": 0.2}, predictors={"w": nl.normal(0, 1)}
)


@pytest.mark.parametrize(
    ("options", "effect"),
    [
        ({"hypotheses": {"both": ["x", "w"]}}, "both"),
        ({"hypotheses": {"sum": "x + w"}}, "sum"),
        ({"hypotheses": {"sum": "x + w"}, "width": 0.5, "power": None}, "sum"),
        ({"variances": True}, "(1 | g)"),
        ({"test": "lrt"}, "x"),
    ],
    ids=["joint", "contrast", "width of a contrast", "variance", "likelihood ratio"],
)
def test_whatever_is_tested_can_be_looked_for(options, effect):
    given = {"power": 0.7, **options}
    found = find_design(
        TWO, DESIGN, {"g": (4, 60)}, predictors="fixed", n_sims=300, effect=effect, seed=3, **given
    )
    column, target = ("width", 0.5) if given["power"] is None else ("power", 0.7)
    row = found.table.iloc[0]
    # the curve is smoothed over the sizes tried; three Monte-Carlo errors of one of them
    assert abs(row[column] - target) < 3 * np.sqrt(0.7 * 0.3 / 300)
    study = nl.power(
        TWO, found.best, 300, predictors="fixed", seed=3,
        **{name: value for name, value in options.items() if name not in ("width", "power")},
    )  # fmt: skip
    table = study.simulated.set_index("effect")
    assert table.loc[effect, column] == pytest.approx(row[column], rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"hypotheses": {"both": ["x", "w"]}, "effect": "both"},
        {"variances": True, "effect": "(1 | g)"},
        {"test": "lrt", "effect": "x"},
    ],
)
def test_a_width_needs_an_interval(options):
    with pytest.raises(nl.errors.ArgumentError, match="has none with this test"):
        find_design(TWO, DESIGN, {"g": (4, 60)}, width=0.5, n_sims=50, seed=1, **options)


@pytest.mark.parametrize("name", ["designs", "designs.duckdb"])
def test_a_search_goes_on_from_its_store(tmp_path, name, monkeypatch):
    call = {"n_sims": 120, "points": 2, "predictors": "fixed"}
    sizes = {"g": (8, 60), "id": (3, 12)}
    fresh = find_design(TRUTH, DESIGN, sizes, seed=5, **call)
    first = find_design(TRUTH, DESIGN, sizes, seed=5, store=tmp_path / name, **call)
    made = []
    whole = SharedDesign.chunk
    monkeypatch.setattr(
        SharedDesign, "chunk", lambda engine, part: made.append(part) or whole(engine, part)
    )
    # without a seed it goes on with the stored one
    again = find_design(TRUTH, DESIGN, sizes, store=tmp_path / name, **call)
    assert first.tried.equals(again.tried)
    assert fresh.tried.equals(again.tried)
    # a look with few replicates at a size that has all of them by now is made, not stored
    assert all(len(part) < 120 for part in made)
    with pytest.raises(nl.errors.ArgumentError, match="seed entropy: stored 5, now 6"):
        find_design(TRUTH, DESIGN, sizes, seed=6, store=tmp_path / name, **call)


def test_a_bar_says_which_design_is_tried(capsys):
    find_design(
        TRUTH, DESIGN, SIZES, seed=5, n_sims=60, points=2, predictors="fixed", progress=True
    )
    shown = capsys.readouterr().err
    assert "g=20, id=3" in shown
    assert "size" in shown


def test_sizes_that_are_not_enough_say_what_they_have():
    found = find_design(TRUTH, DESIGN, {"g": (4, 6)}, n_sims=60, predictors="fixed", seed=1)
    text = str(found)
    power = found.tried.loc[found.tried["g"] == 6, "power"].iloc[-1]
    assert f"Not reached: g 6 have power {power:.4g}" in text
    assert "No design within these sizes" in text
    assert "nan" not in text.lower()
