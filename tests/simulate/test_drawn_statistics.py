"""Sufficient statistics drawn without rows against those of simulated rows."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

import nestling as nl
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Problem
from nestling.fit.solve import solve
from nestling.fit.theta_map import ThetaMap
from nestling.statistics.layout import Layout, Place

SLOPES = nl.Population(
    "y ~ X + (1 + X | g)",
    {"(Intercept)": 2, "X": 1},
    {"g": nl.cov([[2, 0.5], [0.5, 1]])},
    1.5,
    {"X": nl.normal(1, 1)},
)
NESTED = nl.Population(
    "y ~ X + (1 | school) + (1 | pupil)",
    {"(Intercept)": 0, "X": 1},
    {"school": 1, "pupil": 0.5},
    1,
    {"X": nl.normal(0, 1)},
)
CROSSED = nl.Population(
    "y ~ X + (1 | s) + (1 | i)",
    {"(Intercept)": 0, "X": 1},
    {"s": 1, "i": 0.5},
    1,
    {"X": nl.normal(0, 1, level="i")},
)
CASES = {
    "one factor": (SLOPES, nl.nested(g=8, id=6)),
    "nested": (NESTED, nl.nested(school=5, pupil=4, test=3)),
    "crossed": (CROSSED, nl.crossed(s=6, i=8)),
}


def dense(design, effects):
    """Z of one study, effect by effect and level by level, from the blocks of its factors."""
    (factor,) = design.factors
    k, J = factor.width, factor.n_levels
    ZZ = np.zeros((k, J, k, J))
    level = np.arange(J)
    ZZ[:, level, :, level] = factor.ZZ.transpose(2, 0, 1)
    return ZZ.reshape(k * J, k * J), np.kron(effects, np.eye(J))


def test_moments_are_the_closed_forms():
    n = 20_000
    draws = SLOPES.statistics(nl.nested(g=8, id=600), n, seed=3, predictors="fixed")
    (design,), (Zy,) = draws.designs, draws.Zy
    covariance = SLOPES.parameters.terms[0].covariance
    ZZ, G = dense(design, covariance)
    (factor,) = design.factors
    mean = np.einsum("kpj,p->kj", factor.ZW[:, :2], SLOPES.parameters.beta).ravel()
    want = ZZ @ G @ ZZ + 1.5 * ZZ
    got = Zy.reshape(-1, n)
    # normal values: a mean has variance v / n, a covariance (v_i v_j + c_ij^2) / n
    assert (np.abs(got.mean(axis=1) - mean) < 5 * np.sqrt(want.diagonal() / n)).all()
    error = np.sqrt((np.outer(want.diagonal(), want.diagonal()) + want**2) / n)
    assert (np.abs(np.cov(got) - want) < 5 * error).all()
    # X is in the span of Z here, and y'y less its projection on [Z X] is 1.5 times a chi-square
    assert np.allclose(Zy[0].sum(axis=0), draws.Xy[0])
    rest = draws.yy - np.einsum("ir,ir->r", got, np.linalg.solve(ZZ, got))
    free = 8 * 600 - 16
    assert abs(rest.mean() / 1.5 - free) < 5 * np.sqrt(2 * free / n)
    assert rest.var() / 1.5**2 == pytest.approx(2 * free, rel=5 * np.sqrt(2 / n) * 1.1)


def test_a_study_is_the_same_however_many_are_drawn():
    design = nl.nested(g=4, id=5)
    few, many = SLOPES.statistics(design, 2, seed=1), SLOPES.statistics(design, 5, seed=1)
    assert np.array_equal(few[1].WW, many[1].WW)
    data = SLOPES.simulate(design, 1)
    assert len(list(few)) == 2
    assert few[0].n == len(data)


def test_weights_count_rows():
    weighted = SLOPES.replace(predictors={"w": nl.constant(4)}, weights="w")
    design = nl.nested(g=4, id=5)
    plain = SLOPES.statistics(design, 3, seed=1, predictors="fixed")
    heavy = weighted.statistics(design, 3, seed=1, predictors="fixed")
    assert np.allclose(heavy.designs[0].WW[:2, :2], 4 * plain.designs[0].WW[:2, :2])
    assert heavy.designs[0].log_weights == pytest.approx(20 * np.log(4))


REFUSED = [
    (SLOPES, {"n_sims": 0}, "n_sims=0"),
    (SLOPES, {"n_sims": 2.5}, "n_sims=2.5"),
    (SLOPES, {"predictors": "redraw"}, "redrawn"),
    (SLOPES, {"design": 20}, "design is of type int"),
    (SLOPES.replace(departures=nl.ar1(0.3, by="g")), {}, "departures"),
    (SLOPES.replace(residual=0), {}, "residual variance is 0"),
]


@pytest.mark.parametrize(("truth", "change", "message"), REFUSED)
def test_bad_input_is_refused(truth, change, message):
    arguments = {"design": nl.nested(g=4, id=5), "n_sims": 3, "seed": 1} | change
    with pytest.raises(nl.errors.NestlingError, match=message):
        truth.statistics(**arguments)


def problem_of(statistics, widths):
    places = tuple(Place(factor, 0, width) for factor, width in enumerate(widths))
    layout = Layout(places, widths, tuple((i,) for i in range(len(widths))))
    n, p = statistics.n, statistics.n_fixed
    return Problem(structure_of(statistics), ThetaMap.of(layout), n, p, True, 0.0), layout


def estimates(statistics):
    """Fit one study: beta, sigma and the first element of each theta."""
    problem, layout = problem_of(statistics, tuple(f.width for f in statistics.factors))
    point = solve(problem, statistics, layout).point
    return [*point.beta, np.sqrt(point.square / problem.nu), point.theta[0], point.theta[-1]]


@pytest.mark.parametrize(("truth", "design"), CASES.values(), ids=CASES)
def test_estimates_are_distributed_as_those_of_rows(truth, design):
    n = 120
    drawn = np.array([estimates(each) for each in truth.statistics(design, n, 5)])
    rows = []
    for seed in range(n):
        fit = nl.lmer(truth.formula.source, truth.simulate(design, seed))
        rows.append([*fit.fixef, fit.sigma, fit.theta[0], fit.theta[-1]])
    for simulated, found in zip(np.array(rows).T, drawn.T, strict=True):
        # fifteen tests in all: a chance of 1e-4 each
        assert ks_2samp(simulated, found).pvalue > 1e-4
