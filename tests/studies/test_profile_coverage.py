"""Coverage of profile intervals."""

import numpy as np
import pytest

import nestling as nl

TRUTH = nl.Population(
    "y ~ X + (1 | g)",
    {"(Intercept)": 2, "X": 0.5},
    {"g": 1},
    1,
    {"X": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=25, id=6)


@pytest.mark.parametrize("predictors", ["redrawn", "fixed"])
def test_profile_intervals_cover_as_promised(predictors):
    study = nl.recovery(TRUTH, DESIGN, 120, predictors=predictors, seed=2)
    table = study.profile_coverage()
    assert table.index.tolist() == ["sd_(Intercept)|g", "sigma", "(Intercept)", "X"]
    assert table["truth"].tolist() == [1, 1, 2, 0.5]
    # 95 % with 25 groups, up to what the likelihood's own approximation loses there
    assert (np.abs(table["coverage"] - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / 120) + 0.02).all()
    assert np.allclose(table["coverage"] + table["truth_below"] + table["truth_above"], 1)


def test_an_interval_is_that_of_confint():
    study = nl.recovery(TRUTH, DESIGN, 3, seed=2, level=0.9)
    table = study.profile_coverage(1)
    limits = study.replay(0)[1].confint(level=0.9)
    assert table.loc["X", "width"] == pytest.approx(limits.loc["X"].diff().iloc[-1])
    assert table.loc["X", "n"] == 1


@pytest.mark.parametrize("n_sims", [0, 4, 2.5, True])
def test_other_numbers_are_refused(n_sims):
    study = nl.recovery(TRUTH, DESIGN, 3, seed=2)
    with pytest.raises(nl.errors.NestlingError, match="n_sims"):
        study.profile_coverage(n_sims)
