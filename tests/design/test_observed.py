"""Designs read from data, and extended."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, DataError, DesignError

TRUTH = nl.Population(
    "y ~ X + (1 | school) + (1 | pupil)",
    {"(Intercept)": 0, "X": 1},
    {"school": 1, "pupil": 1},
    1,
    {"X": nl.normal(0, 1)},
)


@pytest.fixture
def pilot():
    return TRUTH.simulate(nl.nested(school=4, pupil=[2, 3, 4, 2], test=2), seed=1)


@pytest.mark.parametrize("as_frame", [pd.DataFrame, pl.from_pandas, lambda d: d.to_dict("list")])
def test_units_and_rows_are_those_of_the_data(pilot, as_frame):
    mixed = pilot.sample(frac=1, random_state=1)
    design = nl.Design.from_frame(as_frame(mixed), ["pupil", "school"])
    assert design.names == ("school", "pupil")
    assert design.inside["pupil"] == ("school",)
    assert design.n == len(mixed)
    assert np.array_equal(design.codes()["pupil"] + 1, mixed["pupil"])
    data = TRUTH.simulate(design, seed=2)
    assert np.array_equal(data["school"], mixed["school"])


def test_crossed_units_are_found_out():
    data = nl.crossed(subject=4, item=3).to_frame()
    design = nl.Design.from_frame(data, "subject", "item")
    assert design.inside == {"subject": (), "item": ()}
    text = pd.DataFrame({"school": ["a", "a", "b"], "pupil": [1, 2, 1]})
    assert nl.Design.from_frame(text, "school/pupil").sizes == {"school": 2, "pupil": 3}
    assert nl.Design.from_frame(text, "school", "pupil").sizes["pupil"] == 2


def test_values_of_the_data_go_with_their_rows(pilot):
    design = nl.Design.from_frame(pilot, "school", "pupil").extend(school=7)
    X = pilot["X"].to_numpy()[design.source]
    data = TRUTH.replace(predictors={"X": nl.values(X)}).simulate(design, seed=1)
    assert np.array_equal(data["X"][: len(pilot)], pilot["X"])
    first = pilot["school"] == 1
    fifth = data["school"] == 5
    assert np.array_equal(data["X"][fifth], pilot["X"][first])
    assert data["pupil"].nunique() == 11 + 2 + 3 + 4
    assert not set(data["pupil"][fifth]) & set(pilot["pupil"])


def test_copies_by_chance_are_of_units_that_are_there(pilot):
    design = nl.Design.from_frame(pilot, "school", "pupil")
    more, same = design.extend(school=40, seed=3), design.extend(school=40, seed=3)
    assert more == same
    sizes = np.bincount(more.codes()["school"])
    assert set(sizes.tolist()) <= {4, 6, 8}
    assert sizes[:4].tolist() == [4, 6, 8, 4]


@pytest.mark.parametrize(
    ("design", "more", "n"),
    [
        (nl.nested(g=20, i=50), {"g": 40}, 2000),
        (nl.nested(g=2, i=[3, 5]), {"g": 4}, 16),
        (nl.nested(g=3, i=2), {"i": 12}, 12),
        (nl.crossed(s=4, i=3), {"i": 6}, 24),
    ],
)
def test_plain_designs_are_extended_too(design, more, n):
    made = design.extend(**more)
    assert made.n == n
    ((unit, total),) = more.items()
    assert made.sizes[unit] == total


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda d: nl.Design.from_frame(d, "scool"), DataError, "Did you mean"),
        (nl.Design.from_frame, DesignError, "without units"),
        (lambda d: nl.Design.from_frame(d, 3), ArgumentTypeError, "no name of a column"),
        (
            lambda d: nl.Design.from_frame(d.assign(school=np.nan), "school"),
            DataError,
            "names no unit",
        ),
        (lambda d: nl.Design.from_frame(d, "school").extend(school=2), DesignError, "4 units"),
        (lambda d: nl.Design.from_frame(d, "school").replace(school=9), DesignError, "extend"),
        (lambda _: nl.nested(g=3, i=2).source, DesignError, "from_frame"),
    ],
)
def test_what_cannot_be_is_refused(pilot, make, error, message):
    with pytest.raises(error, match=message):
        make(pilot)


def test_a_curve_runs_along_an_observed_unit(pilot):
    design = nl.Design.from_frame(pilot, "school", "pupil")
    assert design.sized(school=6) == design.extend(school=6)
    assert nl.nested(g=2, i=3).sized(g=5) == nl.nested(g=5, i=3)
    curve = nl.power_curve(TRUTH, design, along={"school": [4, 8]}, n_sims=4, seed=1)
    assert curve.table["size"].tolist() == [4, 8]
    with pytest.raises(DesignError, match="has 4 units"):
        nl.power_curve(TRUTH, design, along={"school": [2, 8]}, n_sims=4, seed=1)


def test_an_open_design_is_described_by_one_draw():
    design = nl.nested(school=4, pupil=nl.poisson(6))
    said = TRUTH.describe(design.replace(pupil=nl.poisson(6)))
    rows = np.bincount(design.draw(0).codes()["school"])
    assert f"means of school, {rows.min()} to {rows.max()} rows each" in said
