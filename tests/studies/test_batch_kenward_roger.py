"""Kenward and Roger's tests of replicates made together against those of single fits."""

import numpy as np
import pytest

import nestling as nl
from nestling.studies.by_rows import ByRows
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan
from nestling.studies.questions import read_questions
from nestling.studies.replay import replay

X = {"X": nl.normal(1, 2), "Z": nl.normal(0, 1, level="g")}
DESIGN = nl.nested(g=9, i=[5, 3, 8, 2, 9, 6, 4, 7, 12])
CASES = {
    "intercept": ("y ~ X + Z + (1 | g)", {"g": 1}, DESIGN),
    "correlated slope": ("y ~ X * Z + (1 + X | g)", {"g": nl.cov([[2, 0.4], [0.4, 0.5]])}, DESIGN),
    "uncorrelated slope": ("y ~ X + Z + (1 + X || g)", {"g": [2, 0.5]}, DESIGN),
    "often singular": ("y ~ X + Z + (1 + X | g)", {"g": nl.cov([[0.1, 0], [0, 0.01]])}, DESIGN),
    "balanced": ("y ~ X + Z + (1 | g)", {"g": 1}, nl.nested(g=8, i=6)),
    "one coefficient": ("y ~ 1 + (1 | g)", {"g": 1}, nl.nested(g=8, i=6)),
}
R = 16


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
@pytest.mark.parametrize("case", CASES)
def test_tests_are_those_of_single_fits(case, predictors):
    formula, spreads, design = CASES[case]
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 1}, {"g": 1}, 3)
    if case != "one coefficient":
        names = ("(Intercept)", "X", "Z", *(["X:Z"] if "*" in formula else []))
        truth = nl.Population(formula, dict.fromkeys(names, 0.4), spreads, 3, X)
    hypotheses = {"sum": "2 * (Intercept) = 1"}
    if case != "one coefficient":
        hypotheses = {"both": ["X", "Z"], "all": ["(Intercept)", "X", "Z = 0.1"], "sum": "X + Z"}
    plan = make_plan(
        truth, design, formula=None, reml=True, test=["kenward-roger", "satterthwaite"],
        predictors=predictors, seed=4, questions=read_questions(hypotheses, False),
    )  # fmt: skip
    engine, names = engine_of(plan)
    assert not isinstance(engine, ByRows)
    together = engine.chunk(range(R))
    rows = ByRows(plan, names, lambda r: replay(plan, together, r)[0])
    alone = rows.chunk(range(R))
    # two searches for one optimum: variances agree to the root of what a last step promises; where
    # a variance is near zero it moves the degrees of freedom more than the standard errors
    test = "kenward-roger"
    assert together.se[test] == pytest.approx(alone.se[test], rel=2e-5)
    assert together.df[test] == pytest.approx(alone.df[test], rel=2e-3)
    assert together.extra == pytest.approx(alone.extra, rel=3e-3, abs=1e-6)
    assert together.outcomes == alone.outcomes
    if case == "often singular":
        assert together.count("singular") > 0
    assert (together.se[test] >= together.se["satterthwaite"] * (1 - 1e-9)).all()


def test_several_factors_and_maximum_likelihood_go_by_rows():
    nested = nl.Population("y ~ 1 + (1 | s/c)", {"(Intercept)": 1}, {"s": 1, "c:s": 1}, 1)
    one = nl.Population("y ~ 1 + (1 | s)", {"(Intercept)": 1}, {"s": 1}, 1)
    for truth, reml in ((nested, True), (one, False)):
        for predictors in ("fixed", "redrawn"):
            plan = make_plan(
                truth, nl.nested(s=5, c=3, i=4), formula=None, reml=reml, test="kenward-roger",
                predictors=predictors, seed=1,
            )  # fmt: skip
            assert isinstance(engine_of(plan)[0], ByRows)


def test_type_one_rates_with_eight_clusters():
    """The known picture: z rejects too often, Satterthwaite's and Kenward and Roger's do not."""
    arms = nl.values(["a", "b"] * 4, level="g")
    truth = nl.Population("y ~ A + (1 | g)", {"(Intercept)": 0, "Ab": 0}, {"g": 0.3}, 1.0,
                          {"A": arms})  # fmt: skip
    study = nl.power(
        truth, nl.nested(g=8, i=10), 4000, predictors="fixed", seed=2,
        test=["z", "satterthwaite", "kenward-roger"],
    )  # fmt: skip
    rate = study.simulated.set_index(["effect", "test"])["type1"]["Ab"]
    # five Monte-Carlo standard errors of a rate of 0.05 in 4,000 are 0.017
    assert 0.08 < rate["z"] < 0.14
    assert abs(rate["satterthwaite"] - 0.05) < 0.017
    assert abs(rate["kenward-roger"] - 0.05) < 0.017
    assert np.isfinite(study.replicates.df["kenward-roger"]).all()
