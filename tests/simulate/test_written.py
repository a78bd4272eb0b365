"""Populations as plain data: they come back equal, from Python, JSON and TOML."""

import json
import pickle
import tomllib

import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.data.toml_text import toml_text
from nestling.errors import ArgumentError, EntryError, PopulationError
from nestling.model.functions import FUNCTIONS
from nestling.simulate.call_text import call_text
from nestling.simulate.design_text import design_text
from nestling.simulate.listed import DEPARTURES, DESIGNS, EFFECTS, FAMILIES, PREDICTORS, SPREADS
from nestling.simulate.reading import design_of, read

# 15 to 17 digits each, which a shortened text would lose
THIRD, SMALL, LARGE = 1 / 3, 2e-7 / 3, 1e7 / 7

EQUATIONS = nl.levels("""
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1
""")
NORMAL = {"X": nl.normal(0, 1)}
RNG = np.random.default_rng(1)


def one(formula="y ~ X + (1 | g)", fixed=None, random=None, residual=3, **given):
    given.setdefault("predictors", NORMAL)
    return nl.Population(
        formula,
        {"(Intercept)": 2, "X": 4} if fixed is None else fixed,
        {"g": 5} if random is None else random,
        residual,
        **given,
    )


def with_x(predictor, **more):
    """A population with one more predictor, which the formula does not use."""
    return one(predictors={**NORMAL, "W": predictor, **more})


SLOPES = "y ~ X + (1 + X | g)"
PLACES = {"formula": "y ~ A + (1 | g)", "fixed": {"(Intercept)": 1, "A1": 2}}
POPULATIONS = {
    "plain": one(),
    "no intercept": one("y ~ 0 + X + (0 + X | g)", {"X": 1}),
    "digits": one(fixed={"(Intercept)": THIRD, "X": -SMALL}, random={"g": LARGE}, residual=THIRD),
    "sd": one(random={"g": nl.sd(THIRD)}, residual=nl.sd(SMALL)),
    "icc": one(random={"g": nl.icc(THIRD)}),
    "cov": one(SLOPES, random={"g": nl.cov([[5, THIRD], [THIRD, 3]])}),
    "corr": one(SLOPES, random={"g": nl.corr([THIRD, 2], -SMALL)}),
    "by effect": one(SLOPES, random={"g": {"(Intercept)": nl.sd(2), "X": THIRD}}),
    "list": one(SLOPES, random={"g": [5, nl.sd(1.5)]}),
    "array": one(SLOPES, random={"g": np.array([5.0, 3.0])}),
    "numpy": one(random={"g": np.float64(THIRD)}, residual=np.int64(4)),
    "series": one(fixed=pd.Series({"(Intercept)": 2.5, "X": THIRD})),
    "double bars": one("y ~ X + (X || g)", random={"g": [5, 3]}),
    "nested": one(
        "y ~ X + (1 | school/pupil)", random={"pupil:school": nl.icc(0.2), "school": nl.icc(0.1)}
    ),
    "standardised": one(fixed={"(Intercept)": 0, "X": nl.standardised(-THIRD)}),
    "d": one(fixed={"(Intercept)": 0, "X": nl.d(THIRD)}, predictors={"X": nl.bernoulli(0.3)}),
    "r2": one(fixed={"(Intercept)": 0, "X": nl.r2(THIRD, sign=-1)}),
    "equations": nl.Population(
        EQUATIONS,
        g00=2,
        g01=3,
        g10=THIRD,
        random={"u0": 5, "u1": 3},
        residual=3,
        predictors={"X": nl.normal(0, 1), "Z": nl.constant(2)},
    ),
    "equations, uncorrelated": nl.Population(
        nl.levels("y = g00 + g10*X + u0[g] + u1[g]*X + e; cov(u0, u1) = 0"),
        g00=2,
        g10=1,
        random={"u0": 5, "u1": 3},
        residual=3,
        predictors=NORMAL,
    ),
    "equations with indices": nl.Population(
        nl.levels("y = g00 + g10*Xij + u0[g] + eij", subscripts="keep"),
        g00=2,
        g10=1,
        random={"u0": 5},
        residual=3,
        predictors={"Xij": nl.normal(0, 1)},
    ),
    "weights and offset": one(
        weights="w",
        offset="o",
        predictors={**NORMAL, "w": nl.values([1, 2.5, THIRD]), "o": nl.constant(THIRD)},
    ),
    "contrasts": one(
        **PLACES, predictors={"A": nl.categorical(["a", "b"])}, contrasts={"A": "sum"}
    ),
    "contrast matrix": one(
        **PLACES,
        predictors={"A": nl.categorical(["a", "b"])},
        contrasts={"A": np.array([[THIRD], [-1.0]])},
    ),
    "icc of a predictor": one(
        "y ~ X_within + X_between + (1 | g)",
        {"(Intercept)": 1, "X_within": 2, "X_between": 3},
        predictors={"X": nl.normal(THIRD, SMALL, icc={"g": THIRD})},
    ),
    "computed": with_x("X * 2 + log(abs(X))", V="W - 1"),
    "correlated": one(
        predictors={
            "first": nl.constant(1),
            **nl.correlated(X=nl.normal(0, 1, icc=0.2), Y=nl.gamma(2, 1), Z=nl.t(5), corr=THIRD),
            "last": "X * Z",
        }
    ),
    "correlated by matrix": one(
        predictors=nl.correlated(
            X=nl.normal(0, 1), Z=nl.normal(0, THIRD, level="g"), corr=[[1, SMALL], [SMALL, 1]]
        )
    ),
    "correlated parts": one(
        "y ~ X_within + X_between + (1 | g)",
        {"(Intercept)": 1, "X_within": 2, "X_between": 3},
        predictors=nl.correlated(X=nl.normal(0, 1, icc=0.2), Z=nl.normal(0, 1), corr=0.1),
    ),
    "factorial": one(
        predictors={**NORMAL, **nl.factorial({"A": ["a1", "a2"], "B": None}, level="g")}
    ),
    "many values": with_x(nl.values(RNG.normal(size=5000), level="g")),
    "many correlations": one(
        "y ~ X + (1 + X | g)", random={"g": nl.cov(np.cov(RNG.normal(size=(2, 30))))}
    ),
    "names in need of quotes": one(
        'y ~ `a.b "c"` + (1 | g)',
        {"(Intercept)": 1, '`a.b "c"`': 2},
        predictors={'a.b "c"': nl.normal(0, 1)},
    ),
}

