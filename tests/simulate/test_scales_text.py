"""What describe() says of the reliability of cluster means, against simulated means."""

import numpy as np
import pytest

import nestling as nl


def one(random, formula, predictors=None, fixed=None):
    return nl.Population(formula, {"(Intercept)": 0, **(fixed or {})}, random, 2, predictors or {})


NESTED = one({"school": 1, "pupil": 4}, "y ~ 1 + (1 | school) + (1 | pupil)")
GROWTH = one({"g": nl.cov([[1, 0], [0, 0.7]])}, "y ~ t + (1 + t | g)", {"t": nl.time()}, {"t": 0})
SLOPE = one(
    {"g": nl.cov([[1, 0], [0, 0.7]])}, "y ~ x + (1 + x | g)", {"x": nl.normal(2, 1)}, {"x": 0}
)
PLAIN = one({"g": 1}, "y ~ 1 + (1 | g)")
CASES = {
    # 1 / (1 + 4 / 5 + 2 / 20)
    "nested": (NESTED, nl.nested(school=4000, pupil=5, row=4), "school", 1 / 1.9),
    # the slope counts at the mean of t, 2: 1 + 0.7 * 4, and rows have residuals alone
    "growth": (GROWTH, nl.nested(g=4000, row=5), "g", 3.8 / (3.8 + 2 / 5)),
    # 1 + 0.7 * 4 at the mean of x; its spread adds 0.7 to each row
    "slope": (SLOPE, nl.nested(g=4000, row=10), "g", 3.8 / (3.8 + 2.7 / 10)),
    "equal": (PLAIN, nl.nested(g=4000, row=4), "g", 1 / 1.5),
}


def said(truth, design):
    return [line for line in truth.describe(design).splitlines() if line.startswith("Reliab")]


@pytest.mark.parametrize(("truth", "design", "group", "reliability"), CASES.values(), ids=CASES)
def test_reliability_is_that_of_simulated_means(truth, design, group, reliability):
    line = said(truth, design)[0]
    assert float(line.rpartition(" ")[2]) == pytest.approx(reliability, abs=5e-5)
    # two studies with the same effects of the group would correlate so: here the means' variance
    # less the noise's, known from the design, over the whole
    data = truth.simulate(design, seed=1)
    means = data.groupby(group)["y"].mean()
    noise = (1 - reliability) / reliability
    signal = means.var() / (1 + noise)
    want = {"nested": 1, "growth": 3.8, "slope": 3.8, "equal": 1}
    # a variance of 4,000 means has a relative standard error of root(2 / 4000)
    name = next(key for key, case in CASES.items() if case[0] is truth)
    assert signal == pytest.approx(want[name], rel=5 * np.sqrt(2 / 4000))


def test_unequal_clusters_have_their_mean_reliability():
    design = nl.nested(g=4, row=[2, 2, 2, 50])
    (line,) = said(PLAIN, design)
    each = 1 / (1 + 2 / np.array([2, 2, 2, 50]))
    assert "2 to 50 rows each" in line
    assert float(line.rpartition(" ")[2]) == pytest.approx(each.mean(), abs=5e-5)


@pytest.mark.parametrize(
    ("column", "predictor", "variance"),
    [
        ("I(x^2)", nl.lognormal(meanlog=0, sdlog=1), np.exp(8) - np.exp(4)),
        ("I(x^2)", nl.uniform(-1, 1), 1 / 5 - 1 / 9),
        ("I(x^2)", nl.normal(0, 1), 2.0),
    ],
)
def test_transformed_columns_have_their_variance(column, predictor, variance):
    truth = nl.Population(
        f"y ~ {column} + (1 | g)", {"(Intercept)": 0, column: 1}, {"g": 1}, 1, {"x": predictor}
    )
    assert truth.r2_parts()["variance"]["f1"] == pytest.approx(variance, rel=1e-3)


def test_many_predictors_have_moments():
    names = [f"x{k}" for k in range(8)]
    truth = nl.Population(
        f"y ~ {' + '.join(names)} + (1 | g)",
        {"(Intercept)": 0, **dict.fromkeys(names, 0.5)},
        {"g": 1},
        1,
        {name: nl.normal(0, 2) for name in names},
    )
    assert truth.r2_parts()["variance"]["f1"] == pytest.approx(8)
    assert truth.r2_parts()["variance"]["f2"] == 0
