"""Tests of random effects of replicates with predictors of their own, against single fits."""

import numpy as np
import pytest

import nestling as nl
from nestling.studies.by_rows import ByRows
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan
from nestling.studies.questions import read_questions
from nestling.studies.stacked_design import StackedDesign

NORMAL = {"X": nl.normal(2, 1)}
SLOPE = nl.Population("y ~ X + (1 + X | g)", {"(Intercept)": 1, "X": 0.5},
                      {"g": nl.cov([[1, 0.2], [0.2, 0.3]])}, 2, NORMAL)  # fmt: skip
LEVELS = nl.Population(
    "y ~ X + (1 | school) + (1 + X || pupil)", {"(Intercept)": 1, "X": 0.5},
    {"school": 0.5, "pupil": [1, 0.3]}, 2, NORMAL,
)  # fmt: skip
SKEWED = SLOPE.replace(predictors={"X": nl.gamma(2, 1)})
THREE = nl.nested(school=6, pupil=5, test=6)
CASES = {
    "intercept": (SLOPE.replace(formula="y ~ X + (1 | g)", random={"g": 0.3}),
                  nl.nested(g=10, i=8), {}),
    "slope": (SLOPE, nl.nested(g=12, i=8), {}),
    "slope, by rows": (SKEWED, nl.nested(g=12, i=8), {}),
    "maximum likelihood": (SLOPE, nl.nested(g=12, i=8), {"reml": False}),
    "three levels": (LEVELS, THREE, {}),
    "not in the truth": (SLOPE.replace(formula="y ~ X + (1 | g)", random={"g": 0.3}),
                         nl.nested(g=12, i=8), {"formula": "y ~ X + (1 + X | g)"}),
    "no random effect in the truth": (
        SLOPE.replace(formula="y ~ X + (1 | g)", random={"g": 0}), nl.nested(g=10, i=8), {}),
    "a level less": (LEVELS, THREE, {"formula": "y ~ X + (1 | school) + (1 | pupil)"}),
}  # fmt: skip
R = 6


def like(p_values):
    """Where an estimate is zero the ratio is zero but for rounding, its p value 1 or a half."""
    return np.minimum(p_values, 0.5)


@pytest.mark.parametrize(("truth", "design", "options"), CASES.values(), ids=CASES)
def test_p_values_are_those_of_single_fits(truth, design, options):
    given = {"formula": None, "reml": True} | options
    plan = make_plan(
        truth, design, test="satterthwaite", predictors="redrawn", seed=3,
        questions=read_questions(None, True), **given,
    )  # fmt: skip
    engine, names = engine_of(plan)
    assert isinstance(engine, StackedDesign)
    together = engine.chunk(range(R)).extra
    alone = ByRows(plan, names, engine.draws.data).chunk(range(R)).extra
    tests = [k for k, name in enumerate(names.extra) if name.startswith("p ")]
    # deviances are good to about 1e-8 where an optimum is sharp; where it is flat along the
    # boundary a p value near one moves more
    assert like(together[:, tests]) == pytest.approx(like(alone[:, tests]), rel=1e-4, abs=1e-6)
    for reduction, position in zip(engine.reductions, range(len(tests)), strict=True):
        null = ByRows(
            make_plan(
                reduction.reduction.null(truth), design, test="satterthwaite",
                predictors="redrawn", seed=3, questions=read_questions(None, True), **given,
            ), names, reduction.null.data,
        )  # fmt: skip
        want = null.chunk(range(R)).extra[:, tests[position]]
        got = together[:, names.extra.index(names.extra[tests[position]].replace("p ", "p0 "))]
        assert like(got) == pytest.approx(like(want), rel=1e-4, abs=1e-6)


def test_a_power_study_of_a_variance():
    study = nl.power(SLOPE, nl.nested(g=20, i=15), 1500, variances=True, seed=1)
    row = study.simulated.query("kind == 'variance'").iloc[0]
    fixed = nl.power(SLOPE, nl.nested(g=20, i=15), 1500, variances=True, seed=2,
                     predictors="fixed")  # fmt: skip
    other = fixed.simulated.query("kind == 'variance'").iloc[0]
    # predictors differ little from study to study: five standard errors of a difference, and some
    assert abs(row["power"] - other["power"]) < 5 * np.sqrt(2 * 0.25 / 1500)
    assert abs(row["type1"] - 0.05) < 5 * np.sqrt(0.05 * 0.95 / 1500)
