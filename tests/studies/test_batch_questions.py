"""Questions answered without rows: the same numbers as by rows, and closed forms."""

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_satterthwaite import batch_sensitivity
from nestling.fit.batch_solve import solve_batch
from nestling.results.refits import tabulated
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows
from nestling.studies.batch_answers import (
    Known,
    hypothesis_answers,
    likelihood_ratio_answers,
    shared_deviances,
)
from nestling.studies.by_rows import ByRows, fitted
from nestling.studies.engines import engine_of
from nestling.studies.plan import make_plan
from nestling.studies.power import power
from nestling.studies.questions import read_questions
from nestling.studies.shared_design import SharedDesign
from nestling.studies.stacked_design import StackedDesign

X = {"X": nl.normal(0, 1)}
SLOPES = nl.Population(
    "y ~ X * Z + (1 + X | g)",
    {"(Intercept)": 2, "X": 0.3, "Z": 0.4, "X:Z": 0.2},
    {"g": nl.cov([[1, 0.2], [0.2, 0.3]])},
    1.0,
    predictors={**X, "Z": nl.normal(0, 1, level="g")},
)
CROSSED = nl.Population(
    "y ~ X + (1 | a) + (1 | b)", {"(Intercept)": 0.5, "X": 0.3}, {"a": 1, "b": 0.4}, 1, predictors=X
)
NESTED = nl.Population(
    "y ~ X + (1 | a/b)", {"(Intercept)": 2, "X": 0.3}, {"a": 1, "b:a": 0.4}, 1, predictors=X
)
APART = nl.Population(
    "y ~ X + (1 + X || a)", {"(Intercept)": 2, "X": 1}, {"a": {"(Intercept)": 1, "X": 0.5}}, 1,
    predictors=X,
)  # fmt: skip
ALONE = nl.Population("y ~ 1 + (1 | a)", {"(Intercept)": 2}, {"a": 1}, 1)
JOINT = {"both": ["X", "(Intercept)"]}


def zero_mean(engine, data):
    """Return the sufficient statistics of a response without X beta, as the engine draws them."""
    fit, p = engine.fit, engine.fit.statistics.n_fixed
    # the engine need not hold rows: those of any data set have the same predictors
    matrices = fitted(engine.plan, data[0]).matrices
    columns = np.column_stack(matrices.columns)
    beta = engine.plan.true_beta(fit.coefficient_names)
    Y = np.array([each["y"].to_numpy() - columns @ beta for each in data]).T
    Zy, Xy, yy, b = response_products(Rows.of(matrices), fit.basis, Y)
    b = b / fit.basis.response_scale  # the part that the basis took out
    XX = fit.statistics.WW[:p, :p]
    parts = zip(Zy, fit.statistics.factors, strict=True)
    return ResponseBlocks(
        tuple(own + np.einsum("kpj,pr->kjr", f.ZW[:, :p], b) for own, f in parts),
        Xy + XX @ b,
        yy + 2.0 * (b * Xy).sum(axis=0) + np.einsum("pr,pq,qr->r", b, XX, b),
    )


@pytest.mark.parametrize(
    ("truth", "design", "hypotheses"),
    [
        (SLOPES, nl.nested(g=20, id=6), {"both": ["X", "Z"], "apart": "X + 2*X:Z = 1"}),
        (CROSSED, nl.crossed(a=10, b=8), JOINT),
        (NESTED, nl.nested(a=8, b=4, c=4), JOINT),
        (APART, nl.nested(a=12, b=6), JOINT),
        (ALONE, nl.nested(a=8, b=4), None),
    ],
)
def test_many_responses_have_the_answers_of_each(truth, design, hypotheses):
    plan = make_plan(
        truth, design, formula=None, reml=True, test=["z", "satterthwaite", "lrt"],
        predictors="fixed", seed=3, questions=read_questions(hypotheses, True),
    )  # fmt: skip
    engine, names = engine_of(plan)
    assert isinstance(engine, SharedDesign)
    expected = ByRows(plan, names).chunk(range(2)).extra
    blocks = zero_mean(engine, [truth.simulate(design, plan.stream(i)) for i in range(2)])
    fit, asked = engine.fit, names.asked
    problem, layout = fit.solution.problem, fit.solution.layout
    found = solve_batch(problem, fit.statistics, layout, blocks, engine.start)
    beta = (fit.basis.transform[:-1, :-1] @ found.beta * fit.basis.response_scale).T
    table = tabulated(fit, found, beta + plan.true_beta(fit.coefficient_names))
    moved = batch_sensitivity(problem, fit.statistics, blocks, found)
    deviances = shared_deviances(fit, blocks, engine.start)
    answers = likelihood_ratio_answers(fit, asked, deviances)
    answers |= hypothesis_answers(fit, asked, found, table, Known(moved, None))
    for each in engine.reductions:
        p_value = each.p_values(fit, blocks, found.criterion)
        answers[f"p variance {each.reduction.name}"] = p_value
    assert len(answers) + len(engine.reductions) == len(names.extra)
    for name, values in answers.items():
        # optima of two searches: flat criteria leave about the root of their precision
        wanted = expected[:, names.extra.index(name)]
        assert values == pytest.approx(wanted, rel=1e-5, abs=1e-12), name


