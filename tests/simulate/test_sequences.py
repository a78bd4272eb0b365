"""Stepped wedges and cross-overs, by their definition."""

import numpy as np
import pandas as pd
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


REGIONS = nl.nested(nl.nested(region=2), nl.crossed(clinic=4, month=5), patient=2)


def test_months_of_two_regions_are_the_same_months():
    data = drawn(nl.stepped_wedge("clinic", "month"), REGIONS)
    assert data["month"].nunique() == 10  # ids of the second region go on
    data["time"] = (data["month"] - 1) % 5
    assert data.groupby("time")["t"].mean().tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_months_of_years_go_on():
    years = nl.crossed(nl.nested(clinic=5), nl.nested(year=2, month=3))
    data = drawn(nl.stepped_wedge("clinic", "month"), years)
    assert data.groupby("month")["t"].sum().tolist() == [0, 1, 2, 3, 4, 5]


def test_periods_may_be_nested_in_a_predictor_of_the_unit_between():
    design = nl.nested(clinic=6, patient=3, visit=4)
    week = {"week": nl.time(cluster="patient")}
    data = drawn(nl.stepped_wedge("clinic", "week"), design, week)
    assert data.groupby("week")["t"].mean().round(3).tolist() == [0, 0.333, 0.667, 1]


def test_periods_may_be_categories_in_their_order():
    weeks = pd.Categorical(["w1", "w10", "w2"] * 6, categories=["w1", "w2", "w10"])
    design = nl.nested(clinic=6, visit=3)
    data = drawn(nl.stepped_wedge("clinic", "week"), design, {"week": nl.values(weeks)})
    held = data.groupby("week", observed=True)["t"].sum()
    assert held.to_dict() == {"w1": 0, "w2": 3, "w10": 6}


def test_observed_periods_of_a_cluster_are_counted_in_their_order():
    frame = pd.DataFrame({"clinic": [2, 2, 1, 1, 1, 2], "month": [7, 9, 3, 8, 5, 8]})
    data = drawn(
        nl.stepped_wedge("clinic", "month", [2, 3]), nl.Design.from_frame(frame, "clinic/month")
    )
    table = data.sort_values(["clinic", "month"]).groupby("clinic")["t"].agg(list)
    assert sorted(table) == [[0, 0, 1], [0, 1, 1]]


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


JITTER = {"week": nl.time(jitter=0.2)}
BETWEEN = {"week": nl.values(range(8), level="clinic")}


@pytest.mark.parametrize(
    "made", [nl.stepped_wedge, nl.cross_over], ids=["stepped wedge", "cross-over"]
)
@pytest.mark.parametrize(
    ("design", "period", "predictors", "message"),
    [
        (nl.nested(month=3, clinic=4, i=2), "month", {}, "each unit of 'clinic' is in one period"),
        (CROSSED, "week", BETWEEN, "no two units of 'clinic' share a value"),
        (nl.nested(clinic=4, month=1, i=2), "month", {}, "only one period of 'month'"),
        (nl.nested(nl.crossed(clinic=4, month=1), i=2), "month", {}, "only one period of 'month'"),
        (nl.nested(clinic=4, patient=3, month=2), "month", {}, "nested in 'patient'"),
        (nl.nested(clinic=4, month=2), "week", JITTER, "no two units of 'clinic' share a value"),
        (CROSSED, "weak", {"week": nl.poisson(3)}, "Did you mean 'week'"),
    ],
    ids=["clusters in periods", "values of clusters", "one", "one, crossed", "between", "jitter",
         "unknown"],
)  # fmt: skip
def test_clusters_that_do_not_go_through_periods_are_refused(
    made, design, period, predictors, message
):
    with pytest.raises(DesignError, match=message):
        drawn(made("clinic", period), design, predictors)
