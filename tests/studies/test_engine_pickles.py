"""Engines as workers get them: with every task, so they are small, and they make the same bits."""

import pickle

import pytest

import nestling as nl
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan
from nestling.studies.questions import read_questions
from same_replicates import same

TRUTH = nl.Population(
    "y ~ x + (1 + x | g)",
    {"(Intercept)": 1, "x": 0.4},
    {"g": [[0.5, 0.1], [0.1, 0.2]]},
    1.0,
    predictors={"x": nl.normal(0, 1)},
)
CROSSED = nl.Population("y ~ 1 + (1 | s) + (1 | i)", {"(Intercept)": 1}, {"s": 0.5, "i": 0.3}, 1.0)
POISSON = nl.Population(
    "y ~ x + (1 | g)", {"(Intercept)": 1, "x": 0.2}, {"g": 0.3},
    family=nl.family("poisson"), predictors={"x": nl.normal(0, 1)},
)  # fmt: skip


def engine(truth, design, *, hypotheses=None, **options):
    settings = {"formula": None, "reml": True, "test": "satterthwaite", "predictors": "redrawn"}
    questions = read_questions(hypotheses, False)
    return engine_of(make_plan(truth, design, **(settings | options), seed=1, questions=questions))


CASES = {
    "shared": lambda g, n=5: engine(TRUTH, nl.nested(g=g, id=n), predictors="fixed"),
    "stacked": lambda g, n=5: engine(TRUTH, nl.nested(g=g, id=n)),
    "rows": lambda g, n=5: engine(TRUTH, nl.nested(g=g, id=n), test="kenward-roger"),
    "questions": lambda g, n=5: engine(
        TRUTH, nl.nested(g=g, id=n), test=["z", "lrt"], hypotheses={"at 2": "(Intercept) + 2*x"}
    ),
    "crossed": lambda g, n=5: engine(CROSSED, nl.crossed(s=g, i=n + 1)),
    "family": lambda g, n=5: engine(POISSON, nl.nested(g=g, id=n), formula="y ~ x + (1 | g)"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_copy_makes_the_same_bits(case):
    made, _ = CASES[case](12)
    copy = pickle.loads(pickle.dumps(made))
    assert copy.at_once == made.at_once
    for chunk in (range(3), range(7, 12)):
        same(copy.chunk(chunk), made.chunk(chunk))
    # what was made before does not stick to what goes to the workers
    same(pickle.loads(pickle.dumps(made)).chunk(range(3)), copy.chunk(range(3)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("sizes", [(12, 5), (120, 5), (12, 200)], ids=str)
def test_pickles_are_small(case, sizes):
    # a worker gets it with every chunk, whose making takes a hundredth of a second or more: names
    # and formulas, and of each cluster cross products and starting values (some 40 numbers of 8
    # bytes here); rows would be more
    made, _ = CASES[case](*sizes)
    assert len(pickle.dumps(made)) < 20_000 + 400 * sizes[0]
