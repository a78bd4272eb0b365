"""Equations by level as text: what is read, and what each mistake is told."""

import pytest

from nestling.errors import ArgumentError, ArgumentTypeError, FormulaError
from nestling.model.levels import levels

DESIGN = """
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1
"""
TWO = "Level 1 (ID): y = b0 + b1*X + e\nLevel 2 (Cluster): "


@pytest.mark.parametrize(
    ("text", "formula", "composite"),
    [
        (
            DESIGN,
            "y ~ 1 + Z + X + (1 + X | Cluster)",
            "y = g00 + g01*Z + g10*X + u0 + u1*X + e",
        ),
        ("Level 1: y = b0 + e\nLevel 2 (g): b0 = g00 + u0", "y ~ 1 + (1 | g)", "y = g00 + u0 + e"),
        # the article's m1: a slope that is not modelled
        (
            "Level 1: y = b0 + B1*X + e\nLevel 2 (g): b0 = g00 + g01*Z + u0",
            "y ~ 1 + Z + X + (1 | g)",
            "y = g00 + g01*Z + B1*X + u0 + e",
        ),
        # the article's m2: g01 is the slope
        (
            TWO + "b0 = g00 + u0; b1 = g01 + u1",
            "y ~ 1 + X + (1 + X | Cluster)",
            "y = g00 + g01*X + u0 + u1*X + e",
        ),
        # cross-level interactions arise by substitution
        (
            TWO + "b0 = g00 + g01*Z + u0; b1 = g10 + g11*Z + u1",
            "y ~ 1 + Z + X + Z:X + (1 + X | Cluster)",
            "y = g00 + g01*Z + g10*X + g11*Z*X + u0 + u1*X + e",
        ),
        # R names an interaction by the variable that comes first in the formula
        (
            TWO + "b0 = g00 + u0; b1 = g10 + g11*Z",
            "y ~ 1 + X + X:Z + (1 | Cluster)",
            "y = g00 + g10*X + g11*X*Z + u0 + e",
        ),
        (
            (
                "Level 1: y = b0 + b1*X + b2*W + e\n"
                "Level 2 (g): b0 = g00 + g01*Z + u0; b1 = g10 + g11*Z; b2 = g20 + g21*Z + u2"
            ),
            "y ~ 1 + Z + X + W + Z:X + Z:W + (1 + W | g)",
            "y = g00 + g01*Z + g10*X + g20*W + g11*Z*X + g21*Z*W + u0 + u2*W + e",
        ),
        # random effects in some equations only
        (TWO + "b1 = g10 + u1", "y ~ 1 + X + (0 + X | Cluster)", "y = b0 + g10*X + u1*X + e"),
        (
            "Level 1: y = b1*X + e\nLevel 2 (g): b1 = g10 + u1",
            "y ~ 0 + X + (0 + X | g)",
            "y = g10*X + u1*X + e",
        ),
        (TWO + "b0 = u0; b1 = g10", "y ~ 0 + X + (1 | Cluster)", "y = g10*X + u0 + e"),
        # a slope without a fixed part, and a fixed interaction at Level 1
        (
            "Level 1: y = b0 + b1*X + b2*X*W + e\nLevel 2 (g): b0 = g00; b1 = u1; b2 = g20 + u2",
            "y ~ 1 + X:W + (0 + X + X:W | g)",
            "y = g00 + g20*X*W + u1*X + u2*X*W + e",
        ),
        # uncorrelated random effects
        (
            TWO + "b0 = g00 + u0; b1 = g10 + u1\ncov(u0, u1) = 0",
            "y ~ 1 + X + (1 + X || Cluster)",
            "y = g00 + g10*X + u0 + u1*X + e",
        ),
        (
            (
                "Level 1: y = b0 + b1*X + b2*W + e\nLevel 2 (g): b0 = g00 + u0; b1 = g10 + u1\n"
                "b2 = g20 + u2; cov(u1, u0, u2) = 0"
            ),
            "y ~ 1 + X + W + (1 + X + W || g)",
            "y = g00 + g10*X + g20*W + u0 + u1*X + u2*W + e",
        ),
        (
            (
                "Level 1: y = b0 + b1*X + b2*W + e\nLevel 2 (g): b0 = g00 + u0; b1 = g10 + u1\n"
                "b2 = g20 + u2; cor(u0, u2) = 0; cor(u1, u2) = 0"
            ),
            "y ~ 1 + X + W + (1 + X | g) + (0 + W | g)",
            "y = g00 + g10*X + g20*W + u0 + u1*X + u2*W + e",
        ),
        # three levels, as in Raudenbush and Bryk
        (
            (
                "Level 1: y = p0 + p1*t + e\nLevel 2 (ID): p0 = b00 + b01*X + r0\n p1 = b10 + r1\n"
                "Level 3 (School): b00 = g000 + g001*W + u00\n b01 = g010 + u01\n b10 = g100"
            ),
            "y ~ 1 + W + X + t + (1 + t | ID) + (1 + X | School)",
            "y = g000 + g001*W + g010*X + g100*t + r0 + r1*t + u00 + u01*X + e",
        ),
        (
            (
                "Level 1: y = p0 + p1*t + e\nLevel 2 (ID): p0 = b00 + r0\n p1 = b10 + b11*X\n"
                "Level 3 (School): b00 = g000\n b10 = g100 + u10\n b11 = g110 + g111*W"
            ),
            "y ~ 1 + t + t:X + t:X:W + (1 | ID) + (0 + t | School)",
            "y = g000 + g100*t + g110*t*X + g111*t*X*W + r0 + u10*t + e",
        ),
        # a coefficient may skip a level; identifiers may repeat within a higher unit
        (
            (
                "Level 1: y = b0 + e\nLevel 2 (school:class): b0 = g00 + r0\nLevel 3 (school): "
                "g00 = h0 + u0"
            ),
            "y ~ 1 + (1 | school:class) + (1 | school)",
            "y = h0 + r0 + u0 + e",
        ),
        (
            (
                "Level 1: y = b0 + b1*X + e\nLevel 2 (class): b0 = c0 + r0\n"
                "Level 3 (school): c0 = g0 + u0; b1 = g1 + u1"
            ),
            "y ~ 1 + X + (1 | class) + (1 + X | school)",
            "y = g0 + g1*X + r0 + u0 + u1*X + e",
        ),
        # four levels
        (
            (
                "Level 1: y = a0 + e\nLevel 2 (A): a0 = b0 + r0\nLevel 3 (B): b0 = c0 + v0\n"
                "Level 4 (C): c0 = g0 + g1*W + u0"
            ),
            "y ~ 1 + W + (1 | A) + (1 | B) + (1 | C)",
            "y = g0 + g1*W + r0 + v0 + u0 + e",
        ),
        # crossed factors share a level
        (
            (
                "Level 1: y = b0 + b1*X + e\nLevel 2 (subject, item): "
                "b0 = g00 + g01*Z + u0[subject] + w0[item]\n b1 = g10 + u1[subject]"
            ),
            "y ~ 1 + Z + X + (1 + X | subject) + (1 | item)",
            "y = g00 + g01*Z + g10*X + u0 + u1*X + w0 + e",
        ),
        # functions, powers, offsets, several names for one product sign
        (
            (
                "Level 1: log(y) = b0 + b1·t + b2×t² + offset(log( n )) + e\n"
                "Level 2 (g): b0 = g00 + g01*scale(Z) + u0"
            ),
            "log(y) ~ 1 + scale(Z) + t + I(t^2) + offset(log(n)) + (1 | g)",
            "log(y) = g00 + g01*scale(Z) + b1*t + b2*I(t^2) + offset(log(n)) + u0 + e",
        ),
        # parentheses are multiplied out
        (
            "y = (g00 + g01*Z + u0[g]) + (g10 + u1[g])*X + e",
            "y ~ 1 + Z + X + (1 + X | g)",
            "y = g00 + g01*Z + g10*X + u0 + u1*X + e",
        ),
        ("y = b0 + b1*X + e", "y ~ 1 + X", "y = b0 + b1*X + e"),
        # names that no convention covers, said in words
        (
            (
                "y = start + slope*X + tutor + noise[g]; Coefficients: start, slope; "
                "tutor ~ N(0, sigma2)"
            ),
            "y ~ 1 + X + (1 | g)",
            "y = start + slope*X + noise + tutor",
        ),
        ("y = b0 + b1*`u1` + `b2`*b3 + e", "y ~ 1 + u1 + b2", "y = b0 + b1*`u1` + b3*`b2` + e"),
        (
            "`a b` = b0 + b1*`c d` + u0[`g h`] + e",
            "`a b` ~ 1 + `c d` + (1 | `g h`)",
            "`a b` = b0 + b1*`c d` + u0 + e",
        ),
        # lines go on after an operator, inside parentheses, and before one
        ("y = b0 +\n b1*X\n + (u0[g]\n + u1[g]*X)\n + e", "y ~ 1 + X + (1 + X | g)", None),
        ("level 1 (ID) : y = b0 + e  # the units\nL2 (g): b0 = g0 + u0", "y ~ 1 + (1 | g)", None),
        (
            (
                "Level 1:\n  y = b0 + e\n\nLevel-2 (g):\n  b0 = g00 + u0\n  u0 ~ N(0, tau00)\n"
                "  e ~ N(0, σ²)"
            ),
            "y ~ 1 + (1 | g)",
            None,
        ),
        (
            (
                r"Level 1: y_{ij} &= \beta_{0j} + \beta_{1j} X_{ij} + \varepsilon_{ij} \\"
                "\n"
                r"Level 2 (g): \beta_{0j} &= \gamma_{00} + \gamma_{01} \text{SES}_j + u_{0j} \\ "
                r"\beta_{1j} &= \gamma_{10} + u_{1j}"
            ),
            "y ~ 1 + SES + X + (1 + X | g)",
            "y = γ00 + γ01*SES + γ10*X + u0 + u1*X + ε",
        ),
    ],
)
def test_text_to_formula_and_composite(text, formula, composite):
    eq = levels(text)
    assert eq.formula == formula
    assert composite is None or eq.composite == composite
    # what is printed and the composite with groups are read back as the same model
    assert levels(str(eq)) == eq
    assert levels(eq.grouped_composite).formula == formula


