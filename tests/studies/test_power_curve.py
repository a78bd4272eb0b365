"""Curves: against single studies and closed forms, with common random numbers."""

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.studies.monotone import reached, rising
from nestling.studies.power import power
from nestling.studies.power_curve import power_curve
from nestling.studies.precision_curve import precision_curve

TRUTH = nl.Population(
    "y ~ x + (1 | g)",
    {"(Intercept)": 1, "x": 0.3},
    {"g": 0.5},
    1.0,
    predictors={"x": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=10, id=5)


@pytest.fixture(scope="module")
def curve():
    return power_curve(
        TRUTH, DESIGN, {"g": [40, 10, 20]}, 500, predictors="fixed", seed=1,
        test=["satterthwaite", "z"],
    )  # fmt: skip


def test_points_are_studies_of_their_own(curve):
    one = power(TRUTH, nl.nested(g=20, id=5), 500, predictors="fixed", seed=1)
    row = one.table.set_index("effect").loc["x"]
    table = curve.table
    point = table[(table["test"] == "satterthwaite") & (table["size"] == 20)].iloc[0]
    assert point[["power", "lower", "upper", "type1"]].tolist() == (
        row[["power", "lower", "upper", "type1"]].tolist()
    )
    assert table["size"].tolist() == [10, 20, 40, 10, 20, 40]
    assert (table.groupby("test")["smooth"].diff().dropna() >= 0).all()


def test_the_smallest_size_lies_where_the_power_passes(curve):
    answer = curve.smallest(0.8).set_index("test").loc["satterthwaite"]
    assert 10 < answer["from"] <= answer["smallest"] <= answer["to"] <= 40
    n = int(answer["smallest"])
    check = power(TRUTH, nl.nested(g=n, id=5), 2000, predictors="fixed", seed=3)
    # x is drawn once for each size: its sum of squares has a CV of 14 % with 100 rows
    assert check.table.set_index("effect").loc["x", "power"] == pytest.approx(0.8, abs=0.12)
    assert np.isnan(power_curve(
        TRUTH, DESIGN, {"g": [5, 6]}, 50, predictors="fixed", seed=1
    ).smallest(0.99)["smallest"].iloc[0])  # fmt: skip


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
def test_along_an_effect_one_set_of_replicates_is_enough(predictors):
    curve = power_curve(
        TRUTH, DESIGN, {"fixed": {"x": [0.0, 0.25, 0.5]}}, 30, predictors=predictors, seed=2
    )
    own = power(TRUTH.replace(fixed={"x": 0.5}), DESIGN, 30, predictors=predictors, seed=2)
    shifted = curve.studies[-1]
    # only the rounding of the optimum differs
    assert shifted.replicates.fixed == pytest.approx(own.replicates.fixed, abs=1e-5)
    assert shifted.plan.true_values["x"] == 0.5
    row = own.table.set_index("effect").loc["x"]
    assert abs(curve.table["power"].iloc[-1] - row["power"]) <= 1 / 30 + 1e-12
    assert curve.table["power"].iloc[0] == pytest.approx(curve.table["type1"].iloc[0])


def test_along_an_effect_against_the_normal_power():
    curve = power_curve(
        TRUTH, nl.nested(g=60, id=10), {"x": [0.05, 0.1, 0.15]}, 3000, test="z",
        predictors="fixed", seed=4,
    )  # fmt: skip
    # with many clusters the standard error is known nearly without error
    study = curve.studies[0]
    se = np.sqrt((study.replicates.se["z"][:, 1] ** 2).mean())
    for row in curve.table.to_dict("records"):
        edge = stats.norm.ppf(0.975)
        expected = stats.norm.sf(edge - row["value"] / se) + stats.norm.cdf(
            -edge - row["value"] / se
        )
        assert abs(row["power"] - expected) < 5 * np.sqrt(expected * (1 - expected) / 3000) + 0.005


def test_smallest_effect_is_the_nearest_to_zero():
    curve = power_curve(
        TRUTH, DESIGN, {"x": [-0.8, -0.4, 0.1, 0.3, 0.6]}, 300, predictors="fixed", seed=2
    )
    answer = curve.smallest(0.8)["smallest"].iloc[0]
    assert 0.3 < answer < 0.8


def test_a_variance_lowers_power():
    curve = power_curve(TRUTH, DESIGN, {"residual": [0.5, 4]}, 200, predictors="fixed", seed=1)
    assert curve.table["power"].is_monotonic_decreasing
    assert curve.along.column == "value"
    with pytest.raises(nl.errors.ArgumentError, match="falls along 'residual'"):
        curve.smallest()
    wide = power_curve(
        TRUTH, DESIGN, {"random": {"g": [0.1, 2]}}, 50, predictors="fixed", seed=1,
        effect="(Intercept)",
    )  # fmt: skip
    assert wide.table["power"].is_monotonic_decreasing


def test_widths_shrink_with_the_root_of_the_size():
    curve = precision_curve(
        TRUTH, DESIGN, {"g": [20, 80]}, 300, test="z", predictors="fixed", seed=1, target=0.3
    )
    table = curve.table
    # four times the clusters: half the width, up to the draw of x
    assert table["width"].iloc[0] / table["width"].iloc[1] == pytest.approx(2.0, rel=0.1)
    expected = 2 * 1.96 * table["emp_se"].to_numpy()
    assert table["width"].to_numpy() == pytest.approx(expected, rel=0.12)
    assert 20 < curve.smallest()["smallest"].iloc[0] <= 80
    assert "Precision" in str(curve)


def test_a_curve_is_stored_and_goes_on(tmp_path):
    arguments = {"along": {"g": [6, 8]}, "n_sims": 20, "store": tmp_path / "curve"}
    first = power_curve(TRUTH, DESIGN, **arguments)
    assert sorted(each.name for each in (tmp_path / "curve").iterdir()) == ["g=6", "g=8"]
    assert power_curve(TRUTH, DESIGN, **arguments).table.equals(first.table)


@pytest.mark.parametrize(
    ("along", "error", "says"),
    [
        ({"grp": [1, 2]}, nl.errors.ArgumentError, "grp"),
        ({"fixed": {"z": [1, 2]}}, nl.errors.ArgumentError, "'z'"),
        ({"g": [10]}, nl.errors.ArgumentError, "one point"),
        ({"g": [10, 10]}, nl.errors.ArgumentError, "one point"),
        ({"g": [10.5, 20]}, nl.errors.ArgumentTypeError, "whole numbers"),
        ({"g": "10, 20"}, nl.errors.ArgumentTypeError, "whole numbers"),
        ({"g": 10}, nl.errors.ArgumentTypeError, "whole numbers"),
        ({"x": [0.1, float("nan")]}, nl.errors.ArgumentTypeError, "numbers"),
        ({"g": [5, 10], "id": [5, 10]}, nl.errors.ArgumentError, "2 things"),
        ({}, nl.errors.ArgumentError, "none"),
        (["g"], nl.errors.ArgumentTypeError, "along"),
        ({"g": [0, 10]}, nl.errors.DesignError, "At g = 0|0"),
        ({"g": [1, 10]}, nl.errors.NestlingError, "At g = 1"),
        ({"residual": [-1, 1]}, nl.errors.PopulationError, "At residual = -1"),
    ],
)
def test_bad_curves_are_refused(along, error, says):
    with pytest.raises(error, match=says):
        power_curve(TRUTH, DESIGN, along, 10, seed=1)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"effect": "X"}, "X"), ({"target": 80}, "target"), ({"level": 95}, "level")],
)
def test_bad_arguments_of_curves(change, says):
    with pytest.raises(nl.errors.ArgumentError, match=says):
        power_curve(TRUTH, DESIGN, {"g": [5, 10]}, 10, seed=1, **change)
    with pytest.raises(nl.errors.ArgumentError, match="target"):
        precision_curve(TRUTH, DESIGN, {"g": [5, 10]}, 10, target=-1)


