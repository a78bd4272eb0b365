"""Rows of replicates that were drawn without rows: their fit is the replicate."""

import numpy as np
import pytest

import nestling as nl

X = {"X": nl.normal(3, 1), "Z": nl.normal(0, 1, level="g")}
CASES = {
    "intercept": (
        nl.Population("y ~ X + Z + (1 | g)", {"(Intercept)": 2, "X": 1, "Z": 0.5}, {"g": 1}, 2, X),
        nl.nested(g=12, i=[3, 8, 5, 6] * 3),
    ),
    "slope": (
        nl.Population(
            "y ~ X + (1 + X | g)",
            {"(Intercept)": 2, "X": 1},
            {"g": nl.cov([[2, 0.5], [0.5, 1]])},
            2,
            X,
        ),
        nl.nested(g=15, i=8),
    ),
    "crossed, on a log scale": (
        nl.Population(
            "log(y) ~ X + (1 | s) + (1 | w)",
            {"(Intercept)": 6, "X": 0.1},
            {"s": 0.1, "w": 0.05},
            0.2,
            {"X": nl.normal(0, 1)},
        ),
        nl.crossed(s=8, w=9),
    ),
    "weights": (
        nl.Population(
            "y ~ X + (1 | g)",
            {"(Intercept)": 2, "X": 1},
            {"g": 1},
            2,
            {"X": nl.normal(0, 1), "w": nl.uniform(1, 3)},
            weights="w",
        ),
        nl.nested(g=12, i=8),
    ),
}


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
@pytest.mark.parametrize(("truth", "design"), CASES.values(), ids=CASES)
def test_the_fit_of_the_rows_is_the_replicate(truth, design, predictors):
    study = nl.recovery(truth, design, 40, predictors=predictors, seed=3)
    seen = []
    for index in (0, 17, 39):
        data, fit = study.replay(index)
        # both searches end at a promise below 1e-9: estimates agree to about its root
        assert np.allclose(fit.fixef, study.replicates.fixed[index], rtol=1e-5, atol=1e-5)
        assert fit.sigma == pytest.approx(study.replicates.spreads[index, -1], rel=1e-5)
        seen.append(data)
    assert seen[0]["X"].equals(seen[1]["X"]) == (predictors == "fixed")
    assert not seen[0]["y"].equals(seen[1]["y"])
    again, _ = study.replay(17)
    assert again.equals(seen[1])


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
def test_residuals_of_the_rows_are_normal(predictors):
    from scipy.stats import kstest

    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 0}, {"g": 0.5}, 4)
    study = nl.recovery(truth, nl.nested(g=10, i=60), 3, predictors=predictors, seed=3)
    data, _ = study.replay(1)
    within = data["y"] - data.groupby("g")["y"].transform("mean")
    assert kstest(within / 2, "norm").pvalue > 1e-3
