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


R = 100_000
TRIAL = TWO_ARMS.replace(random={"g": 0.5})


def five(rate, n=R):
    """Five Monte-Carlo standard errors of a rate."""
    return 5 * np.sqrt(rate * (1 - rate) / n)


def test_two_arm_cluster_trial():
    """Clusters that differ so much have an estimated variance of zero once in 25,000 times."""
    study = power(TRIAL, DESIGN, R, predictors="fixed", seed=2,
                  test=["satterthwaite", "kenward-roger"])  # fmt: skip
    expected = closed_form(0.6, 0.5, 1.0, 20, 10)
    regular = np.array(study.replicates.outcomes) == "regular"
    assert (~regular).sum() < 20
    for test in ("satterthwaite", "kenward-roger"):
        # the F test of a balanced trial is exact, and both methods find its J - 2
        assert np.allclose(study.replicates.df[test][regular, 1], 18, rtol=1e-9)
        row = by_effect(study, "trt", test)
        assert abs(row["power"] - expected) < five(expected)
        assert abs(row["type1"] - 0.05) < five(0.05)
        assert row["lower"] < row["power"] < row["upper"]
        assert row["approx"] == pytest.approx(expected, abs=1e-6)


def test_recovery_of_a_balanced_trial():
    """Estimates of a balanced trial are means and mean squares, whose moments are known."""
    study = nl.recovery(TRIAL, DESIGN, R, predictors="fixed", seed=3)
    table = study.table
    trt, tau2, sigma2 = (table.loc[name] for name in ("trt", "var_(Intercept)|g", "sigma^2"))
    assert abs(trt["coverage"] - 0.95) < five(0.95)
    between, within = 10 * 0.5 + 1.0, 1.0  # expected mean squares on 18 and 180 df
    spread = np.sqrt(2 * between**2 / 18 + 2 * within**2 / 180) / 10
    known = {"trt": (0.6, np.sqrt(4 * 0.6 / 20)), "tau2": (0.5, spread),
             "sigma2": (1.0, np.sqrt(2 / 180))}  # fmt: skip
    for row, (mean, sd) in zip((trt, tau2, sigma2), known.values(), strict=True):
        assert abs(row["mean"] - mean) < 5 * sd / np.sqrt(R)
        # of the SD of a chi-squared on 18 df, whose fourth moment is 3 + 12 / 18 times its square
        assert abs(row["emp_se"] / sd - 1) < 5 * np.sqrt((2 + 12 / 18) / (4 * R))


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
