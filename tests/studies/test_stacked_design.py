"""Stacked replicates against the same replicates simulated and fitted one by one."""

import numpy as np
import pytest

import nestling as nl
from nestling.studies.by_rows import ByRows
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan
from nestling.studies.stacked_design import StackedDesign, stacked_design

NORMAL = {"Z": nl.normal(0, 3, level="g"), "X": nl.normal(0, 1)}
ONE = nl.nested(g=12, i=10)
THREE = nl.nested(school=8, pupil=5, test=3)
SCHOOLS = {
    "Z": nl.normal(0, 1, level="school"),
    "X": nl.normal(0, 1, icc=0.2),
    "f": nl.categorical({"a": 0.4, "b": 0.3, "c": 0.3}, level="pupil"),
    "W": "X * Z + 1",
}


def truth(formula, fixed, random, predictors, **more):
    return nl.Population(formula, fixed, random, 3, predictors, **more)


INTERCEPT = truth("y ~ Z + X + (1 | g)", {"(Intercept)": 2, "Z": 1, "X": 4}, {"g": 5}, NORMAL)
SLOPE = truth(
    "y ~ Z * X + (1 + X | g)",
    {"(Intercept)": 2, "Z": 3, "X": 4, "Z:X": 0.1},
    {"g": nl.cov([[5, 1], [1, 2]])},
    NORMAL | {"X": nl.normal(100, 2)},
)
APART = truth(
    "y ~ log(X) + (1 + X || g)",
    {"(Intercept)": 0, "log(X)": 1},
    {"g": [2, 1]},
    {"X": nl.lognormal(2, 1)},
)
LEVELS = truth(
    "y ~ Z + W + f + (1 | school) + (1 | pupil)",
    {"(Intercept)": 2, "Z": 1, "W": 4, "fb": 0.1, "fc": 0.2},
    {"school": 1, "pupil": 2},
    SCHOOLS,
)
NOTHING = truth("y ~ X + (1 | g)", {"(Intercept)": 0, "X": 1}, {"g": 0}, NORMAL)