@pytest.mark.parametrize(
    ("truth", "formula", "design"),
    [
        (SLOPES, None, nl.nested(g=12, id=6)),
        (NESTED, None, nl.nested(a=8, b=4, c=4)),
        # a model with an effect more than the truth: it has no type-I rate by a true value
        (ALONE.replace(predictors=X), "y ~ X + (1 | a)", nl.nested(a=8, b=4)),
    ],
)
def test_stacked_replicates_have_the_answers_of_each(truth, formula, design):
    questions = read_questions({"both": ["X", "(Intercept)"], "sum": "X + (Intercept) = 1"}, False)
    plan = make_plan(
        truth, design, formula=formula, reml=True, test=["z", "satterthwaite", "lrt"],
        predictors="redrawn", seed=3, questions=questions,
    )  # fmt: skip
    engine, names = engine_of(plan)
    assert isinstance(engine, StackedDesign)
    rows = ByRows(plan, names, engine.draws.data)
    expected, found = rows.chunk(range(4)).extra, engine.chunk(range(4)).extra
    # two searches for each optimum
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-12, nan_ok=True)


def test_the_joint_test_of_two_arms_is_a_noncentral_f():
    truth = nl.Population(
        "y ~ A + (1 | g)", {"(Intercept)": 0, "Ab": 0.5, "Ac": 0.9}, {"g": 0.2}, 1.0,
        predictors={"A": nl.values(["a", "b", "c"] * 8, level="g")},
    )  # fmt: skip
    n = 4000
    study = power(
        truth, nl.nested(g=24, id=10), n, predictors="fixed", seed=2,
        hypotheses={"arms": ["Ab", "Ac"], "b against c": "Ab - Ac"},
    )  # fmt: skip
    table = study.table.set_index("effect")
    variance = (0.2 + 1.0 / 10) / 8  # of the mean of an arm
    means = np.array([0.0, 0.5, 0.9])
    shift = ((means - means.mean()) ** 2).sum() / variance
    joint = stats.ncf.sf(stats.f.isf(0.05, 2, 21), 2, 21, shift)
    edge = stats.t.isf(0.025, 21)
    single = stats.nct.sf(edge, 21, 0.4 / np.sqrt(2 * variance))
    for name, exact in (("arms", joint), ("b against c", single)):
        # five Monte-Carlo standard errors; where the variance is estimated as zero the degrees of
        # freedom are more than 21
        assert abs(table.loc[name, "power"] - exact) < 5 * np.sqrt(exact * (1 - exact) / n) + 0.01
        assert abs(table.loc[name, "type1"] - 0.05) < 5 * np.sqrt(0.05 * 0.95 / n)
        assert table.loc[name, "approx"] == pytest.approx(exact, abs=2e-3)


def test_the_variance_test_keeps_its_level_and_finds_the_variance():
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 0.15}, 1.0)
    n, J, k = 3000, 30, 8
    study = power(truth, nl.nested(g=J, id=k), n, predictors="fixed", seed=5, variances=True)
    row = study.table.set_index("kind").loc["variance"]
    # balanced: the REML ratio is a function of F = MSB / MSW, which is scaled F(J - 1, J (k - 1))
    F = np.linspace(1.0, 4.0, 300_001)
    a, b = J - 1, J * (k - 1)
    ratio = (a + b) * np.log((a * F + b) / (a + b)) - a * np.log(F)
    edge = F[np.searchsorted(ratio, stats.chi2.isf(0.10, 1))]
    size, strength = stats.f.sf(edge, a, b), stats.f.sf(edge / (1 + k * 0.15), a, b)
    assert abs(row["type1"] - size) < 5 * np.sqrt(size * (1 - size) / n)
    assert abs(row["power"] - strength) < 5 * np.sqrt(strength * (1 - strength) / n)


def test_a_variance_that_is_zero_in_truth_has_its_type1_rate_as_power():
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 0.0}, 1.0)
    study = power(truth, nl.nested(g=10, id=4), 200, predictors="fixed", seed=5, variances=True)
    row = study.table.set_index("kind").loc["variance"]
    assert row["power"] == row["type1"]
