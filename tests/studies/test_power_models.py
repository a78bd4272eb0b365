"""Several models fitted to the same data of a power study."""

import matplotlib as mpl
import numpy as np
import pytest

import nestling as nl
from nestling.studies.power import PowerByModel, power

mpl.use("Agg")

TRUTH = nl.Population(
    "y ~ X + (1 + X | g)",
    {"(Intercept)": 2, "X": 0.3},
    {"g": nl.cov([[1, 0.2], [0.2, 0.3]])},
    1.0,
    predictors={"X": nl.normal(0, 1)},
)
DESIGN = nl.nested(g=12, id=10)
MODELS = {"with slope": "y ~ X + (1 + X | g)", "without": "y ~ X + (1 | g)"}


@pytest.fixture(scope="module", params=["redrawn", "fixed"])
def study(request):
    return power(TRUTH, DESIGN, 60, formula=MODELS, predictors=request.param, seed=1)


def row_of(study, model, effect):
    table = study.table
    return table[(table["model"] == model) & (table["effect"] == effect)].iloc[0]


def test_all_models_see_the_same_data(study):
    # balanced groups and one predictor: ordinary least squares of the same data, nearly
    one, two = (each.replicates.fixed[:, 1] for each in study.studies.values())
    assert np.corrcoef(one, two)[0, 1] > 0.9


def test_the_replicate_is_that_of_each_model(study):
    data, fits = study.replay(3)
    assert list(fits) == list(MODELS)
    for name, formula in MODELS.items():
        expected = nl.lmer(formula, data).fixef.to_numpy()
        # the many are fitted together: two searches for one optimum
        assert study[name].replicates.fixed[3] == pytest.approx(expected, rel=1e-6)


def test_a_model_without_the_slope_rejects_a_true_hypothesis(study):
    good, bad = row_of(study, "with slope", "X"), row_of(study, "without", "X")
    assert bad["type1"] > 0.2
    assert good["type1_lower"] < 0.05 < good["type1_upper"]
    assert np.isnan(bad["approx"])
    assert np.isfinite(good["approx"])


def test_a_level_that_is_ignored():
    truth = nl.Population(
        "y ~ Z + (1 | a) + (1 | b)", {"(Intercept)": 0, "Z": 0}, {"a": 1, "b": 0.1}, 1.0,
        predictors={"Z": nl.normal(0, 1, level="a")},
    )  # fmt: skip
    models = {"three": "y ~ Z + (1 | a) + (1 | b)", "two": "y ~ Z + (1 | b)"}
    study = power(truth, nl.nested(a=10, b=4, c=3), 60, formula=models, seed=2)
    assert row_of(study, "two", "Z")["type1"] > 0.2
    assert row_of(study, "three", "Z")["type1"] < 0.2  # four standard errors above 0.05


def test_text_html_and_plot_name_the_models(study):
    assert "Model without: y ~ X + (1 | g)" in str(study)
    assert "with slope" in study._repr_html_()
    axes = study.plot("X")
    assert [each.get_text() for each in axes.get_yticklabels()] == ["X"]
    with pytest.raises(nl.errors.ArgumentError, match="effect='W'"):
        study.plot("W")
    with pytest.raises(nl.errors.ArgumentError, match="test='lrt'"):
        study.plot("X", test="lrt")
    with pytest.raises(nl.errors.ArgumentError, match="with slope"):
        study["no slope"]


@pytest.mark.parametrize("name", ["study", "study.parquet"])
def test_every_model_has_its_store(tmp_path, name):
    first = power(TRUTH, DESIGN, 6, formula=MODELS, store=tmp_path / name, test="z")
    again = power(TRUTH, DESIGN, 6, formula=MODELS, store=tmp_path / name, test="z")
    assert isinstance(first, PowerByModel)
    for model in MODELS:
        assert np.array_equal(first[model].replicates.fixed, again[model].replicates.fixed)
    places = sorted(path.name for path in (tmp_path / name).iterdir())
    assert places == [f"{model}{'.parquet' * ('.' in name)}" for model in MODELS]


@pytest.mark.parametrize(
    ("formula", "error", "says"),
    [
        ({}, nl.errors.ArgumentError, "without models"),
        ({3: "y ~ X + (1 | g)"}, nl.errors.ArgumentTypeError, "is 3"),
        ({"a": "y ~ W + (1 | g)"}, nl.errors.NestlingError, r"formula\['a'\].*W"),
    ],
)
def test_bad_models_are_refused(formula, error, says):
    with pytest.raises(error, match=says):
        power(TRUTH, DESIGN, 4, formula=formula, seed=1)


def test_names_that_are_no_folders_are_refused(tmp_path):
    with pytest.raises(nl.errors.ArgumentError, match="folder"):
        power(TRUTH, DESIGN, 4, formula={"a/b": "y ~ X + (1 | g)"}, store=tmp_path / "s")