PREDICTORS_SAID = {
    "normal": [nl.normal(THIRD, LARGE, level="g"), nl.normal(-0.5, 1, icc=THIRD, parts=True)],
    "uniform": [nl.uniform(-THIRD, LARGE)],
    "bernoulli": [nl.bernoulli(THIRD)],
    "categorical": [
        nl.categorical({"a": THIRD, "it's \"b\"": 1 - THIRD}, level="g"),
        nl.categorical(["x", "y", "é\n"], ordered=True),
    ],
    "constant": [nl.constant(-THIRD), nl.constant(1e300)],
    "values": [
        nl.values([1, 2, 3], level="g"),
        nl.values(np.array([1, 2], dtype=np.int32)),
        nl.values(np.array([1, 2.5], dtype=np.float32)),
        nl.values([True, False]),
        nl.values([THIRD, -SMALL, LARGE, 1e-300, 5.0, -0.0]),
        nl.values(["b", "a", "nl.sd(1)", "b"]),
        nl.values(pd.Categorical(["b", "a"], categories=["b", "a", "c"])),
        nl.values(pd.Categorical(["b", "a"], ordered=True)),
    ],
    "lognormal": [nl.lognormal(3, THIRD), nl.lognormal(meanlog=-THIRD, sdlog=1)],
    "gamma": [nl.gamma(THIRD, SMALL), nl.gamma(shape=THIRD, scale=2, icc={"g": 0.1})],
    "beta": [nl.beta(THIRD, 0.1), nl.beta(a=THIRD, b=2)],
    "t": [nl.t(4 + THIRD), nl.t(5, -THIRD, 2, "g")],
    "binomial": [nl.binomial(1234567, THIRD)],
    "poisson": [nl.poisson(THIRD), nl.poisson(123456.75)],
    "empirical": [nl.empirical([1, THIRD]), nl.empirical(["u", "v", "u"], level="g")],
    "assign": [
        nl.assign(),
        nl.assign(level="g"),
        nl.assign(["a", "it's"], prob=[THIRD, 2 / 3], blocks="h", level="g"),
        nl.assign(3, method="simple"),
    ],
    "stepped_wedge": [nl.stepped_wedge("g", "id"), nl.stepped_wedge("g", "id", steps=[2, 4])],
    "cross_over": [
        nl.cross_over("g", "id"),
        nl.cross_over("g", "id", [["A", "B"], ["B", "A"]], prob=[THIRD, 2 / 3]),
    ],
    "counterbalanced": [nl.counterbalanced("g", "id"), nl.counterbalanced("g", "id", ["u", "v"])],
    "partially_nested": [nl.partially_nested("g")],
    "time": [nl.time(THIRD, SMALL), nl.time(0, 7, jitter=THIRD), nl.time(events=True, cluster="g")],
}  # fmt: skip
OTHERS_SAID = {
    "sd": [nl.sd(THIRD)],
    "icc": [nl.icc(SMALL)],
    "cov": [nl.cov([[LARGE]])],
    "corr": [nl.corr([1, THIRD], THIRD)],
    "standardised": [nl.standardised(-SMALL)],
    "d": [nl.d(LARGE)],
    "r2": [nl.r2(THIRD), nl.r2(0)],
    "ar1": [nl.ar1(THIRD), nl.ar1(-THIRD, "g", "X")],
    "car1": [nl.car1(THIRD, time="X")],
    "contaminated_effects": [nl.contaminated_effects("g", THIRD, LARGE)],
    "dropout": [
        nl.dropout("g", THIRD),
        nl.dropout("g", 0.2, time="X", shape=THIRD, previous=-THIRD, current=2, drop=False),
    ],
    "measurement_error": [
        nl.measurement_error("X", THIRD, keep=True),
        nl.measurement_error("y", sd=THIRD),
    ],
    "missing": [
        nl.missing("y", THIRD),
        nl.missing("X", 0.1, depends_on={"X": -THIRD, "y": 2}),
        nl.missing("X", 0.1, level="g"),
    ],
    "family": [
        nl.family("gaussian"),
        nl.family("binomial", link="probit", trials="n"),
        nl.family("binomial", trials=12),
        nl.family("poisson"),
        nl.family("negative binomial", size=THIRD),
        nl.family("gamma", shape=THIRD, link="log"),
        nl.family("beta", precision=LARGE),
        nl.family("ordinal", thresholds=[-1, THIRD, 2]),
    ],
    "heteroscedastic": [
        nl.heteroscedastic("X", {"a": THIRD, "it's": 2}, keep="mean"),
        nl.heteroscedastic("X", {-1: THIRD}),
        nl.heteroscedastic("X", power=-THIRD),
    ],
    "lognormal_effects": [nl.lognormal_effects("g", THIRD)],
    "lognormal_residuals": [nl.lognormal_residuals(THIRD)],
    "mixture_effects": [nl.mixture_effects("g", [THIRD, 2 / 3], [0, LARGE], [SMALL, 1])],
    "mixture_residuals": [nl.mixture_residuals([0.25, 0.75], [-THIRD, 1])],
    "outliers": [nl.outliers(THIRD, 5 + THIRD, keep="total")],
    "random_variance": [nl.random_variance("g", THIRD)],
    "skewed_effects": [nl.skewed_effects("g", -THIRD)],
    "skewed_residuals": [nl.skewed_residuals(THIRD)],
    "t_effects": [nl.t_effects("g", 4 + THIRD)],
    "t_residuals": [nl.t_residuals(5 + THIRD)],
}
GROUPS = (SPREADS, EFFECTS, PREDICTORS, DEPARTURES, FAMILIES, DESIGNS)

