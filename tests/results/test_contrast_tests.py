"""Contrasts of the fixed effects: by rows, by statements, one by one and together."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.contrast_tests import contrast_tests, joint_test
from nestling.results.hypotheses import read_hypotheses

NAMES = ("(Intercept)", "A2", "A3", "X", "A2:X", "poly(X, 2)1", "I(X^2)", "temp^4", "X.L")


@pytest.mark.parametrize(
    ("text", "rows", "null"),
    [
        ("X", [{"X": 1}], [0]),
        ("X = 0", [{"X": 1}], [0]),
        ("X == 0.5", [{"X": 1}], [0.5]),
        ("A2 - A3 = 0", [{"A2": 1, "A3": -1}], [0]),
        ("A2 = A3", [{"A2": 1, "A3": -1}], [0]),
        ("2*X + A2 = 1", [{"X": 2, "A2": 1}], [1]),
        ("1 = X * 2 - (A2 + A3)/2", [{"X": -2, "A2": 0.5, "A3": 0.5}], [-1]),
        ("A2 = A3 = 0", [{"A2": 1, "A3": -1}, {"A3": 1}], [0, 0]),
        ("A2 = 0, A3 = 1e-1", [{"A2": 1}, {"A3": 1}], [0, 0.1]),
        ("poly(X, 2)1 - temp^4", [{"poly(X, 2)1": 1, "temp^4": -1}], [0]),
        ("(Intercept) + 10*X + 100*I(X^2)", [{"(Intercept)": 1, "X": 10, "I(X^2)": 100}], [0]),
        ("A2:X - X.L", [{"A2:X": 1, "X.L": -1}], [0]),
        ("`A2:X` = -.5", [{"A2:X": 1}], [-0.5]),
        ("-(-X + +A2)", [{"X": 1, "A2": -1}], [0]),
        ("X + 1 = 3", [{"X": 1}], [2]),
    ],
)
def test_statements_are_read(text, rows, null):
    read = read_hypotheses(text, NAMES)
    expected = [[row.get(name, 0.0) for name in NAMES] for row in rows]
    np.testing.assert_allclose(read.L, expected)
    np.testing.assert_allclose(read.null, null)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Y = 0", "names 'Y'"),
        ("A22", "Did you mean 'A2'"),
        ("X +", "expected the name of a coefficient"),
        ("X * A2", "do not multiply"),
        ("X / 0", "other than zero"),
        ("(X", "expected '\\)'"),
        ("X X", "an operator or the end"),
        ("X - X", "says nothing"),
        ("3 = 3", "says nothing"),
        ("", "expected the name"),
        ("(" * 200 + "X", "fewer parentheses"),
        ("__import__('os').system('true')", "__import__"),
        ({"Y": 1}, "names 'Y'"),
        ({"X": float("nan")}, "not finite"),
        ([[1.0, 2.0]], "rows of 9 weights"),
        (np.zeros((1, 9)), "Row 0 of the hypothesis says nothing"),
        (np.full((2, 9), np.nan), "not finite"),
    ],
)
def test_what_cannot_be_read_is_refused(given, message):
    with pytest.raises(ArgumentError, match=message):
        read_hypotheses(given, NAMES)


@pytest.mark.parametrize("given", [None, 3, {"X": "one"}, [["a"] * 9], []])
def test_other_types_are_refused(given):
    with pytest.raises(ArgumentTypeError):
        read_hypotheses(given, NAMES)


def test_one_row():
    """`contest1D(lmer(Machines_nested), c(0, 1, -1))` by closed form: Machine B against C."""
    fit = fitted("Machines_nested")
    found = fit.test("MachineC - MachineB = 0")
    beta, V = fit.estimates.beta, fit.estimates.vcov
    row = np.array([0.0, -1.0, 1.0])
    assert found.estimate == pytest.approx(row @ beta, rel=1e-12)
    assert found.se == pytest.approx(np.sqrt(row @ V @ row), rel=1e-12)
    assert found.df == pytest.approx(10.0, rel=1e-6)
    assert found.statistic == pytest.approx(found.estimate / found.se, rel=1e-12)
    assert found.labels == ("-MachineB + MachineC",)
    assert "Std. Error" in str(found)
    assert found.table.shape == (1, 5)


def test_ways_to_say_the_same():
    fit = fitted("Machines_nested")
    ways = [
        "MachineB = 0, MachineC = 0",
        ["MachineB", "MachineC"],
        [{"MachineB": 1}, {"MachineC": 1}],
        [[0, 1, 0], [0, 0, 1]],
        np.eye(3)[1:],
    ]
    expected = case("Machines_nested")["kenward_roger"]["joint_nonintercept"]["table"]["data"][0]
    for way in ways:
        found = fit.test(way, "kenward-roger")
        assert found.statistic == pytest.approx(expected[0], rel=1e-6)
        assert found.df == pytest.approx((2, expected[2]), rel=1e-6)
        assert "Together: F(2, 10) = 20.58" in str(found)
        assert "F(2, 10)" in found._repr_html_()


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger", "asymptotic"])
def test_rows_that_depend_on_others_do_not_count(ddf):
    fit = fitted("Machines_unbalanced")
    rows = np.eye(3)[1:]
    once = joint_test(fit, rows, ddf)
    again = joint_test(fit, np.vstack([rows, [[0, 1, -1]]]), ddf)
    assert again.df_numerator == 2
    assert again.statistic == pytest.approx(once.statistic, rel=1e-9)
    if ddf != "satterthwaite":  # whose denominator depends on how the rows are written
        assert again.df_denominator == pytest.approx(once.df_denominator, rel=1e-9)


def test_contradiction_is_refused():
    with pytest.raises(ArgumentError, match="contradict"):
        fitted("Machines_nested").test("MachineB = 0, MachineB = 1")


def test_square_of_t_is_f():
    fit = fitted("unbal_plain")
    row = np.array([[1.0, 0.5, -2.0]])
    for ddf in ("satterthwaite", "kenward-roger", "asymptotic"):
        t, F = contrast_tests(fit, row, ddf), joint_test(fit, row, ddf)
        assert F.statistic == pytest.approx(t.statistic[0] ** 2, rel=1e-9)
        assert F.p_value == pytest.approx(t.p_value[0], rel=1e-7)
        assert F.df_denominator == pytest.approx(t.df[0], rel=1e-9)
        assert F.scaling == pytest.approx(1.0)


def test_asymptotic_tests_are_normal_and_chi_squared():
    fit = fitted("sleepstudy_slope")
    found = contrast_tests(fit, [0, 1], "asymptotic")
    assert np.isinf(found.df).all()
    # 2 * pnorm(-6.771) in R
    assert found.p_value[0] == pytest.approx(1.27e-11, rel=0.01)


def test_row_of_zeros_has_no_test():
    found = contrast_tests(fitted("sleepstudy_slope"), [[0, 0]])
    assert np.isnan(found.statistic[0])
    assert np.isnan(found.p_value[0])
    joint = joint_test(fitted("sleepstudy_slope"), [[0, 0]])
    assert joint.df_numerator == 0
    assert np.isnan(joint.p_value)


@pytest.mark.parametrize("given", [[[1.0]], [[1.0, np.inf]], np.zeros((0, 2)), np.zeros((1, 1, 2))])
def test_wrong_shapes_are_refused(given):
    with pytest.raises(ArgumentError):
        contrast_tests(fitted("sleepstudy_slope"), given)


EXACT = [
    "Dyestuff_ml",
    "Machines_nested",
    "Orthodont_int",
    "Ovary_sincos",
    "Pastes_sample",
    "badscale",
    "cake_interaction",
    "cake_sum",
    "contr_SAS",
    "contr_fewlevels",
    "manylevels",
    "manylevels_slope",
    "rankdef_ab",
    "rankdef_x",
    "seed_m2_ml",
    "sleepstudy_bs",
    "sleepstudy_factor_days",
    "sleepstudy_noint",
    "sleepstudy_uncorr",
    "unbal_offset_formula",
]


@pytest.mark.parametrize("name", EXACT)
def test_summary_is_the_text_of_lmertest(name):
    """Where lme4's default search ends near enough to the optimum for every printed digit."""
    expected = case(name)["satterthwaite"]["summary_lines_default"]
    assert str(fitted(name).summary(ddf="satterthwaite")).split("\n") == expected


def test_summary_by_kenward_roger_shows_the_adjusted_errors():
    fit, expected = fitted("Machines_unbalanced"), case("Machines_unbalanced")["kenward_roger"]
    table = fit.summary("kenward-roger").coefficients
    np.testing.assert_allclose(table["Std. Error"], list(expected["se"].values()), rtol=1e-6)
    np.testing.assert_allclose(table["df"], list(expected["ddf"].values()), rtol=1e-6)
    np.testing.assert_allclose(table["t value"], list(expected["t"].values()), rtol=1e-6)
    assert "t-tests use Kenward-Roger's method" in str(fit.summary("kenward-roger"))
    assert fit.summary().df is None


def test_singular_fit_says_so():
    fit = fitted("Dyestuff2_reml")
    for ddf in ("satterthwaite", "kenward-roger"):
        assert "take it as known" in contrast_tests(fit, [[1.0]], ddf).note
        assert "take it as known" in joint_test(fit, [[1.0]], ddf).note
    assert fitted("Dyestuff_reml").test("(Intercept)").rows.note == ""
