from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestling.data.door import read
from nestling.design.design import crossed, nested
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    DesignError,
    PopulationError,
)
from nestling.model.formula import parse
from nestling.model.levels import levels
from nestling.model.matrices import build
from nestling.model.spreads import corr, cov, sd
from nestling.random.rrandom import RRandom
from nestling.simulate.describe import bernoulli, categorical, constant, normal, uniform, values
from nestling.simulate.needs import needs_of
from nestling.simulate.population import Population
from nestling.simulate.units import unit_of

ONE = "(Intercept)"
REFERENCE = Path(__file__).parents[1] / "reference" / "data"
ARTICLE = nested(Cluster=20, ID=50)
X, Z = normal(0, 1), normal(0, 3, level="Cluster")


# seed_m0 .. seed_m3 are made by tests/reference/make/make_public.R, make_seed_data()
@pytest.mark.parametrize(
    ("case", "truth", "seed", "columns"),
    [
        (
            "m0",
            Population("y ~ 1 + (1 | Cluster)", {ONE: 2}, {"Cluster": 5}, 3),
            {"Cluster": 707, "residual": 777},
            {"u0": "u0j", "e": "eij"},
        ),
        (
            "m1",
            Population(
                "y ~ 1 + Z + X + (1 | Cluster)",
                {ONE: 2, "Z": 3, "X": 4},
                {"Cluster": 5},
                3,
                {"Z": Z, "X": X},
            ),
            {"Cluster": 707, "residual": 111, "Z": 111, "X": 555},
            {"Z": "Z", "X": "X", "u0": "u0j", "b1": "B1", "e": "eij"},
        ),
        (
            "m2",
            Population(
                "y ~ X + (1 + X | Cluster)",
                {ONE: 2, "X": 5},
                {"Cluster": {ONE: 5, "X": 3}},
                3,
                {"X": X},
            ),
            {"Cluster": {ONE: 707, "X": 5707}, "residual": 111, "X": 555},
            {"X": "X", "u0": "u0j", "u1": "u1j", "b0": "b0j", "b1": "b1j", "e": "eij"},
        ),
        (
            "m3",
            Population(
                "y ~ X + (1 + X | Cluster)",
                {ONE: 2, "X": 5},
                {"Cluster": cov([[5, 1], [1, 3]])},
                3,
                {"X": X},
            ),
            {"Cluster": 609, "residual": 111, "X": 555},
            {"X": "X", "u0": "u0j", "u1": "u1j", "b0": "b0j", "b1": "b1j", "e": "eij"},
        ),
    ],
)
def test_the_article_bit_for_bit(case, truth, seed, columns):
    data = truth.simulate(ARTICLE, seed=seed, rng="R", components=True)
    expected = pd.read_csv(REFERENCE / f"seed_{case}.csv")
    for mine, theirs in {"Cluster": "Cluster", "ID": "ID", "y": "y", **columns}.items():
        assert np.array_equal(data[mine], expected[theirs]), mine


def test_the_article_from_its_equations():
    eq = levels(
        """
        Level 1 (ID):      y_ij = b_0j + B1*X_ij + e_ij
        Level 2 (Cluster): b_0j = g_00 + g_01*Z_j + u_0j
        """
    )
    truth = Population(
        eq, g00=2, g01=3, B1=4, random={"u0": 5}, residual=3, predictors={"Z": normal(0, 3), "X": X}
    )
    seed = {"Cluster": 707, "residual": 111, "Z": 111, "X": 555}
    data = truth.simulate(ARTICLE, seed=seed, rng="R", components=True)
    assert list(data.columns) == ["Cluster", "ID", "Z", "X", "y", "u_0", "b_0", "B1", "e"]
    assert np.array_equal(data["y"], pd.read_csv(REFERENCE / "seed_m1.csv")["y"])


SCHOOLS = nested(school=6, classroom=[1, 2, 3, 1, 2, 3], pupil=8)
PREDICTORS = {
    "x": normal(0, 1),
    "p": uniform(1, 2),
    "w": normal(0, 1, level="classroom"),
    "s": bernoulli(0.5, level="school"),
    "trt": categorical(["a", "b", "c"], level="classroom"),
    "sex": categorical({"f": 0.5, "m": 0.5}),
    "grade": categorical(["lo", "mid", "hi"], ordered=True),
    "c": constant(2),
    "wt": uniform(0.5, 4),
}