# Public names that describe nothing of a population or a design by a call.
NO_CALLS = {
    "cell_means",  # becomes coefficients
    "Design", "Equations", "LmerFit", "Population", "RRandom", "Summary", "__version__", "anova",
    "compare", "compare_models", "errors", "find_design", "levels", "levels_of", "lmer", "power",
    "power_curve", "precision_curve", "recovery",
    "study_time", "study_toml",
    "factorial",  # predictors of nl.assign
    "correlated",  # the table [[correlated]]
}  # fmt: skip


@pytest.mark.parametrize("name", POPULATIONS)
def test_a_population_comes_back_equal(name):
    truth = POPULATIONS[name]
    data = truth.to_dict()
    for back in (data, json.loads(json.dumps(data)), tomllib.loads(toml_text(data))):
        assert nl.Population.from_dict(back) == truth
        assert list(nl.Population.from_dict(back).predictors) == list(truth.predictors)
    assert nl.Population.from_dict(data).to_dict() == data


@pytest.mark.parametrize("name", POPULATIONS)
def test_only_plain_data_are_written(name):
    def plain(value):
        if type(value) is dict:
            return all(type(key) is str and plain(each) for key, each in value.items())
        if type(value) is list:
            return all(map(plain, value))
        return type(value) in {str, int, float, bool}

    assert plain(POPULATIONS[name].to_dict())


@pytest.mark.parametrize(
    "predictor", [each for listed in PREDICTORS_SAID.values() for each in listed], ids=str
)
def test_a_predictor_comes_back_equal(predictor):
    assert read(call_text(predictor), PREDICTORS, ()) == predictor
    assert read(f"nl.{call_text(predictor)}", PREDICTORS, ()) == predictor
    truth = with_x(predictor)
    assert nl.Population.from_dict(json.loads(json.dumps(truth.to_dict()))) == truth


