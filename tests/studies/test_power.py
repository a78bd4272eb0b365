"""Power and type-I rates against closed forms, both engines, seeds and refusals."""

import numpy as np
import pytest
from scipy import stats

import nestling as nl
from nestling.studies.power import power

TWO_ARMS = nl.Population(
    "y ~ trt + (1 | g)",
    {"(Intercept)": 0, "trt": 0.6},
    {"g": 0.2},
    1.0,
    predictors={"trt": nl.values([0.0, 1.0] * 10, level="g")},
)
DESIGN = nl.nested(g=20, id=10)


def closed_form(effect, tau2, sigma2, clusters, size, alpha=0.05):
    """Power of the t test of a balanced two-arm cluster trial: noncentral t on J - 2 df."""
    variance = 4.0 * (tau2 + sigma2 / size) / clusters
    shift, df = effect / np.sqrt(variance), clusters - 2
    edge = stats.t.ppf(1 - alpha / 2, df)
    return stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift)


def by_effect(study, effect, test=None):
    table = study.table
    keep = table["effect"] == effect
    if test is not None:
        keep &= table["test"] == test
    return table[keep].iloc[0]


def test_two_arm_cluster_trial():
    study = power(TWO_ARMS, DESIGN, 4000, predictors="fixed", seed=2)
    row = by_effect(study, "trt")
    # five Monte-Carlo standard errors; Satterthwaite's df vary a little around J - 2 where the
    # variance of the clusters is estimated as zero
    expected = closed_form(0.6, 0.2, 1.0, 20, 10)
    assert abs(row["power"] - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000) + 0.01
    assert abs(row["type1"] - 0.05) < 5 * np.sqrt(0.05 * 0.95 / 4000)
    assert row["lower"] < row["power"] < row["upper"]


def test_z_rejects_too_often_with_few_clusters():
    truth = TWO_ARMS.replace(predictors={"trt": nl.values([0.0, 1.0] * 4, level="g")})
    study = power(
        truth, nl.nested(g=8, id=10), 4000, test=["z", "satterthwaite"], predictors="fixed", seed=3
    )
    z, t = (by_effect(study, "trt", test)["type1"] for test in ("z", "satterthwaite"))
    # the normal test of a t statistic on 6 df rejects 9.8 % of the time
    assert abs(z - 2 * stats.t.sf(stats.norm.ppf(0.975), 6)) < 0.02
    assert t < 0.065


def test_rows_and_draws_without_rows_agree():
    long = power(TWO_ARMS, DESIGN, 200, seed=4)
    short = power(TWO_ARMS, DESIGN, 4000, predictors="fixed", seed=4)
    a, b = by_effect(long, "trt"), by_effect(short, "trt")
    error = np.sqrt(b["power"] * (1 - b["power"]) * (1 / 200 + 1 / 4000))
    assert abs(a["power"] - b["power"]) < 5 * error
    assert a["width"] == pytest.approx(b["width"], rel=0.05)


def test_type_s_and_type_m_of_an_effect_that_is_hard_to_find():
    weak = TWO_ARMS.replace(fixed={"trt": 0.05})
    row = by_effect(power(weak, DESIGN, 4000, predictors="fixed", seed=5), "trt")
    # closed form of Gelman and Carlin (2014) for a normal estimate with known error
    se = np.sqrt(4.0 * (0.2 + 0.1) / 20)
    draws = np.random.default_rng(1).normal(0.05, se, 400_000)
    t = draws / se
    found = np.abs(t) > stats.norm.ppf(0.975)
    assert abs(row["type_s"] - (draws[found] < 0).mean()) < 0.12
    assert row["type_m"] == pytest.approx(np.abs(draws[found]).mean() / 0.05, rel=0.15)


@pytest.mark.parametrize("predictors", ["fixed", "redrawn"])
def test_one_seed_is_one_result(predictors):
    n = 12
    first, second = (
        power(TWO_ARMS, DESIGN, n, predictors=predictors, seed=6).table for _ in range(2)
    )
    assert first.equals(second)
    longer = power(TWO_ARMS, DESIGN, 2 * n, predictors=predictors, seed=6).replicates
    shorter = power(TWO_ARMS, DESIGN, n, predictors=predictors, seed=6).replicates
    assert longer.fixed[:n] == pytest.approx(shorter.fixed, rel=1e-9)


def test_the_fitted_model_may_differ_from_the_truth():
    study = power(TWO_ARMS, DESIGN, 20, formula="y ~ 1 + (1 | g)", seed=8)
    assert study.table["effect"].tolist() == ["(Intercept)"]


def test_replay_gives_the_replicate_again():
    study = power(TWO_ARMS, DESIGN, 6, seed=9)
    data, fit = study.replay(4)
    assert len(data) == 200
    assert fit.fixef.to_numpy() == pytest.approx(study.replicates.fixed[4], rel=1e-12)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"n_sims": 1}, nl.errors.ArgumentError, "at least 2"),
        ({"n_sims": 2.5}, nl.errors.ArgumentTypeError, "whole number"),
        ({"alpha": 1.5}, nl.errors.ArgumentError, "between 0 and 1"),
        ({"test": "wald"}, nl.errors.ArgumentError, "wald"),
        ({"predictors": "new"}, nl.errors.ArgumentError, "redrawn"),
        ({"n_jobs": 0}, nl.errors.ArgumentError, "n_jobs"),
        ({"seed": -1}, nl.errors.ArgumentError, "negative"),
        ({"truth": "y ~ x"}, nl.errors.ArgumentTypeError, "nl.Population"),
        ({"design": 20}, nl.errors.ArgumentTypeError, "nl.nested"),
    ],
)
def test_bad_arguments_are_refused(change, error, says):
    arguments = {"truth": TWO_ARMS, "design": DESIGN, "n_sims": 10, "seed": 1} | change
    with pytest.raises(error, match=says):
        power(**arguments)


def test_a_study_in_which_every_fit_fails_says_why():
    truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 1)
    with pytest.raises(nl.errors.NestlingError, match="g"):
        power(truth, nl.nested(g=10, id=1), 10, seed=1)


def test_the_sentence_of_a_paper():
    study = power(TWO_ARMS, DESIGN, 200, predictors="fixed", seed=10)
    row = by_effect(study, "trt")
    said = study.sentence("trt")
    assert f"the power for trt is {row['power']:.2f}".replace(" 0.", " .") in said
    assert "Satterthwaite tests" in said
    with pytest.raises(nl.errors.ArgumentError, match="trt"):
        study.sentence("treatment")


def test_text_and_html_show_the_table():
    study = power(TWO_ARMS, DESIGN, 10, seed=11)
    assert "trt" in str(study)
    assert "10 replicates" in str(study)
    assert "<table" in study._repr_html_()
