"""Assignment: arms in the shares stated, everywhere they are promised."""

import pickle
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nestling as nl
from nestling.errors import DesignError, PopulationError
from nestling.random.rrandom import RRandom
from nestling.simulate.allocation import allocated, systematic
from nestling.simulate.call_text import call_text
from nestling.simulate.listed import PREDICTORS
from nestling.simulate.reading import read

DESIGN = nl.nested(region=6, clinic=4, patient=10)
SIX = nl.nested(clinic=6, patient=7)


def drawn(predictors, design=DESIGN, seed=1, rng="numpy"):
    truth = nl.Population("y ~ 1 + (1 | clinic)", {"(Intercept)": 0}, {"clinic": 1}, 1, predictors)
    return truth.simulate(design, seed, rng=rng)


def counts(data, unit, arm="t"):
    return data.drop_duplicates(unit)[arm].value_counts().sort_index().tolist()


@pytest.mark.parametrize("rng", ["numpy", "R"])
@pytest.mark.parametrize(
    ("assignment", "unit", "expected"),
    [
        (nl.assign(), "patient", [120, 120]),
        (nl.assign(prob=0.25), "patient", [180, 60]),
        (nl.assign(["c", "a", "b"], [0.5, 0.3, 0.2]), "patient", [120, 72, 48]),
        (nl.assign(3, level="clinic"), "clinic", [8, 8, 8]),
        (nl.assign(level="region"), "region", [3, 3]),
    ],
    ids=["rows", "unequal", "three", "clusters", "outer clusters"],
)
def test_complete_assignment_is_exact(assignment, unit, expected, rng):
    assert counts(drawn({"t": assignment}, rng=rng), unit) == expected


@pytest.mark.parametrize("blocks", ["region", ["region"]])
def test_blocked_clusters(blocks):
    data = drawn({"t": nl.assign(level="clinic", blocks=blocks)})
    by_block = data.drop_duplicates("clinic").groupby("region")["t"].sum()
    assert by_block.tolist() == [2] * 6


def test_blocks_of_a_predictor_and_a_unit():
    sex = nl.categorical({"f": 0.5, "m": 0.5})
    data = drawn({"sex": sex, "t": nl.assign(blocks=["region", "sex"])}, seed=3)
    shares = data.groupby(["region", "sex"], observed=True)["t"].agg(["sum", "size"])
    assert ((shares["sum"] - shares["size"] / 2).abs() <= 0.5).all()


def test_remainders_go_to_the_arms_in_their_shares():
    # 4 patients in blocks, shares 3/8 and 5/8: 1.5 and 2.5, so 1 or 2 with equal chances
    design = nl.nested(clinic=4000, patient=4)
    data = drawn({"t": nl.assign(prob=[0.375, 0.625], blocks="clinic")}, design)
    held = data.groupby("clinic")["t"].sum()
    assert set(held) == {2, 3}
    assert abs((held == 2).mean() - 0.5) < 5 * 0.5 / np.sqrt(4000)


SHARES = {
    "one left": [0.5, 0.3, 0.2],
    "two left": [0.45, 0.35, 0.2],
    "three left": [0.9 / 3, 0.9 / 3, 0.9 / 3, 0.1],
    "four arms": [0.4, 0.3, 0.2, 0.1],
    "equal": [0.25] * 4,
    "thirds": [1 / 3] * 3,
}


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES)
def test_few_units_have_the_stated_shares_on_average(shares, n):
    blocks, k = 20_000, len(shares)
    block = np.repeat(np.arange(blocks), n)
    arms = allocated(np.random.default_rng(n), n * blocks, np.array(shares), block)
    held = np.bincount(block * k + arms, minlength=blocks * k).reshape(blocks, k)
    exact = n * np.array(shares)
    # never further from the share than a whole number must be
    assert (np.abs(held - exact) < 1).all()
    left = exact - np.floor(exact + 1e-9)
    assert (
        np.abs(held.mean(axis=0) - exact) <= 5 * np.sqrt(left * (1 - left) / blocks) + 1e-9
    ).all()
    # nor does the place in its block tell anything of a unit's arm
    for place in range(n):
        found = np.bincount(arms[place::n], minlength=k) / blocks
        assert (np.abs(found - shares) < 5 * np.sqrt(0.25 / blocks)).all()