@pytest.mark.parametrize(
    "record", [each for listed in OTHERS_SAID.values() for each in listed], ids=str
)
def test_anything_described_comes_back_equal(record):
    calls = next(group for group in GROUPS if call_text(record).split("(")[0] in group)
    assert read(call_text(record), calls, ()) == record


@pytest.mark.parametrize(
    "record", [each for name in DEPARTURES for each in OTHERS_SAID[name]], ids=str
)
def test_populations_with_departures_come_back_equal(record):
    truth = one(departures=[record])
    back = nl.Population.from_dict(tomllib.loads(toml_text(truth.to_dict())))
    assert back == truth
    assert back.departures == (record,)


@pytest.mark.parametrize("family", OTHERS_SAID["family"], ids=str)
def test_populations_of_a_family_come_back_equal(family):
    fixed = {"X": 0.1} if family.name == "ordinal" else {"(Intercept)": 5, "X": 0.1}
    residual = 3 if family.name == "gaussian" else None
    predictors = {**NORMAL, "n": nl.values([3, 4])}
    truth = one(fixed=fixed, residual=residual, predictors=predictors, family=family)
    assert nl.Population.from_dict(tomllib.loads(toml_text(truth.to_dict()))) == truth


def test_a_family_may_be_a_name_alone():
    data = one(residual=None, family="poisson").to_dict()
    assert data["model"]["family"] == "family('poisson')"
    data["model"]["family"] = "poisson"
    assert nl.Population.from_dict(data) == one(residual=None, family="poisson")


@pytest.mark.parametrize(
    "design",
    [
        nl.nested(g=5),
        nl.nested(g=2, id=[3, 4]),
        nl.crossed(subject=3, item=2),
        nl.crossed(nl.nested(school=2, pupil=[3, 4]), item=8),
        nl.crossed(nl.nested(school=2, pupil=3), nl.nested(test=2, item=4)),
        nl.nested(nl.crossed(subject=3, item=2), trial=2),
        nl.nested(nl.nested(school=4), nl.crossed(pupil=10, rater=3)),
        nl.nested(nl.nested(a=2), nl.crossed(b=2, c=3), d=2, e=3),
        nl.crossed(nl.nested(a=2), nl.nested(nl.crossed(b=2, c=3), d=2), e=3),
        nl.nested(**{"school": 2, "pupil id": [3, 4], "class": 2, "it's": 2}),
        nl.crossed(**{"pupil id": 3, "b": 2}),
        nl.nested(g=4, id=nl.sizes(20 + THIRD, cv=THIRD, minimum=2, maximum=30)),
        nl.nested(g=4, id=nl.sizes([3, 4, 5], seed=1)),
        nl.nested(g=4, id=nl.poisson(20 + THIRD), row=nl.uniform(THIRD, 9)),
        nl.crossed(subject=6, item=10).sample(per="subject", item=5, seed=1),
        nl.crossed(subject=6, item=10).sample(per="subject", item=5, seed=2, balanced=False),
        nl.nested(nl.crossed(subject=6, item=10).drop(THIRD, seed=1), trial=2),
        nl.nested(school=2, pupil=[3, 5]).extend(school=4),
        nl.Design.from_frame({"s": [2, 1, 1, 2], "p": [1, 1, 2, 3]}, "s", "p"),
    ],
    ids=str,
)
def test_a_design_comes_back_equal(design):
    assert design_of(design_text(design)) == design


def test_a_fit_comes_back_equal_as_a_population():
    data = one().simulate(nl.nested(g=10, id=5), seed=1)
    truth = nl.lmer("y ~ X + (1 | g)", data).population()
    assert nl.Population.from_dict(json.loads(json.dumps(truth.to_dict()))) == truth


def test_long_texts_are_refused_before_they_are_read():
    data = one().to_dict()
    data["predictors"]["X"] = f"values([{'1, ' * 2_000_000}])"
    with pytest.raises(ArgumentError, match=r"predictors\.X: is 6000010 characters long"):
        nl.Population.from_dict(data)


def test_every_public_name_is_listed_or_no_call():
    listed = {name for group in GROUPS for name in group if not name.startswith(".")}
    assert listed | NO_CALLS == set(nl.__all__)
    assert not listed & NO_CALLS


def test_every_listed_call_has_come_back_above():
    assert set(PREDICTORS_SAID) == set(PREDICTORS)
    others = {name for group in GROUPS for name in group} - set(PREDICTORS)
    assert set(OTHERS_SAID) | set(DESIGNS) == others