def truth_of(formula, predictors=PREDICTORS, **options):
    """A population with different values for everything the formula needs."""
    needs = needs_of(parse(formula), predictors, options.get("contrasts"))
    fixed = {name: 0.5 + i for i, name in enumerate(needs.coefficients)}
    random = {}
    for term in needs.terms:
        k = len(term.names)
        matrix = cov(0.3 * np.ones((k, k)) + np.diag(np.arange(1.0, k + 1)))
        random.setdefault(term.group, []).append(matrix)
    return Population(formula, fixed, random, sd(0.7), predictors, **options)


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ 1 + (1 | school)",
        "y ~ x * s + w + (1 + x | school/classroom)",
        "y ~ trt * x * w + sex + grade + (1 | school) + (0 + x | school)",
        "y ~ 0 + trt + trt:x + (x || classroom)",
        "y ~ x:w + (1 | school)",
        "y ~ log(p) + poly(x, 2) + scale(w) + I(x^2) + (I(x^2) | school)",
        "y ~ ns(x, df = 3):sex + (1 | school:sex) + (1 | sex)",
        "y ~ x + offset(p) + offset(w) + (sex | school)",
        "y ~ factor(s) * x + (0 + sex | school)",
        "y ~ w + (1 | classroom) + (w | school)",
        "y ~ c:x + c + (1 + x + w + x:w | school)",
    ],
)
@pytest.mark.parametrize("options", [{}, {"weights": "wt", "offset": "c"}])
def test_the_response_is_the_model(formula, options):
    truth = truth_of(formula, **options)
    data = truth.simulate(SCHOOLS, seed=4, components=True)
    # the columns a fit to these data has, which learns levels and bases from the data alone
    matrices = build(truth.formula, read(data), offset=options.get("offset"))
    assert matrices.names == truth.parameters.names
    y = sum(b * column for b, column in zip(truth.parameters.beta, matrices.columns, strict=True))
    several = len({term.group for term in truth.parameters.terms}) > 1
    labels = iter([name for name in data.columns if name[0] == "u" and name[1].isdigit()])
    shown = dict(zip(matrices.bars, matrices.random, strict=True))
    for i, term in enumerate(truth.parameters.terms):
        for column, _ in zip(shown[i].columns, term.names, strict=True):
            label = next(labels)
            assert label.endswith(term.group) == several
            effect = data[label].to_numpy()
            assert len(set(effect)) == len(set(zip(shown[i].codes, effect, strict=True)))
            y = y + effect * column
    if matrices.offset is not None:
        y = y + matrices.offset
    assert np.allclose(data["y"], y + data["e"], rtol=0, atol=1e-12 * np.abs(y).max())
    assert list(data.columns)[:3] == ["school", "classroom", "pupil"]


@pytest.mark.parametrize(
    ("formula", "sums"),
    [
        ("y ~ x * s + w + (1 + x | school)", {"b0": "1", "b1": "x"}),
        ("y ~ s + w + (1 | school/classroom)", {"b0": "1"}),
        ("y ~ trt * x + w:x + w + (x | classroom)", {"b0": "1", "b1": "x"}),
        ("y ~ 0 + x + (0 + x | school)", {"b1": "x"}),
        ("y ~ x + w + (w | school)", {"b0": "1", "b1": "x", "b2": "w"}),
    ],
)
def test_coefficients_make_the_response(formula, sums):
    data = truth_of(formula).simulate(SCHOOLS, seed=5, components=True)
    assert [name for name in data.columns if name[0] == "b"].__len__() >= len(sums)
    y = data["e"].to_numpy()
    for b in [name for name in data.columns if name[0] == "b" and name[1:].isdigit()]:
        column = sums.get(b, "x")
        y = y + data[b] * (1.0 if column == "1" else data[column])
    assert np.allclose(data["y"], y, rtol=0, atol=1e-12)


def test_cross_level_interactions_are_in_the_slope():
    truth = truth_of("y ~ x * s + (1 + x | school)")
    data = truth.simulate(SCHOOLS, seed=5, components=True)
    beta = truth.fixed
    assert np.allclose(data["b0"], beta[ONE] + beta["s"] * data["s"] + data["u0"], rtol=1e-15)
    assert np.allclose(data["b1"], beta["x"] + beta["x:s"] * data["s"] + data["u1"], rtol=1e-15)


def test_levels():
    data = truth_of("y ~ x + w + s + (1 | school)").simulate(SCHOOLS, seed=1)
    counts = data.groupby("school")["s"].nunique(), data.groupby("classroom")["w"].nunique()
    assert all((count == 1).all() for count in counts)
    assert data["w"].nunique() == SCHOOLS.sizes["classroom"]
    assert data["x"].nunique() == SCHOOLS.n


def test_given_values_belong_to_their_units():
    design = crossed(subject=3, wave=4)
    time = values([0, 1, 2, 4], level="wave")
    truth = Population(
        "y ~ t + (t | subject)", {ONE: 1, "t": 2}, {"subject": [1, 1]}, 1, {"t": time}
    )
    data = truth.simulate(design, seed=1)
    assert data["t"].tolist() == [0, 1, 2, 4] * 3