def test_text_says_sizes_and_smoothing(curve):
    text = str(curve)
    assert "along g" in text
    assert "Power 0.8 for x (satterthwaite): g " in text
    assert "smoothed" in text
    assert "<table" in curve._repr_html_()


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([0.3, 0.1, 0.2], [1, 1, 1], [0.2, 0.2, 0.2]),
        ([0.4, 0.1], [1, 3], [0.175, 0.175]),
        ([0.1, np.nan, 0.3], [1, 1, 1], [0.1, np.nan, 0.3]),
        ([], [], []),
    ],
)
def test_rising(values, weights, expected):
    assert rising(np.array(values, dtype=float), np.array(weights, dtype=float)) == pytest.approx(
        expected, nan_ok=True
    )


def test_reached_at_the_first_point():
    assert reached(np.array([5.0, 10.0]), np.array([0.9, 0.95]), 0.8) == 5.0


TWO = TRUTH.replace(
    formula="y ~ x + w + (1 | g)", fixed={"w": 0.2}, predictors={"w": nl.normal(0, 1)}
)


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
@pytest.mark.parametrize("along", [{"g": [6, 20]}, {"fixed": {"w": [0.1, 0.4]}}])
def test_points_of_hypotheses_are_studies_of_their_own(along, predictors):
    asked = {"hypotheses": {"both": ["x", "w"], "sum": "x + w"}, "test": ["satterthwaite", "lrt"]}
    curve = power_curve(TWO, DESIGN, along, 40, seed=2, predictors=predictors, **asked)
    assert curve.effects == ("x", "w", "both", "sum")
    sizes, values = along.get("g", [10, 10]), along.get("fixed", {"w": [0.2, 0.2]})["w"]
    for point, (size, value) in enumerate(zip(sizes, values, strict=True)):
        study = nl.power(
            TWO.replace(fixed={"w": value}), nl.nested(g=size, id=5), 40, seed=2,
            predictors=predictors, **asked,
        )  # fmt: skip
        want = study.simulated.set_index(["effect", "test"])["power"]
        got = curve.table.set_index(["effect", "test"]).groupby(level=[0, 1], sort=False)
        for name, rows in got:
            assert rows["power"].iloc[point] == want[name]


