import pytest

from nestling.errors import FormulaError, PopulationError
from nestling.model.formula import parse
from nestling.model.scales import TermNames
from nestling.simulate.describe import bernoulli, categorical, normal, uniform, values
from nestling.simulate.needs import needs_of

ONE = "(Intercept)"
X, Z, P = normal(0, 1), normal(0, 3, level="g"), uniform(1, 2)
A = categorical({"a": 0.98, "b": 0.01, "c": 0.01})


@pytest.mark.parametrize(
    ("formula", "predictors", "coefficients", "terms"),
    [
        ("y ~ 1 + (1 | g)", {}, (ONE,), [("g", (ONE,))]),
        (
            "y ~ X * A + (X | g)",
            {"X": X, "A": A},
            (ONE, "X", "Ab", "Ac", "X:Ab", "X:Ac"),
            [("g", (ONE, "X"))],
        ),
        ("y ~ 0 + A + (A | g)", {"A": A}, ("Aa", "Ab", "Ac"), [("g", (ONE, "Ab", "Ac"))]),
        ("y ~ X + (X || g)", {"X": X}, (ONE, "X"), [("g", (ONE,)), ("g", ("X",))]),
        (
            "y ~ log(P) + poly(X, 2) + (1 | a/b) + (1 | h)",
            {"X": X, "P": P},
            (ONE, "log(P)", "poly(X, 2)1", "poly(X, 2)2"),
            [("b:a", (ONE,)), ("a", (ONE,)), ("h", (ONE,))],
        ),
        # the grouping factors of a population have no sizes: the order is the formula's
        (
            "y ~ 1 + (1 | A) + (0 + X | g) + (1 | A:g)",
            {"X": X, "A": A},
            (ONE,),
            [("A", (ONE,)), ("g", ("X",)), ("A:g", (ONE,))],
        ),
        (
            "y ~ factor(t) + (1 | g)",
            {"t": values([0, 1, 2], level="time")},
            (ONE, "factor(t)1", "factor(t)2"),
            [("g", (ONE,))],
        ),
        (
            "log(y) ~ factor(b) + offset(X) + (1 | g)",
            {"b": bernoulli(0.01), "X": X},
            (ONE, "factor(b)1"),
            [("g", (ONE,))],
        ),
        # predictors the formula does not use are drawn all the same
        ("y ~ X + (1 | g)", {"X": X, "Z": Z}, (ONE, "X"), [("g", (ONE,))]),
    ],
)
def test_needs(formula, predictors, coefficients, terms):
    needs = needs_of(parse(formula), predictors)
    assert needs.coefficients == coefficients
    assert list(needs.terms) == [TermNames(*term) for term in terms]


def test_contrasts_name_the_coefficients():
    needs = needs_of(parse("y ~ A + (1 | g)"), {"A": A}, {"A": "contr.sum"})
    assert needs.coefficients == (ONE, "A1", "A2")
    ordered = categorical({"lo": 0.3, "mid": 0.3, "hi": 0.4}, ordered=True)
    needs = needs_of(parse("y ~ A + (1 | g)"), {"A": ordered})
    assert needs.coefficients == (ONE, "A.L", "A.Q")


def test_many_categories_are_all_shown():
    many = categorical([f"c{i:03d}" for i in range(150)])
    assert len(needs_of(parse("y ~ A + (1 | g)"), {"A": many}).coefficients) == 150


@pytest.mark.parametrize(
    ("formula", "predictors", "error", "message"),
    [
        ("y ~ X + (1 | g)", {}, PopulationError, r"uses 'X', which predictors= does not describe"),
        ("y ~ Xx + (1 | g)", {"X": X}, PopulationError, "Did you mean 'X'"),
        ("y ~ 1 + (W | g)", {"X": X}, PopulationError, "uses 'W'"),
        ("y ~ offset(o) + (1 | g)", {}, PopulationError, "uses 'o'"),
        (
            "y ~ . + (1 | g)",
            {"X": X},
            PopulationError,
            "has '.', which stands for the columns of data",
        ),
        (
            "y ~ X + (1 | g)",
            {"X": X, "y": X},
            PopulationError,
            "describes 'y', which is the response",
        ),
        ("sqrt(y) ~ X + (1 | g)", {"X": X}, PopulationError, "cannot be simulated"),
        ("y ~ X", {"X": X}, FormulaError, "no random effects"),
    ],
)
def test_refusals(formula, predictors, error, message):
    with pytest.raises(error, match=message):
        needs_of(parse(formula), predictors)