def test_crossed():
    truth = Population("y ~ 1 + (1 | subject) + (1 | item)", {ONE: 1}, {"subject": 1, "item": 2}, 0)
    data = truth.simulate(crossed(subject=5, item=4), seed=1, components=True)
    assert list(data.columns) == ["subject", "item", "y", "u0_subject", "u0_item", "b0", "e"]
    table = data.pivot_table(index="subject", columns="item", values="y").to_numpy()
    # without a residual the table is additive
    assert np.allclose(table - table[0] - (table[:, :1] - table[0, 0]), 0, atol=1e-14)


def test_types_and_order():
    data = truth_of("y ~ x + sex + grade + s + (1 | school)").simulate(SCHOOLS, seed=1)
    assert list(data["grade"].cat.categories) == ["lo", "mid", "hi"]
    assert data["grade"].cat.ordered
    assert not data["sex"].cat.ordered
    assert data["school"].dtype.kind == data["s"].dtype.kind == "i"


def test_a_category_that_is_not_drawn_keeps_the_others_meaning():
    rare = categorical({"a": 1e-6, "b": 0.5, "c": 0.5 - 1e-6})
    truth = Population("y ~ A + (1 | g)", {ONE: 1, "Ab": 10, "Ac": 20}, {"g": 0}, 0, {"A": rare})
    data = truth.simulate(nested(g=5, i=10), seed=1)
    assert set(data["A"]) == {"b", "c"}
    assert np.array_equal(data["y"], np.where(data["A"] == "b", 11.0, 21.0))


def test_the_response_is_turned_back():
    truth = Population("log(rt) ~ x + (1 | g)", {ONE: 6, "x": 0.1}, {"g": 0.01}, 0.04, {"x": X})
    data = truth.simulate(nested(g=5, i=10), seed=1, components=True)
    assert np.allclose(np.log(data["rt"]), data["b0"] + data["b1"] * data["x"] + data["e"])


def test_one_seed_one_result():
    truth = truth_of("y ~ x + (x | school)")
    first, again = (truth.simulate(SCHOOLS, seed=3) for _ in "ab")
    pd.testing.assert_frame_equal(first, again)
    assert not np.array_equal(first["y"], truth.simulate(SCHOOLS, seed=4)["y"])
    assert not np.array_equal(truth.simulate(SCHOOLS)["y"], truth.simulate(SCHOOLS)["y"])


def test_components_do_not_disturb_each_other():
    one = Population("y ~ x + (1 | school)", {ONE: 1, "x": 1}, {"school": 2}, 1, {"x": X})
    more = Population(
        "y ~ x + w + (1 + w | school)",
        {ONE: 1, "x": 1, "w": 0.5},
        {"school": [2, 1]},
        1,
        {"w": PREDICTORS["w"], "x": X},
    )
    first = one.simulate(SCHOOLS, seed=3, components=True)
    second = more.simulate(SCHOOLS, seed=3, components=True)
    for name in ("x", "u0", "e"):
        assert np.allclose(first[name], second[name], rtol=1e-14, atol=0)


def test_one_seed_of_r_runs_through_the_components_in_order():
    predictors = {"t": bernoulli(0.5, level="g"), "x": X}
    truth = Population(
        "y ~ x + t + (x | g)", {ONE: 1, "x": 2, "t": 3}, {"g": cov([[5, 1], [1, 3]])}, 4, predictors
    )
    data = truth.simulate(nested(g=3, i=4), seed=11, rng="R", components=True)
    r = RRandom(11)
    t, x, u = r.rbinom(3, 1, 0.5), r.rnorm(12), r.mvrnorm(3, [0, 0], [[5, 1], [1, 3]])
    g = np.repeat(np.arange(3), 4)
    assert np.array_equal(data["t"], t[g])
    assert np.array_equal(data["x"], x)
    assert np.allclose(data["u1"], u[g, 1], rtol=1e-14)
    assert np.array_equal(data["e"], r.rnorm(12, 0, 2))


def test_moments():
    sigma = np.array([[5.0, 1.0], [1.0, 3.0]])
    truth = Population(
        "y ~ x + (x | g)",
        {ONE: 2, "x": 4},
        {"g": corr(sd=np.sqrt([5, 3]), r=1 / np.sqrt(15))},
        3,
        {"x": X},
    )
    J, n = 20_000, 5
    data = truth.simulate(nested(g=J, i=n), seed=1, components=True)
    u = data[["u0", "u1"]].to_numpy()[::n]
    d = np.diag(sigma)
    bound = 4 * np.sqrt((np.outer(d, d) + sigma**2) / J)
    assert (np.abs(u.T @ u / J - sigma) <= bound).all()
    e = data["e"]
    assert abs(e.var() - 3) <= 4 * 3 * np.sqrt(2 / e.size)
    assert abs(np.corrcoef(data["x"], e)[0, 1]) <= 4 / np.sqrt(e.size)
    # marginal variance of y: tau0^2 + tau1^2 E x^2 + 16 var x + sigma^2; the SE of the mean of
    # squares is bounded through the J independent clusters
    z = ((data["y"] - 2) ** 2).to_numpy().reshape(J, n).mean(axis=1)
    assert abs(z.mean() - (5 + 3 + 16 + 3)) <= 4 * z.std() / np.sqrt(J)


