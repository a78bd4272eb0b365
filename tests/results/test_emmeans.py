"""Marginal means against emmeans, lmerTest and closed forms; adjustments by definition."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.adjustments import adjusted_p, critical_values
from nestling.results.contrast_families import family_of
from nestling.results.multivariate_t import equicoordinate
from nestling.results.studentized_range import range_quantile, range_survival

WITH = [
    (name, key)
    for name in names("lmer", "extras")
    for key in case(name)["extras"]
    if key.startswith("emmeans_")
]


@pytest.mark.parametrize(("name", "key"), WITH)
def test_means_and_pairs_of_emmeans(name, key):
    expected = case(name)["extras"][key]
    means = fitted(name).emmeans(key.removeprefix("emmeans_"), ddf="kenward-roger")
    for table, entry in ((means.table, "means"), (means.contrasts().table, "pairs")):
        wanted = pd.DataFrame(expected[entry])
        assert table.columns.tolist() == wanted.columns.tolist()
        assert table.iloc[:, 0].tolist() == wanted.iloc[:, 0].tolist()
        # the README's tolerance for extras; differences of nearly equal means by their SE
        for column in wanted.columns[1:]:
            scale = wanted["SE"].to_numpy() if column == "estimate" else 1.0
            close = np.isclose(table[column] / scale, wanted[column] / scale, rtol=1e-5, atol=1e-6)
            assert close.all(), column


# as.data.frame(lmerTest::ls_means(m, "A", ddf = ...)): estimate, SE, df, lower, upper of
# lmer(y ~ A * B + O + (1 | g) + (1 | item)) on contr.csv
LS_MEANS = {
    "kenward-roger": [
        (6.388816864, 0.3252780428, 25.69333809, 5.719809658, 7.057824071),
        (7.577677342, 0.3311684026, 27.45934501, 6.898707376, 8.256647303),
        (8.294884210, 0.3260118595, 25.96279606, 7.624710496, 8.965057924),
    ],
}
# difflsmeans(m, "A", ddf = ...): estimate, SE, df, t, p
DIFFERENCES = {
    "satterthwaite": [
        (-1.1888604773, 0.2166713621, 204.1396575, -5.486929448, 1.203715807e-07),
        (-1.9060673458, 0.2035573758, 198.4191431, -9.363784231, 1.725410079e-17),
        (-0.7172068685, 0.2189396804, 204.8419897, -3.275819473, 1.237186195e-03),
    ],
    "kenward-roger": [
        (-1.1888604773, 0.2175876327, 204.2276603, -5.463823760, 1.348164952e-07),
        (-1.9060673458, 0.2040092562, 198.5315439, -9.343043456, 1.970300595e-17),
        (-0.7172068685, 0.2197547325, 204.8926193, -3.263669731, 1.288652814e-03),
    ],
}


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_unbalanced_factors_against_lmertest(ddf):
    means = fitted("contr_default").emmeans("A", ddf=ddf)
    # lmerTest's optimum is good to 1e-8 of theta, its df to 1e-6
    if ddf in LS_MEANS:
        assert means.table.iloc[:, 1:].to_numpy() == pytest.approx(
            np.array(LS_MEANS[ddf]), rel=1e-6
        )
    pairs = means.contrasts(adjust="none").table
    assert pairs.iloc[:, 1:].to_numpy() == pytest.approx(np.array(DIFFERENCES[ddf]), rel=1e-6)


def test_cells_against_lmertest():
    """ls_means(m, "A:B", ddf = "Kenward-Roger"), first and last cell."""
    table = fitted("contr_default").emmeans("A:B", ddf="kenward-roger").table
    assert table.iloc[0].tolist()[:2] == ["ctl", "w"]
    first = (6.055053290, 0.3987756201, 54.53582466, 5.255736172, 6.854370409)
    last = (8.927120214, 0.4535309991, 83.86883596, 8.025203480, 9.829036951)
    assert table.iloc[[0, -1], 2:].to_numpy() == pytest.approx(np.array([first, last]), rel=1e-6)


def test_covariates_stand_at_their_mean_in_the_rows_used():
    """ls_means(lmer(y ~ (A + x + O)^2 - A:O + (1 | g))), and rows with missing values left out."""
    table = fitted("contr_caret").emmeans("A").table
    expected = [
        (6.246233685, 0.2333304255, 48.37204238, 5.777184621, 6.715282750),
        (7.506072405, 0.2456799771, 56.17606566, 7.013950308, 7.998194502),
        (8.355358122, 0.2360063899, 49.53073247, 7.881214036, 8.829502208),
    ]
    assert table.iloc[:, 1:].to_numpy() == pytest.approx(np.array(expected), rel=1e-6)
    table = fitted("missing_omit").emmeans("A").table
    expected = [
        (6.057787724, 0.3863395544, 25.66709548, 5.263153798, 6.852421651),
        (7.483438055, 0.3871096329, 25.69214437, 6.687258502, 8.279617609),
        (8.132457983, 0.3874394106, 25.72682853, 7.335653103, 8.929262862),
    ]
    assert table.iloc[:, 1:].to_numpy() == pytest.approx(np.array(expected), rel=1e-6)


def test_contrasts_of_the_coding_do_not_matter():
    means = [fitted(name).emmeans("A:B").table for name in ("contr_default", "contr_sum_helmert")]
    assert means[0].iloc[:, 2:].to_numpy() == pytest.approx(means[1].iloc[:, 2:].to_numpy())


def test_balanced_design_in_closed_form():
    """A split plot: means are cell averages, differences have textbook standard errors."""
    fit, data = fitted("cake_interaction"), frame("cake_interaction")
    means = fit.emmeans("recipe:temperature").table
    averages = data.groupby(["temperature", "recipe"], observed=True)["angle"].mean()
    assert means["emmean"].to_numpy() == pytest.approx(averages.to_numpy(), rel=1e-9)
    pairs = fit.emmeans("temperature", by="recipe").contrasts("consec", adjust="holm").table
    assert pairs["SE"].to_numpy() == pytest.approx(fit.sigma * np.sqrt(2 / 15), rel=1e-7)
    assert pairs["df"].to_numpy() == pytest.approx(210.0, rel=1e-6)


def test_weights_by_frequency():
    """Averages over B and O weighted by how often their combinations occur."""
    fit, data = fitted("contr_default"), frame("contr_default")
    cells = fit.emmeans(["A", "B", "O"]).table
    joint = data.value_counts(["B", "O"], normalize=True)
    weights = np.array([joint.get((r.B, r.O), 0.0) for r in cells.itertuples()])
    expected = (cells["emmean"] * weights).groupby(cells["A"]).sum()
    found = fit.emmeans("A", weights="proportional").table
    assert found["emmean"].to_numpy() == pytest.approx(expected.to_numpy())


def test_numbers_with_two_values_are_both_in_the_grid():
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(12), 10)
    x = (rng.uniform(size=120) < 0.3).astype(float)
    y = x + rng.normal(size=12)[g] + rng.normal(size=120)
    fit = nl.lmer("y ~ x + (1 | g)", {"y": y, "x": x, "g": g})
    overall = fit.emmeans("1")
    assert overall.table["emmean"][0] == pytest.approx(fit.fixef.iloc[0] + 0.5 * fit.fixef.iloc[1])
    assert "averaged over the levels of: x" in str(overall)
    assert fit.emmeans("x").contrasts().table["contrast"].tolist() == ["x0 - x1"]
    logical = nl.lmer("y ~ x + (1 | g)", {"y": y, "x": x > 0, "g": g})
    assert logical.emmeans("x").table["x"].tolist() == ["FALSE", "TRUE"]
    assert logical.emmeans("x").table["emmean"].to_numpy() == pytest.approx(
        fit.emmeans("x").table["emmean"].to_numpy()
    )


def test_numeric_predictors_at_values():
    fit = fitted("sleepstudy_slope")
    table = fit.emmeans("Days", at={"Days": [0, 4]}).table
    assert table["Days"].tolist() == ["0", "4"]
    assert table["emmean"].to_numpy() == pytest.approx(
        fit.predict({"Days": [0.0, 4.0]}, random=False)
    )
    factor = fitted("sleepstudy_factor_days").emmeans("Days")
    assert len(factor.table) == 10
    assert factor.contrasts().table["contrast"][0] == "Days0 - Days1"


def test_what_the_data_cannot_tell_is_said():
    fit = fitted("rankdef_ab")
    cells = fit.emmeans("a:b")
    assert cells.table["emmean"].isna().tolist() == [False] * 5 + [True]
    assert str(cells).count("nonEst") == 3
    marginal = fit.emmeans("a").table
    assert marginal["emmean"].isna().tolist() == [False, False, True]
    pairs = fit.emmeans("a").contrasts().table
    assert pairs["p.value"].isna().tolist() == [False, True, True]
    # of a x b with one empty cell: a by the one comparison within both levels of b
    tests = cells.joint_tests()
    assert tests["df1"].tolist() == [1, 0, 1]


def test_joint_tests_are_the_anova_of_a_full_factorial():
    """With factors alone, type III tests of lmerTest (Satterthwaite)."""
    name = "cake_interaction"
    table = fitted(name).emmeans("recipe:temperature").joint_tests()
    expected = case(name)["satterthwaite"]["anova_III"]
    rows = dict(zip(expected["rows"], np.array(expected["data"], dtype=float), strict=True))
    for _, row in table.iterrows():
        wanted = rows[row["model term"]]
        named = dict(zip(expected["cols"], wanted, strict=True))
        assert row["df1"] == named["NumDF"]
        assert row["df2"] == pytest.approx(named["DenDF"], rel=1e-5)
        assert row["F.ratio"] == pytest.approx(named["F value"], rel=1e-6)


@pytest.mark.parametrize(("k", "df"), [(3, 42.0), (10, 17.5), (4, np.inf)])
def test_studentized_range(k, df):
    at = min(df, 1e6)
    for q in (0.5, 3.3, 6.0):
        expected = stats.studentized_range.sf(q, k, at)
        assert range_survival(q, k, df) == pytest.approx(expected, abs=1e-5 if at == 1e6 else 1e-9)
    assert range_survival(range_quantile(0.05, k, df), k, df) == pytest.approx(0.05, abs=1e-9)


def test_tukey_as_r_has_it():
    """ptukey(c(2, 3.5) * sqrt(2), c(3, 6), c(12.3, 40), lower = FALSE); qtukey(.95, 4, 17.5)."""
    assert range_survival(2 * np.sqrt(2), 3, 12.3) == pytest.approx(0.1535939829675, rel=1e-9)
    assert range_survival(3.5 * np.sqrt(2), 6, 40) == pytest.approx(0.0137188460211, rel=1e-9)
    # qtukey stops when its steps are below 1e-4
    assert range_quantile(0.05, 4, 17.5) == pytest.approx(4.00812910563, rel=1e-7)


def test_dunnett_as_mvtnorm_has_it():
    """2.5403469 = qmvt(.95, df = 20, tail = "both.tails") of three comparisons with a control."""
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    assert equicoordinate(0.95, correlation, 20.0) == pytest.approx(2.54035, abs=3e-4)


@pytest.mark.parametrize(
    ("adjust", "expected"),
    [
        ("holm", [0.005, 0.08, 0.09, 0.09, 0.5]),
        ("fdr", [0.005, 0.05, 0.05, 0.05, 0.5]),
        ("bonferroni", [0.005, 0.1, 0.15, 0.2, 1.0]),
        ("sidak", [1 - (1 - p) ** 5 for p in (0.001, 0.02, 0.03, 0.04, 0.5)]),
        ("none", [0.001, 0.02, 0.03, 0.04, 0.5]),
        ("mvt", [1 - (1 - p) ** 5 for p in (0.001, 0.02, 0.03, 0.04, 0.5)]),
    ],
)
def test_adjustments(adjust, expected):
    """p.adjust() of R; independent normal tests have Sidak's probabilities together."""
    p = np.array([0.001, 0.02, 0.03, 0.04, 0.5])
    z, df = stats.norm.isf(p / 2), np.full(5, np.inf)
    found = adjusted_p(adjust, z, df, 4, np.eye(5))
    assert found == pytest.approx(expected, abs=1e-4 if adjust == "mvt" else 1e-9)
    missing = adjusted_p(adjust, np.append(z, np.nan), np.append(df, np.nan), 4, np.eye(6))
    assert missing[:5] == pytest.approx(found, abs=1e-4)
    assert np.isnan(missing[5])


