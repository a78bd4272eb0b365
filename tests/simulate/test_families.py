"""Populations whose response is not normal: their scales, their data, what they refuse."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError
from nestling.simulate.departures import DataDeparture

DESIGN = nl.nested(g=40, id=25)
X = {"X": nl.normal(1, 2)}
FIXED = {"(Intercept)": -0.4, "X": 0.3}
FAMILIES = [
    "binomial",
    nl.family("binomial", trials=5, link="probit"),
    "poisson",
    nl.family("negative binomial", size=2),
    nl.family("gamma", shape=3, link="log"),
    nl.family("beta", precision=6),
    nl.family("ordinal", thresholds=[-1, 0.5]),
]


def truth(family="binomial", spread=0.5, **given):
    fixed = {"X": 0.3} if "ordinal" in str(family) else FIXED
    arguments = {"fixed": fixed, "random": {"g": spread}, "predictors": X} | given
    return nl.Population("y ~ X + (1 | g)", family=family, **arguments)


# --- what the record holds


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_equality_pickling_and_text(family):
    made = truth(family)
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert hash(again) == hash(made)
    assert made.replace() == made
    assert made != truth(family, spread=0.6)
    assert str(made.family) in str(made)
    assert f"{made.family.link} link" in str(made)
    assert "<caption>Family</caption>" in made._repr_html_()
    assert not made.is_plain
    assert np.isnan(made.sigma)
    assert made.varcorr["grp"].tolist() == ["g"]
    assert "Residual" not in str(made)


def test_the_normal_family_is_the_default():
    plain = nl.Population("y ~ X + (1 | g)", FIXED, {"g": 1}, 2, X)
    assert plain == nl.Population("y ~ X + (1 | g)", FIXED, {"g": 1}, 2, X, family="gaussian")
    assert plain.family == nl.family("gaussian")
    assert plain.is_plain
    assert "Family" not in str(plain)
    assert plain != truth("poisson", spread=1)


def test_replace_between_families():
    plain = nl.Population("y ~ X + (1 | g)", FIXED, {"g": nl.icc(0.2)}, 2, X)
    counts = plain.replace(family="poisson")
    assert counts == truth("poisson", nl.icc(0.2))
    assert counts.replace(family="gaussian", residual=2) == plain
    with pytest.raises(PopulationError, match="residual= is missing"):
        counts.replace(family="gaussian")
    with pytest.raises(PopulationError, match="has no residual variance"):
        plain.replace(family="poisson", residual=2)
    with pytest.raises(PopulationError, match=r"gives the intercept -0.4, but .* thresholds"):
        plain.replace(family=nl.family("ordinal", thresholds=[0]))


# --- the latent scale


def test_icc_of_a_constant_latent_variance():
    logistic = truth("binomial", nl.icc(0.2)).varcorr["vcov"][0]
    assert_allclose(logistic, 0.2 / 0.8 * np.pi**2 / 3, rtol=1e-14)
    assert_allclose(
        truth(nl.family("gamma", shape=2, link="log"), nl.icc(0.2)).varcorr["vcov"][0],
        0.25 * (np.pi**2 / 6 - 1),  # trigamma(2)
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    ("family", "own"),
    [
        ("poisson", lambda mu: np.log1p(1 / mu)),
        (nl.family("negative binomial", size=3), lambda mu: np.log1p(1 / mu + 1 / 3)),
    ],
)
def test_icc_of_counts_at_the_mean_it_implies(family, own):
    """The mean is exp(b0 + b1 mean(X) + half the random effects' variance), as in the paper."""
    variance = truth(family, nl.icc(0.3)).varcorr["vcov"][0]
    mu = np.exp(-0.4 + 0.3 * 1 + variance / 2)
    assert_allclose(variance / (variance + own(mu)), 0.3, rtol=1e-10)


def test_icc_with_other_spreads_and_slopes():
    made = nl.Population(
        "y ~ X + (1 + X | g) + (1 | item)",
        FIXED,
        {"g": nl.cov([[0.3, 0.05], [0.05, 0.1]]), "item": nl.icc(0.25)},
        predictors=X,
        family="poisson",
    )
    item = made.varcorr.set_index("grp").loc["item", "vcov"]
    # E[(1, X) Sigma (1, X)'] with E[X] = 1, E[X^2] = 5
    spread = 0.3 + 2 * 0.05 * 1 + 0.1 * 5 + item
    own = np.log1p(1 / np.exp(-0.4 + 0.3 + spread / 2))
    assert_allclose(item / (item + 0.3 + own), 0.25, rtol=1e-10)


def test_icc_of_a_beta_response_at_its_marginal_mean():
    variance = truth(nl.family("beta", precision=6), nl.icc(0.3)).varcorr["vcov"][0]
    sd, centre = np.sqrt(variance), -0.1
    mu, _ = integrate.quad(lambda z: stats.norm.pdf(z) / (1 + np.exp(-centre - sd * z)), -12, 12)
    own = stats.loggamma(6 * mu).var() + stats.loggamma(6 * (1 - mu)).var()
    assert_allclose(variance / (variance + own), 0.3, rtol=1e-9)


def test_a_mean_on_the_square_root_scale():
    made = truth(nl.family("negative binomial", size=40, link="sqrt"), nl.icc(0.2), fixed={
        "(Intercept)": 3, "X": 0.3})  # fmt: skip
    variance = made.varcorr["vcov"][0]
    mu = 3.3**2 + variance
    assert_allclose(variance, 0.25 * 0.25 * (1 + mu / 40), rtol=1e-10)


def test_an_icc_that_no_variance_has():
    family = nl.family("negative binomial", size=0.05, link="sqrt")
    with pytest.raises(PopulationError, match="an ICC that no variance has"):
        truth(family, nl.icc(0.5), fixed={"(Intercept)": 3, "X": 0.3})


def test_latent_icc_is_the_share_that_data_show():
    """The latent variable's own ICC, of 400 clusters of 50: its standard error is below 0.013.

    Donner's formula for k clusters of m, sqrt(2 / (k m (m - 1))) (1 - r) (1 + (m - 1) r).
    """
    k, m, r = 400, 50, 0.3
    made = nl.Population(
        "y ~ 1 + (1 | g)", {"(Intercept)": 0.5}, {"g": nl.icc(r)},
        family=nl.family("gamma", shape=1.5, link="log"),
    )  # fmt: skip
    y = made.simulate(nl.nested(g=k, id=m), seed=4)["y"].to_numpy()
    rows = np.log(y).reshape(k, m)
    within = rows.var(axis=1, ddof=1).mean()
    between = rows.mean(axis=1).var(ddof=1) - within / m
    error = np.sqrt(2 / (k * m * (m - 1))) * (1 - r) * (1 + (m - 1) * r)
    assert abs(between / (between + within) - r) < 5 * error


def test_effects_stated_on_the_latent_scale():
    made = truth("binomial", 0.5, fixed={"(Intercept)": 0, "X": nl.r2(0.1)})
    explained = made.fixed["X"] ** 2 * 4
    assert_allclose(explained / (explained + 0.5 + np.pi**2 / 3), 0.1, rtol=1e-12)
    same = truth(nl.family("ordinal", thresholds=[0]), 0.5, fixed={"X": nl.r2(0.1)})
    assert_allclose(same.fixed["X"], made.fixed["X"], rtol=1e-12)
    half = truth(
        "binomial",
        0.5,
        fixed={"(Intercept)": 0, "X": nl.d(0.4)},
        predictors={"X": nl.bernoulli(0.5)},
    )
    assert_allclose(half.fixed["X"], 0.4 * np.sqrt(0.5 + np.pi**2 / 3), rtol=1e-12)
    with pytest.raises(PopulationError, match=r"'X' as nl.r2\(0.1\), but with nl.family\('poisson"):
        truth("poisson", fixed={"(Intercept)": 0, "X": nl.r2(0.1)})


# --- describe()


def test_describe_says_all_scales():
    said = truth("poisson", nl.icc(0.2)).describe(DESIGN)
    variance = truth("poisson", nl.icc(0.2)).varcorr["vcov"][0]
    mean = np.exp(-0.1 + variance / 2)
    assert "Family: nl.family('poisson'), log link" in said
    assert "ln(1 + 1 / mean)" in said
    assert f"{np.log1p(1 / mean):.6g}" in said
    assert f"over the random effects): {mean:.6g}" in said
    assert "Latent reliability of the means of g, 25 rows each" in said
    row = next(line for line in said.splitlines() if "(Intercept)" in line)
    assert row.split()[-1] == "0.2"
    assert not any(line.endswith(" ") for line in said.splitlines())


def test_describe_of_trials_and_of_the_inverse_link():
    said = truth(nl.family("binomial", trials=10), 0.0, fixed={"(Intercept)": 0, "X": 0}).describe()
    assert "Chance of a success at the average" in said
    assert "Mean of y, 10 trials: 5" in said
    said = truth(nl.family("gamma", shape=3), 0.01, fixed={"(Intercept)": 2, "X": 0}).describe()
    assert "at random effects of 0): 0.5" in said


def test_describe_without_a_mean():
    made = nl.Population(
        "y ~ time + (1 | g)",
        {"(Intercept)": 0, "time": 0.1},
        {"g": 1},
        predictors={"time": nl.time(0, 1)},
        family="poisson",
    )
    said = made.describe()
    assert "The mean of y is not told: The variance of y cannot be told" in said
    with pytest.raises(PopulationError, match=r"an ICC, which with .* State the variance"):
        made.replace(random={"g": nl.icc(0.2)})
    wrong = truth(nl.family("poisson", link="identity"), 1.0)
    assert "the linear predictor is -0.1" in wrong.describe()


# --- the data


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_components(family):
    data = truth(family).simulate(DESIGN, seed=2, components=True)
    assert list(data.columns) == ["g", "id", "X", "y", "u0", "b0", "b1", "eta", "mu"]
    made = truth(family)
    assert_allclose(data["eta"], data["b0"] + data["b1"] * data["X"], rtol=1e-14)
    assert_allclose(data["mu"], made.family.mean(data["eta"].to_numpy()), rtol=1e-14)
    plain = made.simulate(DESIGN, seed=2)
    assert (plain["y"] == data["y"]).all()


def test_random_effects_and_predictors_are_those_of_the_normal_population():
    normal = nl.Population("y ~ X + (1 | g)", FIXED, {"g": 0.5}, 1, X)
    one = normal.simulate(DESIGN, seed=2, components=True)
    other = truth("poisson").simulate(DESIGN, seed=2, components=True)
    assert (one[["X", "u0", "b0"]] == other[["X", "u0", "b0"]]).all(axis=None)


def test_trials_of_each_row():
    made = truth(nl.family("binomial", trials="n"), predictors=X | {"n": nl.poisson(4)})
    data = made.simulate(DESIGN, seed=1)
    assert (data["y"] <= data["n"]).all()
    with pytest.raises(PopulationError, match=r"trials='m' is not described in predictors="):
        truth(nl.family("binomial", trials="m"))
    with pytest.raises(
        PopulationError, match=r"'X' holds the trials .* in row \d+; expected whole"
    ):
        truth(nl.family("binomial", trials="X")).simulate(DESIGN, seed=1)


def test_offset_is_an_exposure_on_the_log_scale():
    """Counts per time: the ratio of count to exposure is one mean, within 5 standard errors."""
    made = nl.Population(
        "y ~ 1 + (1 | g)",
        {"(Intercept)": 1.0},
        {"g": 0},
        predictors={"time": nl.uniform(1, 9), "logtime": "log(time)"},
        offset="logtime",
        family="poisson",
    )
    data = made.simulate(nl.nested(g=10, id=500), seed=1, components=True)
    assert_allclose(data["mu"], np.exp(1.0) * data["time"], rtol=1e-12)
    total = data["time"].sum()
    assert abs(data["y"].sum() / total - np.exp(1.0)) < 5 * np.sqrt(np.exp(1.0) / total)
    inside = nl.Population(
        "y ~ 1 + offset(log(time)) + (1 | g)",
        {"(Intercept)": 1.0},
        {"g": 0},
        predictors={"time": nl.uniform(1, 9)},
        family="poisson",
    )
    assert (inside.simulate(nl.nested(g=10, id=500), seed=1)["y"] == data["y"]).all()


def test_weights_divide_the_dispersion_of_a_gamma_response():
    made = nl.Population(
        "y ~ 1 + (1 | g)",
        {"(Intercept)": 0},
        {"g": 0},
        predictors={"w": nl.values(np.tile([1.0, 9.0], 5000))},
        weights="w",
        family=nl.family("gamma", shape=3, link="log"),
    )
    data = made.simulate(nl.nested(g=10, id=1000), seed=1)
    for w, own in data.groupby("w")["y"]:
        kurtosis = 6 / (3 * w)
        error = np.sqrt((kurtosis + 2) / own.size) / (3 * w)
        assert abs(own.var() - 1 / (3 * w)) < 5 * error


def test_departures_of_effects_go_with_any_family():
    one = truth("poisson").simulate(DESIGN, seed=5, components=True)
    made = truth("poisson", departures=nl.t_effects("g", df=4))
    other = made.simulate(DESIGN, seed=5, components=True)
    assert (one["X"] == other["X"]).all()
    assert (one["u0"] != other["u0"]).all()
    assert_allclose(other["mu"], np.exp(other["b0"] + 0.3 * other["X"]), rtol=1e-12)


@dataclass(frozen=True, slots=True)
class HalfMissing(DataDeparture):
    """Responses are missing by the toss of a coin."""

    @property
    def label(self):
        return "missing"

    def check(self, known):
        known.check_column("y", "missing", response=True)

    def change(self, stream, rows):
        keep = stream.random(len(rows.data)) < 0.5
        return rows.data.assign(y=rows.data[rows.response].where(keep))


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_departures_of_data_go_with_any_family(family):
    whole = truth(family).simulate(DESIGN, seed=5)
    made = truth(family, departures=HalfMissing())
    data = made.simulate(DESIGN, seed=5)
    there = data["y"].notna()
    assert 0 < there.sum() < len(data)
    assert (data["y"][there] == whole["y"][there]).all()


def test_equations_keep_their_symbols():
    equations = nl.levels("""
        Level 1 (id): y  = b0 + b1*X + e
        Level 2 (g):  b0 = g00 + g01*Z + u0
                      b1 = g10 + u1
    """)
    given = {"random": {"u0": 0.5, "u1": 0.1}, "predictors": X | {"Z": nl.normal(0, 1)}}
    made = nl.Population(equations, g00=-1, g01=0.4, g10=0.3, family="binomial", **given)
    data = made.simulate(DESIGN, seed=1, components=True)
    assert list(data.columns)[5:] == ["u0", "u1", "b0", "b1", "eta", "mu"]
    assert_allclose(data["b0"], -1 + 0.4 * data["Z"] + data["u0"], rtol=1e-12)
    ordered = nl.family("ordinal", thresholds=[0])
    assert nl.Population(equations, g01=0.4, g10=0.3, family=ordered, **given).fixed.iloc[0] == 0
    with pytest.raises(PopulationError, match=r"gives the intercept 1\.0"):
        nl.Population(equations, g00=1, g01=0.4, g10=0.3, family=ordered, **given)


# --- what is refused


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"residual": 1}, PopulationError, r"residual=1: nl.family\('binomial'\) has no residual"),
        ({"residual": nl.sd(1)}, PopulationError, r"residual=nl.sd\(1\): .* Leave residual= out"),
        ({"family": "logistic"}, ArgumentError, "no such family"),
        ({"family": 3}, ArgumentTypeError, "family=3; expected a name such as 'binomial'"),
        ({"family": "gamma"}, ArgumentError, "needs shape="),
        ({"weights": "X"}, PopulationError, r"weights='X': .* nl.family\('binomial', trials='X'\)"),
        (
            {"family": "poisson", "weights": "X"},
            PopulationError,
            "An exposure belongs in the offset",
        ),
        (
            {"formula": "log(y) ~ X + (1 | g)"},
            PopulationError,
            "link 'logit' of its own. Write 'y'",
        ),
        ({"departures": nl.ar1(0.4)}, PopulationError, r"holds nl.ar1\(0.4.*changes the residuals"),
        (
            {
                "formula": "y ~ X + (1 | g) + (1 | h)",
                "random": {"g": nl.icc(0.5), "h": nl.icc(0.5)},
            },
            PopulationError,
            "together 1, which leaves nothing",
        ),
        (
            {"family": nl.family("ordinal", thresholds=[0, 1])},
            PopulationError,
            "gives the intercept -0.4, but .* Leave it out, or give 0",
        ),
    ],
    ids=str,
)
def test_what_is_refused(change, error, message):
    given = {
        "formula": "y ~ X + (1 | g)", "fixed": FIXED, "random": {"g": 1}, "predictors": X,
        "family": "binomial",
    } | change  # fmt: skip
    with pytest.raises(error, match=message):
        nl.Population(**given)


def test_an_ordinal_intercept_may_be_zero_or_absent():
    family = nl.family("ordinal", thresholds=[-1, 1])
    one = truth(family, fixed={"X": 0.3})
    assert one == truth(family, fixed={"(Intercept)": 0, "X": 0.3})
    assert one.fixed["(Intercept)"] == 0
    bare = nl.Population("y ~ 0 + X + (1 | g)", {"X": 0.3}, {"g": 0.5}, predictors=X, family=family)
    y = one.simulate(DESIGN, seed=3)["y"]
    assert (bare.simulate(DESIGN, seed=3)["y"] == y).all()
    assert sorted(y.unique()) == [1, 2, 3]
    with pytest.raises(PopulationError, match="'X' have no value"):
        truth(family, fixed={})
    with pytest.raises(PopulationError, match="'Z', which is not a coefficient"):
        truth(family, fixed={"Z": 1})


def test_a_normal_population_still_needs_its_residual():
    with pytest.raises(PopulationError, match="residual= is missing"):
        nl.Population("y ~ X + (1 | g)", FIXED, {"g": 1}, predictors=X)