@pytest.mark.parametrize(
    "lost",
    [[0.5, 0.3, 0.2], [0.9, 0.7, 0.4], [0.9, 0.9, 0.9, 0.3], [0.0, 0.35, 0.65], [0.2, 0.0, 0.8]],
    ids=str,
)
def test_starts_all_along_the_step_choose_exactly_as_often_as_lost(lost):
    # all breaks are at multiples of 1/20, so the middles between them stand for every start
    starts = (np.arange(20) + 0.5) / 20
    for order in permutations(range(len(lost))):
        p = np.array(lost)[list(order)]
        chosen = systematic(np.tile(p, (20, 1)), starts)
        assert chosen.min() >= 0
        assert chosen.max() == 1
        assert chosen.mean(axis=0).tolist() == pytest.approx(p, abs=1e-12)
        assert set(chosen.sum(axis=1)) == {round(sum(lost))}


def test_any_two_arms_may_be_chosen_together():
    block = np.repeat(np.arange(500), 2)
    arms = allocated(np.random.default_rng(1), 1000, np.full(4, 0.25), block)
    assert len({frozenset(pair) for pair in arms.reshape(-1, 2).tolist()}) == 6


def test_blocks_may_be_in_any_order_and_of_any_size():
    rng = np.random.default_rng(3)
    block = rng.permutation(np.repeat(np.arange(50), rng.integers(1, 9, 50)))
    for stream in (np.random.default_rng(1), RRandom(1)):
        arms = allocated(stream, block.size, np.array([0.5, 0.25, 0.25]), block)
        held = np.bincount(block * 3 + arms, minlength=150).reshape(50, 3)
        assert (np.abs(held - np.outer(np.bincount(block), [0.5, 0.25, 0.25])) < 1).all()


def test_a_coin_for_every_unit():
    design = nl.nested(clinic=20, patient=500)
    data = drawn({"t": nl.assign(prob=0.3, method="simple")}, design)
    assert abs(data["t"].mean() - 0.3) < 5 * np.sqrt(0.21 / 10_000)
    assert data.groupby("clinic")["t"].sum().nunique() > 3


def test_every_cell_of_a_factorial_is_as_frequent():
    between = nl.factorial({"A": ["a1", "a2"], "B": 3}, level="clinic")
    data = drawn(between)
    cells = data.drop_duplicates("clinic").groupby(["A", "B"], observed=True).size()
    assert cells.tolist() == [4] * 6
    within = nl.factorial({"A": None, "B": None}, blocks="clinic")
    data = drawn(within, nl.nested(clinic=5, patient=8))
    assert data.groupby(["clinic", "A", "B"]).size().tolist() == [2] * 20