@pytest.mark.parametrize("adjust", ["none", "bonferroni", "sidak", "tukey", "mvt"])
def test_limits_and_p_values_agree(adjust):
    """An interval that ends at zero has p = 1 - level."""
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    df = np.full(3, 20.0)
    half = critical_values(adjust, df, 0.9, 3, correlation)
    p = adjusted_p(adjust, half, df, 3, correlation)
    assert p == pytest.approx(0.1, abs=1e-6)


def test_families():
    labels = ["a", "b", "c", "d"]
    assert family_of("revpairwise", labels)[0][:2] == ["b - a", "c - a"]
    assert family_of("trt.vs.ctrl", labels)[0] == ["b - a", "c - a", "d - a"]
    assert family_of("consec", labels)[0] == ["b - a", "c - b", "d - c"]
    assert family_of("eff", labels)[1][0] == pytest.approx([0.75, -0.25, -0.25, -0.25])
    assert family_of("del.eff", labels)[1][0] == pytest.approx([1, -1 / 3, -1 / 3, -1 / 3])
    assert family_of("poly", labels)[1].tolist() == [
        [-3, -1, 1, 3],
        [1, -1, -1, 1],
        [-1, 3, -3, 1],
    ]
    assert family_of("pairwise", ["x-1", "y"])[0] == ["(x-1) - y"]
    own = family_of({"first": [1, 0, 0, -1]}, labels)
    assert own[0] == ["first"]
    assert family_of(np.eye(4)[:2], labels)[0] == ["contrast 1", "contrast 2"]