def test_what_the_symbols_mean():
    eq = levels(TWO + "b0 = g00 + g01*Z + u0; b1 = g10 + g11*Z + u1")
    assert eq.coefficients == {"g00": "(Intercept)", "g01": "Z", "g10": "X", "g11": "Z:X"}
    assert eq.random_effects == {"u0": ("Cluster", "(Intercept)"), "u1": ("Cluster", "X")}
    assert (eq.response, eq.residual, eq.unit) == ("y", "e", "ID")
    assert eq.predictor_levels == {"X": "ID", "Z": "Cluster"}


@pytest.mark.parametrize("symbol", ["g01", "γ01", "gamma01", "gamma_01", "γ_01", "g_01"])
def test_a_coefficient_is_found_however_it_is_spelled(symbol):
    assert levels(DESIGN).term_of(symbol) == "Z"


def test_an_unknown_coefficient_is_told_the_known_ones():
    with pytest.raises(FormulaError, match=r"no fixed coefficient 'g0l'\. Did you mean 'g"):
        levels(DESIGN).term_of("g0l")


@pytest.mark.parametrize(
    ("text", "says", "line", "symbol"),
    [
        # between the equations
        (TWO + "bo = g00 + u0", "No equation below Level 2 has the coefficient bo", 2, "bo"),
        (TWO + "b0 = g00 + u0\nb0 = g01", "b0 has two equations", 3, "b0"),
        (TWO + "y = g00 + u0", "The response y has its equation at Level 1", 2, "y"),
        ("Level 1:\nLevel 2 (g): y = g0 + e", "No equation stands at Level 1", 2, "y"),
        (TWO.replace("+ e", "") + "b0 = g00 + u0", "y has no residual", 1, "y"),
        (TWO.replace("+ e", "+ e + r"), "e and r are both random terms of Level 1", 1, "r"),
        (TWO + "b0 = g00 + u0; b1 = g10 + u0", "random effect u0 stands twice", 2, "u0"),
        (TWO + "b0 = g00 + e", "random effect e stands twice", 2, "e"),
        (TWO + "b0 = g00 + u0; b1 = g00", "coefficient g00 stands twice", 2, "g00"),
        ("y = b0 + b1*X + b1*W + e", "coefficient b1 stands twice", 1, "b1"),
        (TWO + "b0 = g00 + g01*b1; b1 = g10", "used at Level 2: that would be a circle", 2, "b1"),
        (TWO + "b0 = g00 + b0", "that would be a circle", 2, "b0"),
        ("Level 1: y = b0 + e; z = b1", "Level 1 has one equation", 1, "z"),
        ("y = b0 + e; x = b1 + r", "Several equations need headings", 1, "x"),
        ("y = b0 + b1*y + e", "y stands on the right-hand side", 1, "y"),
        ("y = b0 + b1*e + e", "e is the residual elsewhere", 1, "e"),
        (TWO + "b1 = g10 + g11*X", "Substitution multiplies X by itself", 2, "g11"),
        ("y = b0 + b1*X + b2*X + e", "b1 and b2 both belong to the term X", 1, "b2"),
        ("y = b0 + u0[g] + u1[g] + e", "both belong to the term (Intercept) of g", 1, "u1"),
        # headings
        ("Level 1: y = b0 + e\nLevel 3 (g): b0 = g0", "no Level 2", 2, "Level 3 (g):"),
        ("y = b0 + e\nLevel 2 (g): b0 = g0", "before the first heading", 1, "y"),
        ("Level 1: y = b0 + e\nLevel 2: b0 = g0 + u0", "Level 2 has no name", 2, "u0"),
        ("Level 1 (g): y = b0 + e\nLevel 2 (g): b0 = g0", "names both", 2, "Level 2 (g):"),
        ("Level 1 y = b0 + e", "heading ends with ':'", 1, "Level 1"),
        (
            "Level 1: y = b0 + e\nLevel 2 (): b0 = g0",
            "parentheses after the level are empty",
            2,
            "Level 2 ():",
        ),
        (
            "Level 1: y = b0 + e\nLevel 2 (a/b): b0 = g0",
            "'a/b' is not a grouping factor",
            2,
            "Level 2 (a/b):",
        ),
        (
            "Level 1: y = b0 + e\nLevel 2 (a): b0 = g0\nLevel 2 (b): b0 = h0",
            "headed twice",
            3,
            "Level 2 (b):",
        ),
        ("Level 0: y = b0 + e", "numbered 1, 2, 3", 1, "Level 0:"),
        ("Level 1: y = b0 + e\nLevel 2 (a, b): b0 = g0 + u0", "say whose effect", 2, "u0"),
        (
            "Level 1: y = b0 + e\nLevel 2 (ab): b0 = g0 + u0[a]",
            "'a' is not a grouping factor",
            2,
            "u0",
        ),
        (
            "Level 1: y = b0 + e\nLevel 2 (a): b0 = g0\nLevel 3 (b): g0 = h0 + u0[a]",
            "a is of Level 2",
            3,
            "u0",
        ),
        # symbols
        ("y = b0 + X + e", "'X' stands alone", 1, "X"),
        ("y = b0 + slope*X + e", "Which symbol is the coefficient: 'slope' or 'X'", 1, "slope"),
        ("y = b0 + log(X) + e", "log(X) has no coefficient", 1, "log"),
        ("y = b0 + X*log(Z) + e", "has no coefficient: 'X'", 1, "X"),
        (TWO + "b0 = g00*g01 + u0", "g00 and g01 are both read as coefficients", 2, "g01"),
        (TWO + "b0 = g00 + g01*u0", "g01 and u0 are both read as coefficients", 2, "u0"),
        (TWO.replace("b1*X", "b0*b1") + "b0 = g0; b1 = g1", "b0 and b1 are both", 1, "b1"),
        (TWO.replace("b1*X", "b1*g10*X") + "b1 = g1", "b1 and g10 are both", 1, "g10"),
        (TWO.replace("b1*X", "u1*X"), "u1 has no grouping factor at Level 1", 1, "u1"),
        ("y = b0 + b1*offset(o) + e", "An offset has no coefficient", 1, "offset"),
        # the grammar
        ("y = b0 + b1*X - e", "minus sign", 1, "-"),
        ("y = 2 + b1*X + e", "The number 2 stands where a symbol", 1, "2"),
        ("y = b0 + b1*X/2 + e", "Division has no place", 1, "/"),
        ("y = b0 + b1 X + e", "'X' follows without an operator", 1, "X"),
        ("y = b0 + + e", "Unexpected '+'", 1, "+ e"),
        ("y = b0 + (b1 + e", "never closed", 1, "("),
        ("y = b0) + e", "never opened", 1, ")"),
        ("y = b0 +", "The line ends after '+'", 1, "+"),
        ("y = b0 = e", "one '='", 1, "= e"),
        ("y + x = b0 + e", "Expected '=' after 'y'", 1, "+ x"),
        ("(y) = b0 + e", "begins with the name of the response", 1, "("),
        ("y = b0 + b1*X^0.5 + e", "A power is a whole number", 1, "0.5"),
        ("y = b0 + b1*log(a b) + e", "'b' follows without an operator", 1, "b)"),
        ("y = b0 + b1*log() + e", "log() needs a predictor", 1, "log"),
        ("y = b0 + b1*logg(X) + e", "'logg' is not a function of the notation", 1, "logg"),
        ("y = b0 + b1*log(f(X)) + e", "'f' is not a function of the notation", 1, "f(X"),
        ("y ~ 1 + X + (1 | g)", "nl.levels_of() turns a formula", 1, "~"),
        # lines about symbols
        ("y = b0 + u0[g] + e; cov(u0, u1) = 0", "u1 is no random effect", 1, "u1"),
        ("y = b0 + u0[g] + e; cov(u0, u0) = 0", "u0 is named twice", 1, "u0) = 0"),
        ("y = b0 + u0[g] + e; cov(u0) = 0", "two or more", 1, "cov"),
        ("y = b0 + u0[g] + e; cov(u0, e) = 0.3", "Only cov(u0, u1) = 0", 1, "= 0.3"),
        ("y = b0 + u0[g] + e; u0 ~ N(1, t)", "mean 0", 1, "N(1"),
        ("y = b0 + u0[g] + e; u0 ~ N(0, 5)", "The spread is a symbol here", 1, "5"),
        ("y = b0 + u0[g] + e; Coefficients: c", "c is no coefficient", 1, "c"),
        (
            "y = b0 + u0[g] + u1[g]*X + u2[g]*W + e; cov(u0, u1) = 0",
            "A formula cannot make u0 and u1 uncorrelated",
            1,
            "u1) = 0",
        ),
    ],
)
def test_a_mistake_is_shown_where_it_is(text, says, line, symbol):
    with pytest.raises(FormulaError) as error:
        levels(text)
    message, shown, caret = str(error.value).rsplit("\n", 2)
    assert says in message
    assert shown.startswith(f"  line {line}: ")
    assert shown[caret.index("^") :].startswith(symbol)


