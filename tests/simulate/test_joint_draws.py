import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError, DesignError, PopulationError

DESIGN = nl.nested(g=1500, id=10)


def truth(predictors, formula="y ~ 1 + (1 | g)", names=("(Intercept)",)):
    return nl.Population(formula, dict.fromkeys(names, 1.0), {"g": 1}, 1, predictors)


def drawn(predictors, design=DESIGN, **more):
    return truth(predictors).simulate(design, seed=11, **more)


def anova_icc(x, groups):
    """Estimate the ICC of balanced groups from mean squares."""
    means = x.groupby(groups).mean()
    m = len(x) / len(means)
    between = m * means.var()
    within = ((x - means.loc[groups].to_numpy()) ** 2).sum() / (len(x) - len(means))
    return (between - within) / (between + (m - 1) * within)


@pytest.mark.parametrize(
    "kind",
    [
        nl.normal(2, 3, icc=0.3, parts=True),
        nl.uniform(0, 1, icc=0.3, parts=True),
        nl.gamma(2, 2, icc=0.3, parts=True),
        nl.lognormal(1, 0.5, icc=0.3, parts=True),
        nl.bernoulli(0.2, icc=0.3, parts=True),
        nl.poisson(1.5, icc=0.3, parts=True),
        nl.t(8, icc=0.3, parts=True),
        nl.empirical([1, 2, 2, 9], icc={"g": 0.3}, parts=True),
    ],
    ids=lambda kind: str(kind)[:12],
)
def test_icc_recovers_itself(kind):
    data = drawn({"X": kind})
    mean, sd = kind.moments
    # var of the mean of clusters is (0.3 + 0.7/10) sd^2; a normal theory SE of the ICC with
    # J = 1500, m = 10 is 0.015, doubled for skewed kinds
    assert abs(data["X"].mean() - mean) <= 4 * sd * np.sqrt(0.37 / 1500)
    assert abs(anova_icc(data["X"], data["g"]) - 0.3) <= 4 * 0.03
    parts = data["X_between"]
    assert np.allclose(data["X_within"] + parts, data["X"])
    assert (data.groupby("g")["X_between"].nunique() == 1).all()
    assert abs(parts.var() / sd**2 - 0.3) <= 4 * 0.03
    assert abs(np.corrcoef(data["X_within"], parts)[0, 1]) <= 4 / np.sqrt(len(data) / 2)


def test_parts_are_made_when_the_formula_names_them():
    names = ("(Intercept)", "X_within", "X_between")
    model = truth({"X": nl.normal(0, 1, icc=0.2)}, "y ~ X_within + X_between + (1 | g)", names)
    data = model.simulate(nl.nested(g=5, id=4), seed=1, components=True)
    assert list(data)[:5] == ["g", "id", "X", "X_within", "X_between"]
    assert model.replace(residual=2).predictors == model.predictors
    r = model.simulate(nl.nested(g=5, id=4), seed=1, rng="R")
    assert np.allclose(r["X"], r["X_within"] + r["X_between"])


def test_several_units():
    kind = nl.normal(0, 1, icc={"a": 0.2, "b": 0.3}, parts=True)
    model = nl.Population("y ~ 1 + (1 | a)", {"(Intercept)": 0}, {"a": 1}, 1, {"X": kind})
    data = model.simulate(nl.nested(a=2000, b=2, c=2), seed=2)
    shares = [data[f"X_between_{unit}"].var() for unit in "ab"]
    # a variance of J normal values has the relative SE sqrt(2 / J)
    assert np.allclose(shares, [0.2, 0.3], rtol=4 * np.sqrt(2 / 2000))