def test_power_of_a_variance_along_clusters():
    curve = power_curve(TWO, DESIGN, {"g": [5, 30]}, 100, seed=2, variances=True,
                        effect="(1 | g)", predictors="fixed")  # fmt: skip
    few, many = curve.table["power"]
    assert few < many
    assert "Power 0.8 for (1 | g) (lrt)" in str(curve)


def test_widths_of_contrasts():
    curve = precision_curve(TWO, DESIGN, {"g": [10, 40]}, 60, seed=2, predictors="fixed",
                            hypotheses={"sum": "x + w"})  # fmt: skip
    table = curve.table.set_index("effect")
    study = nl.power(TWO, DESIGN, 60, seed=2, predictors="fixed", hypotheses={"sum": "x + w"})
    want = study.simulated.set_index("effect")["width"]
    for name in ("x", "w", "sum"):
        assert table.loc[name, "width"].iloc[0] == pytest.approx(want[name], rel=1e-12)
    both = {"both": ["x", "w"], "sum": "x + w"}
    options = {"seed": 2, "predictors": "fixed", "hypotheses": both}
    found = precision_curve(TWO, DESIGN, {"g": [10, 40]}, 60, **options)
    assert found.table.equals(curve.table)
    with pytest.raises(nl.errors.ArgumentError, match="have no interval together"):
        precision_curve(TWO, DESIGN, {"g": [10, 40]}, 10, effect="both", **options)