@pytest.mark.parametrize("text", ["", "   \n\n", "# only a comment"])
def test_empty_text(text):
    with pytest.raises(FormulaError, match=r"no equations\. Write for example"):
        levels(text)


def test_headings_without_equations():
    with pytest.raises(FormulaError, match="no equation"):
        levels("Level 1 (ID):\nLevel 2 (g):\n e ~ N(0, s)")


@pytest.mark.parametrize(
    "text",
    [
        "y = b0 + __import__('os').system('true') + e",
        "y = b0 + os.system(X) + e",
        "y = b0 + b1*eval(X) + e",
        "y = b0 + b1*log(__class__) + e",
        "y = b0 + b1*I(open(X)) + e",
        "y = b0 + lambda: e",
        "y = b0 + [x for x in e]",
        "y = b0 + b1*I(X[0]) + e",
        "y = b0 + b1*I(X.__class__) + e",
        "y = {b0} + e",
        "y = b0 + b1*log(X); import os",
        "y = b0 + b1*`X` + e\nexec('1')",
    ],
)
def test_code_is_not_an_equation(text):
    with pytest.raises(FormulaError):
        levels(text)


@pytest.mark.parametrize(
    "text",
    [
        "y = " + "(" * 10_000 + "b0" + ")" * 10_000 + " + e",
        "y = " + "*".join(["(a1 + b1 + c1)"] * 30) + " + e",
        "y = " + " + ".join(f"b{n}*X{n}" for n in range(5000)) + " + e",
    ],
)
def test_text_that_would_grow_is_stopped(text):
    with pytest.raises(FormulaError, match="More than"):
        levels(text)


def test_arguments():
    with pytest.raises(ArgumentTypeError, match="takes the equations as text; got int"):
        levels(5)
    with pytest.raises(ArgumentError, match="'auto', 'keep' or 'ignore'"):
        levels(DESIGN, subscripts="drop")
