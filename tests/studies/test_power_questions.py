"""Contrasts, joint hypotheses, likelihood ratios and variances in power studies."""

import numpy as np
import pytest

import nestling as nl
from nestling.studies.engines import engine_of
from nestling.studies.power import power

TRUTH = nl.Population(
    "y ~ X * Z + (1 + X | g)",
    {"(Intercept)": 2, "X": 0.3, "Z": 0.4, "X:Z": 0.2},
    {"g": nl.cov([[1, 0.2], [0.2, 0.3]])},
    1.0,
    predictors={"X": nl.normal(0, 1), "Z": nl.normal(0, 1, level="g")},
)
DESIGN = nl.nested(g=15, id=6)
HYPOTHESES = {"both": ["X", "Z"], "difference": "X - Z", "slope at 2 is 1": "X + 2*X:Z = 1"}
TESTS = ["z", "satterthwaite", "kenward-roger", "lrt"]
SLOPE = "X in (1 + X | g)"


@pytest.fixture(scope="module")
def study():
    return power(TRUTH, DESIGN, 4, seed=1, test=TESTS, hypotheses=HYPOTHESES, variances=True)


@pytest.fixture(scope="module")
def replayed(study):
    return study.replay(2)


def number(study, name, index=2):
    return study.replicates.extra[index, study.names.extra.index(name)]


def rows_of(study, **wanted):
    table = study.table
    for name, value in wanted.items():
        table = table[table[name] == value]
    return table


@pytest.mark.parametrize("test", ["satterthwaite", "kenward-roger"])
def test_hypotheses_are_those_of_the_fit(study, replayed, test):
    fit = replayed[1]
    joint = fit.test(["X", "Z"], ddf=test)
    assert number(study, f"p {test} both") == pytest.approx(joint.p_value, rel=1e-9)
    at_truth = fit.test("X = 0.3, Z = 0.4", ddf=test)
    assert number(study, f"p0 {test} both") == pytest.approx(at_truth.p_value, rel=1e-9)
    one = fit.test("X - Z", ddf=test)
    assert number(study, "estimate hypothesis difference") == pytest.approx(one.estimate)
    assert number(study, f"se {test} difference") == pytest.approx(one.se, rel=1e-9)
    assert number(study, f"df {test} difference") == pytest.approx(one.df, rel=1e-9)


@pytest.mark.parametrize(
    ("effect", "reduced"),
    [
        ("X:Z", "y ~ X + Z + (1 + X | g)"),
        ("Z", "y ~ X + X:Z + (1 + X | g)"),
        ("(Intercept)", "y ~ 0 + X * Z + (1 + X | g)"),
        ("both", "y ~ X:Z + (1 + X | g)"),
    ],
)
def test_likelihood_ratios_are_those_of_anova(study, replayed, effect, reduced):
    data, fit = replayed
    table = nl.anova(nl.lmer(reduced, data), fit).table
    expected = table["Pr(>Chisq)"].iloc[1]
    # two searches for optima: deviances agree to about 1e-9
    assert number(study, f"p lrt {effect}") == pytest.approx(expected, rel=1e-6)


def test_the_true_value_is_tested_by_a_shifted_response(study, replayed):
    data, _ = replayed
    shifted = data.assign(y=data["y"] - 0.4 * data["Z"])
    full = nl.lmer("y ~ X * Z + (1 + X | g)", shifted)
    table = nl.anova(nl.lmer("y ~ X + X:Z + (1 + X | g)", shifted), full).table
    assert number(study, "p0 lrt Z") == pytest.approx(table["Pr(>Chisq)"].iloc[1], rel=1e-6)


def test_variances_are_tested_as_ranova_does(study, replayed):
    fit = replayed[1]
    expected = fit.ranova(boundary=True).table.loc[SLOPE, "Pr(>Chibarsq)"]
    assert number(study, f"p variance {SLOPE}") == pytest.approx(expected, rel=1e-9)


def test_the_type1_rate_of_a_variance_has_data_without_it(study):
    # the same streams: predictors, intercepts and residuals are those of the replicate
    engine, _ = engine_of(study.plan)
    data = engine.reductions[0].null.data(2)
    fit = nl.lmer("y ~ X * Z + (1 + X | g)", data)
    expected = fit.ranova(boundary=True).table.loc[SLOPE, "Pr(>Chibarsq)"]
    assert number(study, f"p0 variance {SLOPE}") == pytest.approx(expected, rel=1e-9)


def test_the_table_has_all_rows(study):
    table = study.table
    kinds = table["kind"].value_counts().to_dict()
    assert kinds == {"fixed": 16, "contrast": 8, "joint": 4, "variance": 1}
    contrast = rows_of(study, effect="slope at 2 is 1", test="satterthwaite").iloc[0]
    assert contrast["truth"] == pytest.approx(0.7)
    assert rows_of(study, kind="variance").iloc[0]["truth"] == pytest.approx(0.3)
    assert "slope at 2 is 1" in study._repr_html_()
    assert "approx" in str(study)
    assert "likelihood-ratio tests" in study.sentence(SLOPE)


