"""A formula to equations: levels from data, from a design, from what is said."""

from types import SimpleNamespace

import numpy as np
import pytest

from nestling.errors import ArgumentError, DataError, DesignError, FormulaError
from nestling.model.formula import parse
from nestling.model.levels import levels
from nestling.model.levels_of import levels_of

RNG = np.random.default_rng(2)
PUPIL_SCHOOL = np.repeat(np.arange(12), 10)
REGION = PUPIL_SCHOOL // 4
DATA = {
    "y": RNG.normal(size=120),
    "X": RNG.normal(size=120),
    "f": np.array(["a", "b", "c"])[RNG.integers(0, 3, size=120)],
    "Z": RNG.normal(size=12)[PUPIL_SCHOOL],
    "type": np.array(["public", "private"])[RNG.integers(0, 2, 12)][PUPIL_SCHOOL],
    "W": np.array([1.0, 2.0, 4.0])[REGION],
    "school": PUPIL_SCHOOL,
    "school_in_region": PUPIL_SCHOOL % 4,
    "region": np.array(["n", "s", "e"])[REGION],
    "item": np.tile(np.arange(10), 12),
    "hard": np.tile(RNG.normal(size=10), 12),
}
NESTED = SimpleNamespace(names=("region", "school", "pupil"))


def test_the_way_back_of_the_design_page():
    eq = levels_of("y ~ 1 + Z + X + (1 + X | Cluster)", at={"Z": "Cluster"}, unit="ID")
    assert str(eq) == (
        "Level 1 (ID):      y  = b0 + b1*X + e\n"
        "Level 2 (Cluster): b0 = g00 + g01*Z + u0\n"
        "                   b1 = g10 + u1"
    )
    assert eq.formula == "y ~ 1 + Z + X + (1 + X | Cluster)"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (
            "y ~ X + Z + type + (1 | school)",
            """
            Level 1:          y  = b0 + b1*X + e
            Level 2 (school): b0 = g00 + g01*Z + g02*type + u0
                              b1 = g10
            """,
        ),
        (
            "y ~ X * Z + (X | school)",
            """
            Level 1:          y  = b0 + b1*X + e
            Level 2 (school): b0 = g00 + g01*Z + u0
                              b1 = g10 + g11*Z + u1
            """,
        ),
        (
            "y ~ X + f:Z + log(Z) + (X || school) + (1 | region)",
            """
            Level 1:          y   = p0 + p1*X + p2*f + e
            Level 2 (school): p0  = b00 + b01*log(Z) + r0
                              p1  = b10 + r1
                              p2  = b21*Z
            Level 3 (region): b00 = g000 + u00
                              b01 = g010
                              b10 = g100
                              b21 = g210
            cov(r0, r1) = 0
            """,
        ),
        (
            "y ~ W * X * Z + (1 | region/school_in_region)",
            """
            Level 1:                           y   = p0 + p1*X + e
            Level 2 (school_in_region:region): p0  = b00 + b01*Z + r0
                                               p1  = b10 + b11*Z
            Level 3 (region):                  b00 = g000 + g001*W + u00
                                               b01 = g010 + g011*W
                                               b10 = g100 + g101*W
                                               b11 = g110 + g111*W
            """,
        ),
        (
            "y ~ X + Z + hard + (1 + hard | school) + (1 + X | item)",
            """
            Level 1:               y  = b0 + b1*X + e
            Level 2 (school, item): b0 = g00 + g01*Z + g02*hard + u0[school] + u0_1[school]*hard
                                         + w0[item]
                                   b1 = g10 + w1[item]
            """,
        ),
        (
            "y ~ 0 + X + I(X^2) + offset(hard) + (0 + X | school)",
            """
            Level 1:          y  = b1*X + b2*X^2 + offset(hard) + e
            Level 2 (school): b1 = g10 + u1
                              b2 = g20
            """,
        ),
        ("y ~ X", "Level 1: y = b0 + b1*X + e"),
    ],
)
def test_levels_from_data(formula, text):
    eq = levels_of(formula, DATA)
    assert eq == levels(text)
    # the same terms, whatever their order
    assert set(map(frozenset, _fixed(eq.formula))) == set(map(frozenset, _fixed(formula)))
    assert levels_of(eq.formula, DATA) == eq


def _fixed(formula):
    from nestling.model.terms import expand

    return expand(parse(formula).fixed).terms


def test_the_dot_is_every_column_but_the_response():
    data = {name: DATA[name] for name in ("y", "X", "Z", "school")}
    eq = levels_of("y ~ . - school + (1 | school)", data)
    assert eq.formula == "y ~ 1 + Z + X + (1 | school)"
    with pytest.raises(FormulaError, match="give the data as well"):
        levels_of("y ~ . + (1 | school)")