def test_cells_of_a_factorial_drawn_for_every_unit():
    simple = nl.factorial({"A": 2, "B": 3}, method="simple")
    assert [str(each) for each in simple.values()] == [
        "nl.assign(['A', 'B'], method='simple')",
        "nl.assign(['A', 'B', 'C'], method='simple')",
    ]
    n = 6000
    data = drawn(simple, nl.nested(clinic=10, patient=n // 10))
    cells = data.groupby(["A", "B"], observed=True).size() / n
    assert (np.abs(cells - 1 / 6) < 5 * np.sqrt(5 / 36 / n)).all()


@pytest.mark.parametrize(
    "values",
    [
        nl.categorical({"f": 0.5, "m": 0.5}),
        nl.bernoulli(0.5),
        nl.poisson(2),
        nl.values([0.5, 1.5, 2.5] * 2, level="region"),
        nl.time(0, 0.5),
        nl.assign(),
    ],
    ids=str,
)
def test_blocks_of_predictors_with_few_values(values):
    data = drawn({"x": values, "t": nl.assign(blocks="x")})
    held = data.groupby("x", observed=True)["t"].agg(["sum", "size"])
    assert ((held["sum"] - held["size"] / 2).abs() <= 0.5).all()


@pytest.mark.parametrize(
    ("predictors", "message"),
    [
        ({"x": nl.normal(0, 1)}, "by 'x', nl.normal\\(0, 1\\), whose values are all different"),
        ({"x": nl.normal(0, 1, level="clinic")}, "Block by a predictor with few values"),
        ({"x": nl.normal(0, 1, icc=0.2)}, "a block of its own"),
        ({"x": nl.time(jitter=0.1)}, "a block of its own"),
        ({"x": nl.time(events=True)}, "a block of its own"),
        ({"x": nl.empirical(np.linspace(0, 1, 500))}, "a block of its own"),
        ({"z": nl.bernoulli(0.5), "x": "2 * z"}, "computed when all others"),
        ({}, "neither a unit of the design nor a predictor"),
    ],
)
def test_blocks_that_cannot_be_are_refused(predictors, message):
    with pytest.raises(nl.errors.NestlingError, match=message):
        drawn({**predictors, "t": nl.assign(blocks="x")})


def test_a_treatment_is_not_its_own_block():
    with pytest.raises(PopulationError, match="blocked by itself"):
        drawn({"t": nl.assign(blocks="t")})


def test_unknown_blocks_list_every_name_once():
    with pytest.raises(DesignError) as caught:
        drawn({"x": nl.bernoulli(0.5), "t": nl.assign(blocks="qqq")})
    assert str(caught.value).endswith("Known: 'region', 'clinic', 'patient', 'x'.")


@pytest.mark.parametrize("whole", [np.int64(3), np.int32(3), np.uint8(3)])
def test_numbers_of_arms_may_be_numpy_numbers(whole):
    assert nl.assign(whole) == nl.assign(3)
    assert nl.counterbalanced("s", "i", whole) == nl.counterbalanced("s", "i", 3)


def test_a_treatment_does_not_change_other_draws():
    plain = drawn({"x": nl.normal(0, 1)})
    treated = drawn({"t": nl.assign(), "x": nl.normal(0, 1)})
    assert plain["x"].equals(treated["x"])
    assert plain["y"].equals(treated["y"])


def test_columns_of_a_fit_are_named_as_the_population_says():
    truth = nl.Population(
        "y ~ arm + (1 | clinic)",
        {"(Intercept)": 0, "armnew": 1, "armother": 2},
        {"clinic": 0.2},
        1,
        {"arm": nl.assign(["usual", "new", "other"], level="clinic")},
    )
    fit = nl.lmer("y ~ arm + (1 | clinic)", truth.simulate(nl.nested(clinic=30, i=20), seed=1))
    assert fit.fixef.index.tolist() == ["(Intercept)", "armnew", "armother"]


@pytest.mark.parametrize(
    "made",
    [
        nl.assign(),
        nl.assign(["a", "b"], 0.25, level="clinic"),
        nl.assign(3, method="simple"),
        nl.assign(blocks=["region", "sex"]),
        nl.stepped_wedge("c", "p"),
        nl.stepped_wedge("c", "p", [2, 4]),
        nl.cross_over("c", "p", [["A", "B", "C"], ["B", "C", "A"]], [0.25, 0.75]),
        nl.counterbalanced("s", "i", ["x", "y"]),
        nl.partially_nested("g"),
    ],
    ids=str,
)
def test_records_print_their_call_and_pickle(made):
    assert eval(str(made), {"nl": nl}) == made
    assert pickle.loads(pickle.dumps(made)) == made
    hash(made)


NAMES = st.text(min_size=1, max_size=8)


@st.composite
def shares_of(draw, k):
    parts = draw(st.lists(st.floats(1e-3, 1e3), min_size=k, max_size=k))
    return draw(st.sampled_from([None, [part / sum(parts) for part in parts], [1 / k] * k]))


@st.composite
def records(draw):
    k = draw(st.integers(2, 5))
    arms = draw(st.one_of(st.just(k), st.lists(NAMES, min_size=k, max_size=k, unique=True)))
    one, two = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    prob, level = draw(shares_of(k)), draw(st.none() | NAMES)
    blocks = draw(st.none() | st.lists(NAMES, min_size=1, max_size=3))
    steps = draw(st.none() | st.lists(st.integers(1, 9**9), min_size=1, max_size=3))
    sequences = [[one, two, "C"], *([two, "C", one] for _ in range(1, k))]
    made = [
        lambda: nl.assign(arms, prob, blocks=blocks, level=level),
        lambda: nl.assign(arms, prob, level=level, method="simple"),
        lambda: nl.assign(prob=draw(st.floats(1e-6, 0.999)), blocks=blocks, level=level),
        lambda: nl.factorial({one: arms, two: None}, level=level)[two],
        lambda: nl.stepped_wedge(one, two, steps),
        lambda: nl.cross_over(one, two, sequences, prob),
        lambda: nl.counterbalanced(one, two, arms),
        lambda: nl.partially_nested(one),
    ]
    return draw(st.sampled_from(made))()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(records())
def test_every_record_is_read_back_from_its_text(made):
    assert eval(str(made), {"nl": nl}) == made
    assert read(call_text(made), PREDICTORS, ()) == made


def test_thirds_and_numpy_names_are_written_as_they_are():
    third = nl.assign(3, [1 / 3] * 3)
    assert str(third).endswith("prob=[0.3333333333333333, 0.3333333333333333, 0.3333333333333333])")
    named = nl.assign([np.str_("a"), np.str_("b")], level=np.str_("g"), blocks=np.str_("h"))
    assert str(named) == "nl.assign(['a', 'b'], blocks=['h'], level='g')"
    wedge = nl.stepped_wedge(np.str_("c"), "p", [np.int64(2)])
    assert str(wedge) == "nl.stepped_wedge('c', 'p', steps=[2])"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nl.assign(["a"]), "at least two labels"),
        (lambda: nl.assign(["a", "a"]), "appears twice"),
        (lambda: nl.assign(1), "2 to 26 arms"),
        (lambda: nl.assign(["a", "b"], [0.5, 0.4]), "0.5 \\+ 0.4 = 0.9"),
        (lambda: nl.assign(["a", "b", "c"], 0.5), "1 numbers for 3 arms"),
        (lambda: nl.assign(prob=1.0), "above 0"),
        (lambda: nl.assign(method="complet"), "Did you mean 'complete'"),
        (lambda: nl.assign(blocks=3), "blocks=3"),
        (lambda: nl.assign(blocks="g", method="simple"), "throws a coin"),
        (lambda: nl.assign(level=3), "level=3"),
        (lambda: nl.factorial({"A": 2}), "at least two factors"),
        (lambda: nl.stepped_wedge("c", "p", [0, 2]), "counted from 1"),
        (lambda: nl.stepped_wedge("c", "p", 3), "list of periods"),
        (lambda: nl.stepped_wedge("", "p"), "name of a unit"),
        (lambda: nl.cross_over("c", "p", [["A", "B"], ["A"]]), "same length"),
        (lambda: nl.cross_over("c", "p", [["A", "B"], ["B", "A"]], [0.5]), None),
        (lambda: nl.cross_over("c", "p", prob=[0.2, 0.3, 0.5]), "3 numbers for 2 sequences"),
        (lambda: nl.cross_over("c", "p", [["A"], ["B"]]), "one treatment for each period"),
        (lambda: nl.cross_over("c", "p", [["A", "A"], ["A", "A"]]), "have one treatment"),
        (lambda: nl.cross_over("c", "p", 3), "sequences=3"),
        (lambda: nl.cross_over("c", "c"), "'c' is named twice"),
        (lambda: nl.stepped_wedge("c", "c"), "'c' is named twice"),
        (lambda: nl.counterbalanced("s", "s"), "'s' is named twice"),
        (lambda: nl.assign(True), "expected a list of at least two labels"),
        (lambda: nl.assign(level=""), "level=''; expected the name of a unit"),
        (lambda: nl.assign(method=["simple"]), "method=\\['simple'\\]"),
        (lambda: nl.assign(["a", "b"], [0.5, 0.50000001]), "0.5 \\+ 0.50000001 = 1.00000001"),
        (lambda: nl.factorial({"A": 2, "B": 1}), "nl.factorial\\(\\), 'B': arms=1"),
        (lambda: nl.factorial({"A": 2, 3: 2}), "not all named by text"),
        (lambda: nl.factorial({"A": 2, "B": 2}, blocks="A"), "also in blocks="),
        (lambda: nl.factorial({"A": 2, "B": 2}, blocks=3), "blocks=3"),
        (lambda: nl.factorial({"A": 2, "B": 2}, blocks="g", method="simple"), "throws a coin"),
        (lambda: nl.factorial({"A": 2, "B": 2}, method="complet"), "Did you mean 'complete'"),
        (lambda: nl.cross_over("c", "p", [[1, 2], [2, 1]]), "named by text"),
        (lambda: nl.counterbalanced("s", 3), "item=3"),
    ],
)
def test_impossible_assignments_are_refused(make, message):
    if message is None:
        assert make().prob == (0.5, 0.5)
        return
    with pytest.raises(nl.errors.NestlingError, match=message):
        make()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (nl.assign(blocks="klinic"), "Did you mean 'clinic'"),
        (nl.assign(level="region", blocks="clinic"), "differs within them"),
        (nl.assign(level="regio"), "Did you mean 'region'"),
        (nl.partially_nested("group"), "does not have"),
        (nl.counterbalanced("clinic", "patient"), "nested in 'clinic'"),
        (nl.counterbalanced("patient", "clinic"), "nested in 'clinic'"),
    ],
    ids=str,
)
def test_designs_that_do_not_fit_are_refused(assignment, message):
    with pytest.raises(DesignError, match=message):
        drawn({"t": assignment})