def test_correlations():
    members = nl.correlated(
        X=nl.normal(0, 1, icc=0.5),
        G=nl.gamma(4, 2, icc=0.5),
        Z=nl.normal(0, 1, level="g"),
        corr=0.4,
    )
    data = drawn(members)
    means = data.groupby("g")[["X", "Z"]].mean()
    se = 4 / np.sqrt(1500)
    assert abs(np.corrcoef(data["X"], data["Z"])[0, 1] - 0.4 * np.sqrt(0.5)) <= se
    # the mean of 10 has the between part 0.5 and a tenth of the within part
    assert abs(np.corrcoef(means.T)[0, 1] - 0.4 * np.sqrt(0.5 / 0.55)) <= se
    matrix = [[1, -0.5, 0.2], [-0.5, 1, 0.3], [0.2, 0.3, 1]]
    members = nl.correlated(A=nl.normal(0, 1), B=nl.normal(5, 2), C=nl.normal(0, 3), corr=matrix)
    found = drawn(members)[["A", "B", "C"]].corr()
    assert np.allclose(found, matrix, atol=4 / np.sqrt(15_000))
    cov = [[1, 1], [1, 4]]
    members = nl.correlated(A=nl.normal(0, 1), B=nl.normal(5, 2), cov=cov)
    assert members["A"].group.matrix[0][1] == 0.5


def test_computed_in_any_order():
    model = truth({"X2": "X**2 * W", "X": nl.normal(0, 1), "W": "center(X) - between(X, g)"})
    data = model.simulate(nl.nested(g=4, id=5), seed=3)
    w = data["X"] - data["X"].mean() - data.groupby("g")["X"].transform("mean")
    assert list(data)[2:5] == ["X2", "X", "W"]
    assert np.allclose(data["W"], w)
    assert np.allclose(data["X2"], data["X"] ** 2 * w)


@pytest.mark.parametrize("rng", ["numpy", "R"])
def test_times(rng):
    kinds = {
        "T": nl.time(0, 7),
        "J": nl.time(1, 2, jitter=0.5),
        "E": nl.time(0, 2, events=True),
    }
    data = truth(kinds).simulate(nl.nested(g=300, id=[2, 4, 5] * 100), seed=4, rng=rng)
    place = data.groupby("g").cumcount()
    assert np.allclose(data["T"], 7 * place)
    assert (np.abs(data["J"] - 1 - 2 * place) <= 0.5).all()
    gaps = data.groupby("g")["E"].diff().fillna(data["E"])
    assert (gaps > 0).all()
    assert abs(gaps.mean() - 2) <= 4 * 2 / np.sqrt(len(gaps))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nl.normal(0, 1, icc=1.2), PopulationError, "between 0 and 1"),
        (
            lambda: nl.normal(0, 1, icc={"a": 0.6, "b": 0.5}),
            PopulationError,
            r"0\.6 \+ 0\.5 = 1\.1; together they are at most 1",
        ),
        (lambda: nl.normal(0, 1, parts=True), PopulationError, "parts=True needs icc="),
        (lambda: nl.time(0, 1, jitter=0.7), PopulationError, "1 / 2 = 0.5"),
        (lambda: nl.correlated(A=nl.normal(0, 1), corr=0.1), ArgumentError, "at least two"),
        (
            lambda: nl.correlated(A=nl.normal(0, 1), B=nl.normal(0, 2), cov=[[1, 1], [1, 3]]),
            PopulationError,
            r"gives 'B' the variance 3, but .* has 2\^2 = 4",
        ),
        (lambda: truth({"X": "Y + 1"}), PopulationError, "'Y' is no predictor"),
        (lambda: truth({"X": "W + 1", "W": "X"}), PopulationError, "in a circle"),
        (lambda: truth({"X": "exit(1)"}), Exception, "exit"),
        (
            lambda: drawn(nl.correlated(X=nl.normal(0, 1), Z=nl.normal(0, 1, level="g"), corr=0.3)),
            DesignError,
            "no level at which they could correlate 0.3",
        ),
        (
            lambda: nl.Population(
                "y ~ 1 + (1 | a)", {"(Intercept)": 0}, {"a": 1}, 1, {"X": nl.normal(0, 1, icc=0.1)}
            ).simulate(nl.crossed(a=3, b=3), seed=1),
            DesignError,
            "2 kinds of units",
        ),
    ],
)
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