def test_weights_divide_the_residual_variance():
    truth = Population(
        "y ~ 1 + (1 | g)", {ONE: 0}, {"g": 0}, 4, {"w": values([1, 4] * 20_000)}, weights="w"
    )
    e = truth.simulate(nested(g=10, i=4000), seed=1)["y"].to_numpy()
    for start, variance in ((0, 4.0), (1, 1.0)):
        assert abs(e[start::2].var() - variance) <= 4 * variance * np.sqrt(2 / 20_000)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.integers(0, 2**32 - 1),
    st.floats(-100, 100),
)
def test_shifting_the_intercept_shifts_the_response(sizes, seed, shift):
    design = nested(g=len(sizes), i=sizes)
    truth = Population("y ~ x + (1 | g)", {ONE: 0, "x": 1}, {"g": 1}, 1, {"x": X})
    plain = truth.simulate(design, seed=seed)["y"]
    moved = truth.replace(fixed={ONE: shift}).simulate(design, seed=seed)["y"]
    assert np.allclose(moved - plain, shift, rtol=0, atol=1e-12)


def test_a_million_rows_of_three_levels():
    truth = truth_of("y ~ x + w + s + sex + (1 + x | school/classroom)")
    data = truth.simulate(nested(school=100, classroom=100, pupil=100), seed=1)
    assert len(data) == 1_000_000


PLAIN = truth_of("y ~ x + w + s + (1 | school)")


@pytest.mark.parametrize(
    ("truth", "design", "options", "error", "message"),
    [
        (
            PLAIN,
            20,
            {},
            ArgumentTypeError,
            "design is of type int; expected a design such as nl.nested",
        ),
        (
            PLAIN,
            nested(school=2, pupil=5),
            {},
            DesignError,
            "The predictor 'w' has level='classroom', but the design has no unit 'classroom'",
        ),
        (
            PLAIN,
            nested(Schol=6, classroom=2, pupil=8),
            {},
            DesignError,
            "no unit 'school'. Did you mean 'Schol'",
        ),
        (
            truth_of("y ~ x + (1 | g)"),
            SCHOOLS,
            {},
            DesignError,
            "The grouping factor 'g' needs 'g', which is neither a unit",
        ),
        (
            PLAIN,
            nested(school=6, classroom=2, x=8),
            {},
            DesignError,
            "'x' is a unit of the design and also a predictor",
        ),
        (
            PLAIN,
            nested(school=6, classroom=2, y=8),
            {},
            DesignError,
            "'y' is a unit of the design and also the response",
        ),
        (PLAIN, SCHOOLS, {"rng": "r"}, ArgumentError, "rng='r'"),
        (PLAIN, SCHOOLS, {"seed": {"x": 1}}, ArgumentError, "no seed for 'p', 'w'"),
        (
            truth_of("y ~ 1 + (1 | school)", {"e": X}),
            SCHOOLS,
            {"components": True},
            PopulationError,
            "adds a column 'e', which the data already have",
        ),
        (
            truth_of("y ~ 1 + (1 | school)", {"v": values([1.0, 2.0])}),
            SCHOOLS,
            {},
            DesignError,
            "holds 2 values, but the design has 96 rows",
        ),
        (
            truth_of("y ~ 1 + (1 | school)", {"w": normal(5, 2)}, weights="w"),
            nested(school=20, pupil=100),
            {"seed": 1},
            PopulationError,
            "The weight 'w' is -.* in row",
        ),
        (PLAIN, SCHOOLS, {"seed": -1}, ArgumentError, r"takes? seeds from 0 on"),
    ],
)
def test_refusals(truth, design, options, error, message):
    with pytest.raises(error, match=message):
        truth.simulate(design, **{"seed": 1, **options})


def test_a_predictor_outside_a_functions_reach():
    with pytest.raises(DataError, match=r"'log\(x\)' is not a finite number"):
        truth_of("y ~ log(x) + (1 | school)", {"x": X})


@pytest.mark.parametrize(
    ("level", "unit"),
    [(None, None), ("school", "school"), ("classroom:school", "classroom"), ("pupil", None)],
)
def test_unit_of(level, unit):
    assert unit_of(SCHOOLS, level, "X") == unit


def test_a_combination_is_not_a_level():
    with pytest.raises(DesignError, match="'item' is not nested in subject"):
        unit_of(crossed(subject=2, item=3), "subject:item", "The predictor 'x'")
