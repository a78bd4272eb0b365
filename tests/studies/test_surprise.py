"""Where one data set stands among the replicates."""

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
DESIGN = nl.nested(g=15, id=6)


@pytest.fixture(scope="module")
def study():
    return nl.recovery(TRUTH, DESIGN, 400, seed=1)


def test_percentile_and_p_are_counts(study):
    fit = nl.lmer("y ~ X + (1 | g)", TRUTH.simulate(DESIGN, seed=5))
    table = study.surprise(fit).table
    x = study.replicates.fixed[:, 1]
    below = int((x < fit.fixef["X"]).sum())
    assert table.loc["X", "percentile"] == below / 400
    assert table.loc["X", "p"] == pytest.approx(min(1, 2 * (1 + min(below, 400 - below)) / 401))
    assert table.loc["sigma", "estimate"] == pytest.approx(fit.sigma)
    assert table["truth"].tolist() == [2, 0.5, 1, 1]


def test_p_values_of_the_truths_own_data_are_uniform(study):
    """60 data sets of the truth: their p values for X are about uniform."""
    from scipy.stats import kstest

    drawn = [study.surprise(TRUTH.simulate(DESIGN, seed=s)).table.loc["X", "p"] for s in range(60)]
    assert kstest(drawn, "uniform").pvalue > 1e-4


def test_other_data_are_surprising_and_the_text_says_where(study):
    odd = TRUTH.replace(residual=9).simulate(DESIGN, seed=3)
    found = study.surprise(odd)
    assert found.table["p"].idxmin() == "sigma"
    assert found.table.loc["sigma", "p"] == pytest.approx(2 / 401)
    assert "farthest out is sigma" in str(found)
    assert "<table" in found._repr_html_()


def test_another_model_is_refused(study):
    data = TRUTH.simulate(DESIGN, seed=3)
    with pytest.raises(nl.errors.ArgumentError, match="The fit is of"):
        study.surprise(nl.lmer("y ~ 1 + (1 | g)", data))
    with pytest.raises(nl.errors.ArgumentTypeError, match="reml"):
        study.surprise(nl.lmer("y ~ X + (1 | g)", data, reml=False))


def test_a_dropped_coefficient_has_no_percentile(study):
    data = TRUTH.simulate(DESIGN, seed=3)
    data["X"] = 1.0
    with pytest.warns(nl.errors.RankDeficiencyWarning):
        table = study.surprise(data).table
    assert np.isnan(table.loc["X", "p"])
