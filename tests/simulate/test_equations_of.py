"""The equations of a population, given or found."""

import pytest

import nestling as nl

PREDICTORS = {"X": nl.normal(0, 1), "Z": nl.normal(0, 3, level="g")}
SLOPE = nl.Population(
    "y ~ X * Z + (1 + X | g)",
    {"(Intercept)": 2, "X": 4, "Z": 3, "X:Z": 1},
    {"g": nl.cov([[2, 0], [0, 1]])},
    3,
    PREDICTORS,
)


def test_predictors_stand_at_their_levels():
    eq = SLOPE.equations(nl.nested(g=5, i=4))
    assert [str(each).split("=")[0].strip() for each in str(eq).splitlines()][-1] == "b1"
    assert "b1 = g10 + g11*Z + u1" in str(eq)
    again = nl.Population(
        eq, g00=2, g01=3, g10=4, g11=1, random={"g": nl.cov([[2, 0], [0, 1]])}, residual=3,
        predictors=PREDICTORS,
    )  # fmt: skip
    assert set(again.fixed.index) == set(again.parameters.names)
    assert sorted(again.fixed.tolist()) == sorted(SLOPE.fixed.tolist())


def test_equations_that_were_given_come_back():
    eq = nl.levels("""
        Level 1 (ID): y  = b0 + e
        Level 2 (g):  b0 = g00 + u0
    """)
    truth = nl.Population(eq, g00=2, random={"u0": 1}, residual=1)
    assert truth.equations() is eq
    assert truth.stated_equations is eq


def test_three_levels_by_the_design():
    truth = nl.Population(
        "y ~ 1 + (1 | school) + (1 | pupil)", {"(Intercept)": 0}, {"school": 1, "pupil": 1}, 1
    )
    text = str(truth.equations(nl.nested(school=3, pupil=4, test=2)))
    assert text.splitlines()[0].startswith("Level 1 (test)")
    assert "Level 3 (school)" in text


def test_a_fit_has_equations_too():
    fit = nl.lmer("y ~ X + Z + (1 | g)", SLOPE.simulate(nl.nested(g=20, i=10), seed=1))
    assert "g01*Z" in str(fit.population().equations())


def test_no_design_is_refused():
    with pytest.raises(nl.errors.ArgumentTypeError, match="design is of type int"):
        SLOPE.equations(20)