def test_own_contrasts_and_limits():
    fit = fitted("contr_default")
    means = fit.emmeans("A", by="B")
    found = means.contrasts({"trt": [-1, 0.5, 0.5]}, level=0.9)
    table = found.confint()
    assert table.columns.tolist() == [
        "contrast", "B", "estimate", "SE", "df", "lower.CL", "upper.CL"
    ]  # fmt: skip
    half = stats.t.ppf(0.95, table["df"]) * table["SE"]
    assert (table["upper.CL"] - table["estimate"]).to_numpy() == pytest.approx(half.to_numpy())
    normal = means.contrasts().means.fit.emmeans("A", ddf="asymptotic")
    assert normal.contrasts().table.columns[-2:].tolist() == ["z.ratio", "p.value"]
    assert normal.table.columns[-2:].tolist() == ["asymp.LCL", "asymp.UCL"]


def test_tukey_is_for_pairs():
    assert "Sidak" in str(fitted("contr_default").emmeans("A").contrasts("eff", adjust="tukey"))


def test_printed_as_emmeans():
    means = fitted("cake_interaction").emmeans("recipe", ddf="kenward-roger")
    assert str(means).splitlines() == [
        " recipe emmean   SE df lower.CL upper.CL",
        " A        33.1 1.74 42     29.6     36.6",
        " B        31.6 1.74 42     28.1     35.1",
        " C        31.6 1.74 42     28.1     35.1",
        "",
        "Results are averaged over the levels of: temperature",
        "Degrees-of-freedom method: kenward-roger",
        "Confidence level used: 0.95",
    ]
    assert "P value adjustment: tukey method for comparing a family of 3 estimates" in repr(
        means.contrasts()
    )
    assert "<table" in means._repr_html_()
    assert "<table" in means.contrasts()._repr_html_()
    groups = str(fitted("cake_interaction").emmeans("recipe", by="temperature"))
    assert "temperature = 185:" in groups