@pytest.mark.parametrize("name", ["study", "study.parquet"])
def test_a_stored_study_is_the_same(tmp_path, study, name):
    arguments = {"seed": 1, "test": TESTS, "hypotheses": HYPOTHESES, "variances": True}
    for _ in range(2):
        again = power(TRUTH, DESIGN, 4, store=tmp_path / name, **arguments).replicates
        assert np.array_equal(again.extra, study.replicates.extra, equal_nan=True)
    with pytest.raises(nl.errors.ArgumentError, match="variances"):
        power(TRUTH, DESIGN, 4, store=tmp_path / name, **arguments | {"variances": False})


def test_a_failed_replicate_has_no_answers():
    three = nl.Population(
        "y ~ trt + (1 | g)", {"(Intercept)": 0, "trt": 1}, {"g": 1}, 1,
        predictors={"trt": nl.bernoulli(0.5, level="g")},
    )  # fmt: skip
    # with three clusters all are often in one arm: the column of trt is dropped
    study = power(three, nl.nested(g=3, id=3), 12, seed=4, test=["z", "lrt"],
                  hypotheses={"sum": "(Intercept) + trt"})  # fmt: skip
    dropped = np.isnan(study.replicates.fixed[:, 1])
    assert dropped.any()
    assert not dropped.all()
    place = study.names.extra.index("p lrt trt")
    assert np.array_equal(np.isnan(study.replicates.extra[:, place]), dropped)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"hypotheses": {"a": "W - X"}}, nl.errors.ArgumentError, "'W'"),
        ({"hypotheses": {"a": ["X", "Z", "X - Z"]}}, nl.errors.ArgumentError, "depend on one"),
        ({"hypotheses": {"a": ["X", "X = 1"]}}, nl.errors.ArgumentError, "depend on one"),
        ({"hypotheses": {}}, nl.errors.ArgumentError, "empty"),
        ({"hypotheses": {"a": []}}, nl.errors.ArgumentError, "'a' is empty"),
        ({"hypotheses": {"X": "X - Z"}}, nl.errors.ArgumentError, "another name"),
        ({"hypotheses": ["X"]}, nl.errors.ArgumentError, "as it is"),
        ({"hypotheses": 7}, nl.errors.ArgumentTypeError, "hypotheses=7"),
        ({"variances": "W"}, nl.errors.ArgumentError, "random effects"),
        ({"variances": 3}, nl.errors.ArgumentTypeError, "variances=3"),
    ],
)
def test_bad_questions_are_refused(given, error, says):
    with pytest.raises(error, match=says):
        power(TRUTH, DESIGN, 4, seed=1, **given)


def test_recovery_has_no_likelihood_ratios():
    with pytest.raises(nl.errors.ArgumentError, match="lrt"):
        nl.recovery(TRUTH, DESIGN, 4, test="lrt", seed=1)


@pytest.mark.parametrize("test", ["z", "satterthwaite", "lrt"])
@pytest.mark.parametrize("effect", [0.0, 0.3, 0.6, 2.0])
def test_the_approximation_is_a_closed_form_in_a_balanced_design(test, effect):
    from scipy import stats

    truth = nl.Population(
        "y ~ trt + (1 | g)", {"(Intercept)": 0, "trt": effect}, {"g": 0.2}, 1.0,
        predictors={"trt": nl.values([0.0, 1.0] * 10, level="g")},
    )  # fmt: skip
    study = power(truth, nl.nested(g=20, id=10), 2, predictors="fixed", test=test, seed=1)
    shift = effect / np.sqrt(4.0 * (0.2 + 0.1) / 20)
    if test == "satterthwaite":
        edge, law = stats.t.isf(0.025, 18), stats.nct(18, shift)
    else:
        edge, law = stats.norm.isf(0.025), stats.norm(shift)
    expected = law.sf(edge) + law.cdf(-edge)
    found = study.table.set_index("effect").loc["trt", "approx"]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_model_with_more_random_effects_than_the_truth_is_approximated():
    truth = TRUTH.replace(formula="y ~ X * Z + (1 | g)", random={"g": 1})
    large = power(truth, DESIGN, 2, formula="y ~ X * Z + (1 + X | g)", test="z", seed=1)
    small = power(truth, DESIGN, 2, test="z", seed=1)
    # the slopes' variance is zero, and a z test does not see that it was to be estimated
    columns = [study.table["approx"].to_numpy() for study in (large, small)]
    assert columns[0] == pytest.approx(columns[1], rel=1e-9)
    without = power(TRUTH, DESIGN, 2, formula="y ~ X * Z + (1 | g)", test="z", seed=1)
    assert without.table["approx"].isna().all()