def test_missing_values_do_not_move_a_predictor():
    data = {**DATA, "Z": np.where(np.arange(120) % 7 == 0, np.nan, DATA["Z"])}
    assert levels_of("y ~ Z + (1 | school)", data).predictor_levels == {"Z": "school"}


def test_pandas_and_polars():
    import pandas as pd
    import polars as pl

    formula = "y ~ X * type + (1 | school) + (1 | region)"
    expected = levels_of(formula, DATA)
    assert levels_of(formula, pd.DataFrame(DATA)) == expected
    assert levels_of(formula, pl.DataFrame(DATA)) == expected


@pytest.mark.parametrize(
    ("design", "formula", "headings"),
    [
        (NESTED, "y ~ X + (1 | school)", ["Level 1 (pupil):", "Level 2 (school):"]),
        (
            NESTED,
            "y ~ X + (1 | region) + (1 | school)",
            ["Level 1 (pupil):", "Level 2 (school):", "Level 3 (region):"],
        ),
        (
            NESTED,
            "y ~ X + (1 | region) + (1 | region:school)",
            ["Level 1 (pupil):", "Level 2 (region:school):", "Level 3 (region):"],
        ),
        (
            SimpleNamespace(names=("subject", "item"), inside={"subject": (), "item": ()}),
            "y ~ X + (1 | subject) + (1 | item)",
            ["Level 1:", "Level 2 (subject, item):"],
        ),
        (None, "y ~ X + (1 | a) + (1 | b)", ["Level 1:", "Level 2 (a, b):"]),
        (None, "y ~ X + (1 | a:b) + (1 | b)", ["Level 1:", "Level 2 (a:b):", "Level 3 (b):"]),
        (
            None,
            "y ~ X + (1 | a/b/c)",
            ["Level 1:", "Level 2 (c:b:a):", "Level 3 (b:a):", "Level 4 (a):"],
        ),
    ],
)
def test_levels_from_a_design_or_from_names(design, formula, headings):
    eq = levels_of(formula, design)
    assert [level.heading for level in eq.levels] == headings
    assert levels_of(eq.formula, design) == eq


def test_a_design_of_nestling():
    from nestling.design.design import crossed, nested

    eq = levels_of("y ~ X + (1 | Cluster)", nested(Cluster=20, ID=50))
    assert (eq.unit, eq.predictor_levels) == ("ID", {"X": "ID"})
    design = nested(crossed(subject=5, item=6), trial=2)
    eq = levels_of("y ~ X + (X || subject) + (1 | item)", design)
    assert str(eq) == (
        "Level 1 (trial):         y  = b0 + b1*X + e\n"
        "Level 2 (subject, item): b0 = g00 + u0[subject] + w0[item]\n"
        "                         b1 = g10 + u1[subject]\n"
        "cov(u0, u1) = 0"
    )


def test_symbols_avoid_the_columns():
    eq = levels_of("y ~ b1 + g + u0 + e + (1 + b1 | c0)")
    assert levels(str(eq)) == eq
    symbols = {*eq.coefficients, *eq.random_effects, eq.residual}
    assert not symbols & {"b1", "g", "u0", "e"}
    assert eq.formula == "y ~ 1 + b1 + g + u0 + e + (1 + b1 | c0)"


def test_more_than_ten_predictors():
    names = [f"X{n}" for n in range(1, 13)]
    eq = levels_of(f"y ~ {' + '.join(names)} + (1 + X12 | g)", at={"X1": "g"})
    assert len(eq.coefficients) == 13
    assert eq.coefficients["g11_0"] == "X12"
    assert eq.random_effects["u11"] == ("g", "X12")
    assert levels(str(eq)) == eq
    assert levels(eq.grouped_composite).formula == eq.formula


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: levels_of("y ~ X + (1 | school)", {"y": [1.0], "X": [1.0]}), DataError, "school"),
        (lambda: levels_of("y ~ X + (1 | scool)", NESTED), DesignError, "Did you mean 'school'"),
        (lambda: levels_of("y ~ X + (1 | g)", at={"V": "g"}), ArgumentError, "names no predictor"),
        (lambda: levels_of("y ~ X + (1 | g)", at={"X": "h"}), ArgumentError, "no grouping factor"),
        (
            lambda: levels_of("y ~ X + (1 | school)", DATA, at={"X": "school"}),
            ArgumentError,
            "varies within the units",
        ),
        (lambda: levels_of("y ~ X + (1 | g)", unit="g"), ArgumentError, "not the unit"),
        (lambda: levels_of("y ~ X + (1 | g) + (X | g)"), FormulaError, "twice"),
        (lambda: levels_of("y ~ X + (1 | factor(g))"), FormulaError, "is no column"),
        (lambda: levels_of("y = b0 + e"), FormulaError, "nl.levels"),
        (lambda: levels_of("y ~ X + (1 | g"), FormulaError, "g"),
    ],
)
def test_errors(call, error, says):
    with pytest.raises(error, match=says):
        call()