def test_offsets_and_transformed_responses():
    fit = fitted("unbal_offset")
    offset = frame("unbal_offset")[case("unbal_offset")["options"]["offset"]]
    levels = case("unbal_offset")["columns"]["f"]["levels"]
    rows = {"x": np.full(len(levels), frame("unbal_offset")["x"].mean()), "f": levels}
    expected = fit.predict(rows, random=False) + offset.mean()
    assert fit.emmeans("f").table["emmean"].to_numpy() == pytest.approx(expected)
    assert "on the log(Reaction) (not the response) scale" in str(
        fitted("sleepstudy_log").emmeans("1")
    )


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda f: f.emmeans("a"), ArgumentError, "'a' is not a predictor"),
        (lambda f: f.emmeans(3), ArgumentTypeError, "expected the name"),
        (lambda f: f.emmeans("A", at={"B": "q"}), ArgumentError, "at asks for 'B' = 'q'"),
        (lambda f: f.emmeans("A", at={"Q": 1}), ArgumentError, "at names 'Q'"),
        (lambda f: f.emmeans("A", at=3), ArgumentTypeError, "dict"),
        (lambda f: f.emmeans("A", weights="cell"), ArgumentError, "weights='cell'"),
        (lambda f: f.emmeans("A", level=95), ArgumentError, "between 0 and 1"),
        (lambda f: f.emmeans("A", ddf="kr"), ArgumentError, "ddf"),
        (lambda f: f.emmeans("A").contrasts("pair"), ArgumentError, "method='pair'"),
        (lambda f: f.emmeans("A").contrasts(adjust="tuk"), ArgumentError, "adjust='tuk'"),
        (lambda f: f.emmeans("A").contrasts({"x": [1, 2]}), ArgumentError, "expected 3 numbers"),
        (lambda f: f.emmeans("1").contrasts(), ArgumentError, "two means or more"),
    ],
)
def test_bad_arguments(ask, error, message):
    with pytest.raises(error, match=message):
        ask(fitted("contr_default"))