def test_a_power_study_of_a_cluster_trial():
    truth = nl.Population(
        "y ~ t + (1 | clinic)",
        {"(Intercept)": 0, "t": 0.5},
        {"clinic": 0.1},
        1,
        {"t": nl.assign(level="clinic")},
    )
    study = nl.power(truth, nl.nested(clinic=20, patient=10), 200, seed=1)
    from scipy import stats

    # a balanced two-arm cluster trial: t test of clinic means on 18 df
    shift = 0.5 / np.sqrt(4 * (0.1 + 1 / 10) / 20)
    exact = stats.nct.sf(stats.t.isf(0.025, 18), 18, shift)
    assert abs(study.table.set_index("effect").loc["t", "power"] - exact) < 5 * np.sqrt(
        exact * (1 - exact) / 200
    )


def test_refused_arms_name_the_class():
    with pytest.raises(PopulationError, match="expected a list"):
        nl.assign(pd.Series(["a", "b"]))


def test_scales_know_the_shares_of_arms():
    truth = nl.Population(
        "y ~ t + c + (1 | clinic)",
        {"(Intercept)": 0, "t": nl.d(0.4), "cB": 2},
        {"clinic": 3},
        4,
        {"t": nl.assign(prob=0.25), "c": nl.cross_over("clinic", "visit", prob=[0.75, 0.25])},
    )
    assert truth.fixed["t"] == pytest.approx(0.4 * np.sqrt(7))
    # 2 in half of the rows, whatever the shares of the sequences: a variance of 1
    assert "fixed effects" in truth.describe()
    share = float(truth.describe().split("fixed effects")[1].split()[0])
    assert share == pytest.approx(0.16 * 7 * 0.25 * 0.75 + 1, rel=1e-4)