def test_a_listed_call_is_no_function_of_formulas():
    assert not set(PREDICTORS) & set(FUNCTIONS)


GOOD = one().to_dict()


@pytest.mark.parametrize(
    ("table", "entries", "error", "said"),
    [
        ("model", {"formla": "y ~ 1"}, ArgumentError, "Did you mean 'formula'"),
        ("model", {"residual": "std(2)"}, ArgumentError, "model.residual: .*Did you mean 'sd'"),
        ("model", {"residual": "sd(-2)"}, ArgumentError, "model.residual: .*never negative"),
        ("model", {"residual": -2}, PopulationError, "never negative"),
        ("model", {"levels": "y = b0 + e"}, ArgumentError, "model: give the model once"),
        ("model", {"formula": 3}, ArgumentError, "model.formula: 3 was given; expected text"),
        ("model", {"weights": 3}, ArgumentError, "model.weights: 3 was given"),
        ("model", {"departures": "ar(0.5)"}, ArgumentError, "Did you mean 'ar1'"),
        ("model", {"departures": 3}, ArgumentError, "expected a list"),
        ("fixed", {"X": "open('x')"}, ArgumentError, "fixed.X: .*'open' is not a function here"),
        ("fixed", {"W": 1}, PopulationError, "'W'"),
        ("random", {"(x)": "icc(2)"}, ArgumentError, 'random."\\(x\\)": .*at least 0'),
        ("predictors", {"X": "norml(0, 1)"}, ArgumentError, "Did you mean 'normal'"),
        ("predictors", {"X": "normal(0)"}, ArgumentError, "predictors.X: .*sd"),
        ("predictors", {"X": "Z +"}, ArgumentError, "predictors.X"),
        ("predictors", {"X": "normal.__class__"}, PopulationError, "no predictor"),
        ("predictors", {"X": 3}, ArgumentError, "predictors.X: 3 was given"),
        ("corelated", {}, ArgumentError, "Did you mean 'correlated'"),
    ],
)
def test_what_cannot_be_read_is_named(table, entries, error, said):
    data = {**GOOD, table: {**GOOD.get(table, {}), **entries}}
    with pytest.raises(error, match=said):
        nl.Population.from_dict(data)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"predictors": ["X"]}, "a list of tables"),
        ([{"corr": 0.3}], r"predictors = \[...\]"),
        ([{"predictors": ["X", "Y"], "corr": 0.3}], "'Y' is not described"),
        ([{"predictors": ["X", "Z"], "corr": 1.3}], "between"),
        ([{"predictors": ["X", "Z"], "cor": 0.3}], "Did you mean 'corr'"),
    ],
)
def test_correlations_that_cannot_be_read_are_named(groups, said):
    data = {**GOOD, "predictors": {"X": "normal(0, 1)", "Z": "t(5)"}, "correlated": groups}
    with pytest.raises(ArgumentError, match=said):
        nl.Population.from_dict(data)


@pytest.mark.parametrize("data", [None, [], "model", {1: 2}, {}, {"model": 3}, {"fixed": {}}])
def test_what_is_no_population_is_refused(data):
    with pytest.raises(ArgumentError, match=r"expected a table|no table 'model'"):
        nl.Population.from_dict(data)


def test_errors_of_entries_can_be_sent_between_processes():
    error = pickle.loads(pickle.dumps(EntryError(("fixed", "(Intercept)"), "wrong")))
    assert str(error) == 'fixed."(Intercept)": wrong'
    assert error.path == ("fixed", "(Intercept)")


@pytest.mark.parametrize(
    "text",
    [
        "observed({'s': [0, 2]}, rows=[0, 1])",
        "observed({'s': [0, -1]}, rows=[0, 1])",
        "observed({'s': [0, 999999999999]}, rows=[0, 1])",
        "observed({'s': [0, 1]}, rows=[0])",
        "observed({'s': []}, rows=[])",
        "observed({'s': [0.5]}, rows=[0])",
        "observed([0, 1], rows=[0, 1])",
        "observed({'s': 'ab'}, rows='ab')",
        "sizes(3).drop(0.1, seed=1)",
        "nested(g=3).to_frame()",
        "nested(g=3).__reduce__()",
        "sizes(3)",
        "normal(0, 1)",
        "nested({1: 2})",
        "nested({'g': 2}, {'h': 3})",
    ],
)
def test_what_makes_no_design_is_refused(text):
    with pytest.raises(ArgumentError, match="design"):
        design_of(text)
