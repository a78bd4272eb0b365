"""Counterbalanced conditions and groups in one arm."""

import pytest

import nestling as nl
from nestling.errors import DesignError


def test_a_latin_square_balances_subjects_and_items():
    truth = nl.Population(
        "y ~ 1 + (1 | s)",
        {"(Intercept)": 0},
        {"s": 1},
        1,
        {"c": nl.counterbalanced("s", "i", ["a", "b", "c"])},
    )
    data = truth.simulate(nl.crossed(s=12, i=9), seed=1)
    assert data.groupby(["s", "c"], observed=True).size().tolist() == [3] * 36
    assert data.groupby(["i", "c"], observed=True).size().tolist() == [4] * 27
    lists = data.groupby("s")["c"].agg("".join)
    assert lists.nunique() == 3
    other = truth.simulate(nl.crossed(s=12, i=9), seed=2)
    assert not data["c"].equals(other["c"])


def test_conditions_stay_with_a_pair_over_its_trials():
    truth = nl.Population(
        "y ~ 1 + (1 | s)",
        {"(Intercept)": 0},
        {"s": 1},
        1,
        {"c": nl.counterbalanced("s", "i")},
    )
    data = truth.simulate(nl.nested(nl.crossed(s=4, i=6), trial=3), seed=1)
    assert (data.groupby(["s", "i"])["c"].nunique() == 1).all()


@pytest.mark.parametrize(
    "design",
    [
        nl.nested(group=5, person=[4, 1, 1, 3, 1]),
        nl.nested(group=5, person=[4, 1, 1, 3, 1], visit=2),
        nl.nested(arm=1, group=5, person=[4, 1, 1, 3, 1]),
    ],
    ids=["persons", "persons with visits", "below another unit"],
)
def test_groups_of_one_are_the_other_arm(design):
    truth = nl.Population(
        "y ~ t + (0 + t | group)",
        {"(Intercept)": 0, "t": 1},
        {"group": 4},
        1e-6,
        {"t": nl.partially_nested("group")},
    )
    data = truth.simulate(design, seed=1)
    assert data.groupby("group")["t"].first().tolist() == [1, 0, 0, 1, 0]
    # only groups have effects of their own
    assert (data.loc[data["t"] == 0, "y"].abs() < 0.01).all()
    assert (data.loc[data["t"] == 1, "y"].abs() > 0.01).all()


def conditions(predictor, design):
    unit = design.names[0]
    truth = nl.Population(
        f"y ~ 1 + (1 | {unit})", {"(Intercept)": 0}, {unit: 1}, 1, {"t": predictor}
    )
    return truth.simulate(design, seed=1)


def test_every_laboratory_has_its_own_square():
    design = nl.nested(nl.nested(lab=3), nl.crossed(s=4, i=6))
    data = conditions(nl.counterbalanced("s", "i"), design)
    assert data.groupby("s")["t"].sum().tolist() == [3] * 12
    assert data.groupby("i")["t"].sum().tolist() == [2] * 18


@pytest.mark.parametrize(
    ("predictor", "design", "message"),
    [
        (nl.counterbalanced("s", "i", 3), nl.crossed(s=9, i=2), "3 conditions for 2 units of 'i'"),
        (nl.counterbalanced("s", "i", 3), nl.crossed(s=2, i=9), "3 conditions for 2 units of 's'"),
        (nl.counterbalanced("s", "i"), nl.nested(s=4, i=6), "'i' is nested in 's'"),
        (nl.counterbalanced("s", "i"), nl.nested(i=6, s=4), "'s' is nested in 'i'"),
        (nl.partially_nested("g"), nl.nested(g=5, i=3), "more than one member, so it is 1 in all"),
        (nl.partially_nested("g"), nl.nested(g=5, i=1), "has one member, so it is 0 in all"),
        (nl.partially_nested("g"), nl.nested(g=5, i=1, visit=3), "one member"),
    ],
)
def test_designs_that_make_no_such_conditions_are_refused(predictor, design, message):
    with pytest.raises(DesignError, match=message):
        conditions(predictor, design)