CASES = {
    "random intercept": (INTERCEPT, ONE, {}),
    "correlated slope, far from zero": (SLOPE, ONE, {}),
    "uncorrelated slope": (APART, ONE, {}),
    "three levels": (LEVELS, THREE, {}),
    "maximum likelihood": (LEVELS, THREE, {"reml": False}),
    "no predictors": (
        truth("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, {}),
        ONE,
        {},
    ),
    "no variance": (NOTHING, ONE, {}),
    "fitted without the slope": (SLOPE, ONE, {"formula": "y ~ Z * X + (1 | g)"}),
    "fitted without a predictor": (INTERCEPT, ONE, {"formula": "y ~ X + (1 | g)"}),
    "fitted without a level": (LEVELS, THREE, {"formula": "y ~ Z + W + f + (1 | school)"}),
    "unequal sizes": (INTERCEPT, nl.nested(g=6, i=[3, 9, 4, 12, 5, 7]), {}),
    "cells of unequal sizes": (SLOPE, nl.nested(g=8, i=[1, 2, 30, 40, 25, 3, 60, 9]), {}),
    "cells of correlated predictors": (
        truth(
            "y ~ X + W + Z + (1 + W | g)",
            {"(Intercept)": 2, "X": 1, "W": 0.5, "Z": 1},
            {"g": nl.cov([[2, 0.3], [0.3, 1]])},
            nl.correlated(
                X=nl.normal(5, 2, icc=0.2),
                W=nl.normal(0, 1),
                Z=nl.normal(0, 1, level="g"),
                corr=[[1, 0.3, 0.2], [0.3, 1, 0], [0.2, 0, 1]],
            ),
        ),
        nl.nested(g=12, i=20),
        {},
    ),
    "cells of categories": (
        truth(
            "y ~ X * d + T + (1 + d | g)",
            {"(Intercept)": 2, "X": 1, "d": 0.5, "TB": 1, "X:d": 0.2},
            {"g": nl.cov([[2, 0.3], [0.3, 1]])},
            {"X": nl.normal(0, 1), "d": nl.bernoulli(0.5), "T": nl.assign(2, level="g")},
        ),
        nl.nested(g=12, i=30),
        {},
    ),
    "cells of pupils": (
        truth(
            "y ~ Z + X + (1 | school) + (1 | pupil)",
            {"(Intercept)": 2, "Z": 1, "X": 0.3},
            {"school": 1, "pupil": 2},
            {"Z": nl.normal(0, 1, level="school"), "X": nl.normal(0, 1, icc={"pupil": 0.3})},
        ),
        nl.nested(school=6, pupil=5, test=12),
        {"formula": "y ~ X + (1 | school) + (1 | pupil)"},
    ),
}


BY_CELLS = [name for name in CASES if name.startswith("cells") or name in (
    "no predictors", "fitted without the slope")]  # fmt: skip


def plan_of(population, design, formula=None, reml=True):
    return make_plan(
        population,
        design,
        formula=formula,
        reml=reml,
        test=["z", "satterthwaite"],
        predictors="redrawn",
        seed=5,
    )


@pytest.mark.parametrize(("population", "design", "more"), CASES.values(), ids=CASES)
def test_stacked_replicates_are_those_by_rows(population, design, more):
    plan = plan_of(population, design, **more)
    engine = stacked_design(plan)
    assert isinstance(engine, StackedDesign)
    rows = ByRows(plan, engine.names, engine.draws.data)
    together, alone = engine.chunk(range(24)), rows.chunk(range(24))
    # both searches end when a step promises less than 1e-9 of the criterion: estimates then
    # agree to about the root of it, times their spread
    for got, want in ((together.fixed, alone.fixed), (together.spreads, alone.spreads)):
        assert np.allclose(got, want, rtol=2e-4, atol=2e-5)
    for test in plan.tests:
        assert np.allclose(together.se[test], alone.se[test], rtol=1e-4)
        assert np.allclose(together.df[test], alone.df[test], rtol=1e-3)
    assert together.outcomes == alone.outcomes


def test_a_replicate_does_not_depend_on_those_beside_it():
    engine = stacked_design(plan_of(INTERCEPT, ONE))
    whole = engine.chunk(range(10))
    part = engine.chunk(range(6, 9))
    assert np.allclose(whole.fixed[6:9], part.fixed, rtol=1e-9)


def test_a_replicate_without_a_category_goes_by_rows():
    rare = truth(
        "y ~ f + (1 | g)",
        {"(Intercept)": 0, "fb": 1},
        {"g": 1},
        {"f": nl.categorical({"a": 0.5, "b": 0.5}, level="g")},
    )
    design = nl.nested(g=5, i=8)
    plan = plan_of(rare, design)
    engine = stacked_design(plan)
    assert engine is not None
    found = engine.chunk(range(80))
    # with five units of even chance, one in 32 data sets has no b and one in 32 no a
    lost = np.isnan(found.fixed[:, 1]) | ~found.fitted
    assert 0 < lost.sum() < 20
    alone = ByRows(plan, engine.names, engine.draws.data).chunk(np.flatnonzero(lost).tolist())
    assert np.array_equal(found.taken(np.flatnonzero(lost)).fixed, alone.fixed, equal_nan=True)


RARE = {
    "a category of pupils": {"f": nl.categorical({"a": 0.5, "b": 0.48, "c": 0.02})},
    "an event": {"f": nl.bernoulli(0.01)},
    "a treatment of clusters": {"f": nl.bernoulli(0.3, level="g")},
}


@pytest.mark.parametrize("size", [6, 40])
@pytest.mark.parametrize("predictors", RARE.values(), ids=RARE)
def test_columns_that_a_replicate_does_not_determine_are_dropped(predictors, size):
    names = [
        "(Intercept)",
        "X",
        *(["fb", "fc"] if "categorical" in str(predictors["f"]) else ["f"]),
    ]
    population = truth("y ~ X + f + (1 | g)", dict.fromkeys(names, 0.5), {"g": 1},
                       predictors | {"X": nl.normal(7, 1)})  # fmt: skip
    plan = plan_of(population, nl.nested(g=5 if size == 6 else 3, i=size))
    engine = stacked_design(plan)
    together = engine.chunk(range(60))
    alone = ByRows(plan, engine.names, engine.draws.data).chunk(range(60))
    assert 0 < np.isnan(alone.fixed).any(axis=1).sum() < 60
    assert np.array_equal(np.isnan(together.fixed), np.isnan(alone.fixed))
    assert np.allclose(together.fixed, alone.fixed, rtol=2e-4, atol=2e-5, equal_nan=True)
    test = "satterthwaite"
    assert np.allclose(together.se[test], alone.se[test], rtol=1e-4, equal_nan=True)


REFUSED = {
    "learned columns": (INTERCEPT.replace(formula="y ~ Z + scale(X) + (1 | g)",
                                          fixed={"scale(X)": 1}), ONE, {}),
    "departures": (INTERCEPT.replace(departures=nl.ar1(0.3, by="g")), ONE, {}),
    "crossed": (
        truth("y ~ 1 + (1 | s) + (1 | i)", {"(Intercept)": 0}, {"s": 1, "i": 1}, {}),
        nl.crossed(s=6, i=6),
        {},
    ),
    "a predictor that groups": (
        truth("y ~ 1 + (1 | f)", {"(Intercept)": 0}, {"f": 1},
              {"f": nl.categorical({"a": 0.3, "b": 0.3, "c": 0.4})}),
        ONE,
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("population", "design", "more"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_stacked_goes_by_rows(population, design, more):
    engine, _ = engine_of(plan_of(population, design, **more))
    assert isinstance(engine, ByRows)


@pytest.mark.parametrize("departures", [None, nl.ar1(0.3, by="g")], ids=["together", "by rows"])
def test_contrasts_of_factors_that_the_fit_leaves_out_are_left_out(departures):
    factor = {"f": nl.categorical({"a": 0.5, "b": 0.3, "c": 0.2}), "X": nl.normal(0, 1)}
    population = truth(
        "y ~ X + f + (1 | g)", {"(Intercept)": 1, "X": 0.5, "f1": 0.3, "f2": 0.2}, {"g": 1},
        factor, contrasts={"f": "contr.sum"}, departures=departures,
    )  # fmt: skip
    study = nl.recovery(population, ONE, 8, formula="y ~ X + (1 | g)", seed=1)
    assert study.names.fixed == ("(Intercept)", "X")
    assert study.replicates.fitted.all()
