"""Stepped wedges and cross-overs, by their definition."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import DesignError

CROSSED = nl.nested(nl.crossed(clinic=8, month=5), patient=3)
WITHIN = nl.nested(clinic=8, month=5, patient=3)


def drawn(assignment, design, predictors=None):
    truth = nl.Population(
        "y ~ 1 + (1 | clinic)",
        {"(Intercept)": 0},
        {"clinic": 1},
        1,
        {**(predictors or {}), "t": assignment},
    )
    return truth.simulate(design, seed=1)


@pytest.mark.parametrize("design", [CROSSED, WITHIN], ids=["crossed", "nested"])
def test_a_cluster_stays_treated_and_two_start_in_each_month(design):
    data = drawn(nl.stepped_wedge("clinic", "month"), design)
    data["time"] = (data["month"] - 1) % 5
    table = data.pivot_table(index="clinic", columns="time", values="t").to_numpy()
    assert (np.diff(table, axis=1) >= 0).all()
    assert table.sum(axis=0).tolist() == [0, 2, 4, 6, 8]


def test_steps_say_when_sequences_start():
    data = drawn(nl.stepped_wedge("clinic", "month", [3, 5]), CROSSED)
    table = data.pivot_table(index="clinic", columns="month", values="t")
    assert table.sum().tolist() == [0, 0, 4, 4, 8]


def test_periods_may_be_a_predictor():
    design = nl.nested(clinic=6, visit=4)
    data = drawn(nl.stepped_wedge("clinic", "week"), design, {"week": nl.time(0, 2)})
    assert data.groupby("week")["t"].mean().round(3).tolist() == [0, 0.333, 0.667, 1]


def test_a_cross_over_gives_each_unit_a_sequence():
    sequences = [["A", "B", "C"], ["B", "C", "A"], ["C", "A", "B"]]
    design = nl.nested(clinic=9, visit=3)
    data = drawn(nl.cross_over("clinic", "visit", sequences), design)
    rows = data.groupby("clinic")["t"].agg("".join)
    assert sorted(rows.value_counts().to_dict().items()) == [("ABC", 3), ("BCA", 3), ("CAB", 3)]
    assert data["t"].cat.categories.tolist() == ["A", "B", "C"]


def test_shares_of_sequences():
    data = drawn(nl.cross_over("clinic", "visit", prob=[0.25, 0.75]), nl.nested(clinic=8, visit=2))
    assert data[data["visit"] % 2 == 1]["t"].value_counts().to_dict() == {"B": 6, "A": 2}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (nl.stepped_wedge("clinic", "moth"), "Did you mean 'month'"),
        (nl.stepped_wedge("clinic", "month", [2, 9]), "there are 5 periods"),
        (nl.stepped_wedge("clinic", "month", [2] * 9), "9 sequences for 8 clusters"),
        (nl.cross_over("clinic", "month"), "sequences have 2 treatments"),
    ],
    ids=str,
)
def test_designs_that_do_not_fit_are_refused(assignment, message):
    with pytest.raises(DesignError, match=message):
        drawn(assignment, CROSSED)
