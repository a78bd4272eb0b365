"""Round trips: equations, formula, composite and printed text are the same model."""

import string
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestling.model.composite import in_r_order, label
from nestling.model.equations import Equations
from nestling.model.equations_parts import Equation, Level, Term
from nestling.model.formula import parse
from nestling.model.levels import levels
from nestling.model.levels_of import levels_of
from nestling.model.terms import expand

COLUMNS = ["X", "W", "Z", "age", "rank", "X_ij", "b1", "e", "u0", "taxi", "my col", "I(t^2)"]
OFTEN = st.sampled_from([True, True, True, False])
GROUPS = ["Cluster", "School", "region:district", "item"]


@st.composite
def hierarchies(draw):
    """A random set of equations: levels, predictors at each, effects here and there."""
    top = draw(st.integers(1, 4))
    groups = draw(st.permutations(GROUPS))[: top - 1]
    columns = draw(st.lists(st.sampled_from(COLUMNS), unique=True, min_size=1, max_size=5))
    columns = [f"`{name}`" if name == "my col" else name for name in columns]
    at = {name: draw(st.integers(1, top)) for name in columns}
    names = iter(f"{letter}{n}" for n in range(9, 99) for letter in "dgk")
    effects = iter(f"{letter}{n}" for n in range(9, 99) for letter in "vs")
    equations = []

    def equation(left, level):
        own = [name for name in columns if at[name] == level]
        products = draw(
            st.lists(st.sets(st.sampled_from(own), min_size=1), unique_by=frozenset, max_size=2)
            if own
            else st.just([])
        )
        if level > 1 or draw(OFTEN):
            products.insert(0, set())
        terms = []
        for product in products:
            predictors = tuple(sorted(product))
            modelled = level < top and draw(OFTEN)
            symbol = next(names)
            terms.append(Term(symbol, "modelled" if modelled else "fixed", predictors))
            if modelled:
                equation(symbol, level + 1)
        if level > 1 and draw(OFTEN):
            terms.append(Term(next(effects), "random", (), groups[level - 2]))
        if level == 1:
            terms.append(Term("r", "residual"))
        equations.append(Equation(level, left, tuple(terms)))

    equation("y", 1)
    ordered = sorted(equations, key=lambda one: one.level)
    hierarchy = tuple(
        Level(number, (groups[number - 2],) if number > 1 else ("ID",))
        for number in range(1, top + 1)
    )
    pairs = [
        (first.symbol, second.symbol)
        for first, second in combinations(
            [term for one in ordered for term in one.terms if term.kind == "random"], 2
        )
        if first.group == second.group
    ]
    uncorrelated = tuple(pairs) if draw(st.booleans()) else ()
    return Equations(hierarchy, tuple(ordered), uncorrelated), at


def terms(formula):
    """A formula as sets: nothing depends on order."""
    parsed = parse(formula)
    fixed = expand(parsed.fixed)
    return (
        parsed.response_name,
        fixed.intercept,
        frozenset(fixed.terms),
        frozenset(
            (frozenset(bar.group.split(":")), bar.effects.intercept, frozenset(bar.effects.terms))
            for bar in parsed.random
        ),
    )


class Design:
    """As much of a design as levels_of looks at: a chain of nested units, outermost first."""

    def __init__(self, eq):
        groups = [name for level in reversed(eq.levels[1:]) for name in level.names]
        self.names = (*(part for name in groups for part in name.split(":")), "ID")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(hierarchies())
def test_printed_text_is_read_back(drawn):
    eq, _ = drawn
    assert levels(str(eq)) == eq


@settings(max_examples=100, deadline=None, derandomize=True)
@given(hierarchies())
def test_the_formula_has_the_terms_and_names_of_the_equations(drawn):
    eq, _ = drawn
    parsed = parse(eq.formula)
    fixed = expand(parsed.fixed)
    named = [*(["(Intercept)"] if fixed.intercept else []), *map(fixed.label, fixed.terms)]
    assert list(eq.coefficients.values()) == named
    random = {
        (bar.group, name)
        for bar in parsed.random
        for name in [
            *(["(Intercept)"] if bar.effects.intercept else []),
            *map(bar.effects.label, bar.effects.terms),
        ]
    }
    assert set(eq.random_effects.values()) == random


@settings(max_examples=100, deadline=None, derandomize=True)
@given(hierarchies())
def test_formula_to_equations_and_back(drawn):
    eq, at = drawn
    used = {name for term in (*eq.terms.fixed, *eq.terms.effects) for name in term.predictors}
    where = {name: (eq.levels[number - 1].names[0]) for name, number in at.items() if name in used}
    groups = {group for group, _ in eq.random_effects.values()}
    where = {name: group for name, group in where.items() if group in {*groups, "ID"}}
    back = levels_of(eq.formula, Design(eq), at=where)
    assert terms(back.formula) == terms(eq.formula)
    again = levels_of(back.formula, Design(eq), at=where)
    assert again == back
    assert levels(str(back)) == back


@settings(max_examples=100, deadline=None, derandomize=True)
@given(hierarchies())
def test_composite_to_equations_and_back(drawn):
    eq, _ = drawn
    back = levels(eq.grouped_composite)
    assert terms(back.formula) == terms(eq.formula)
    assert back.coefficients.keys() == eq.coefficients.keys()
    assert back.random_effects == eq.random_effects


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.text(string.printable, max_size=60))
def test_any_text_is_equations_or_a_formula_error(text):
    from nestling.errors import FormulaError

    try:
        eq = levels(text)
    except FormulaError:
        return
    assert isinstance(eq, Equations)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            [
                "y",
                "b0",
                "b1*X",
                "g00",
                "g10",
                "u0[g]",
                "e",
                "=",
                "+",
                "*",
                "(",
                ")",
                "~",
                "N(0,t)",
                "Level",
                "2",
                "(g):",
                "X_ij",
                ";",
                "^2",
            ]
        ),
        max_size=14,
    )
)
def test_any_order_of_words_is_equations_or_a_formula_error(words):
    test_any_text_is_equations_or_a_formula_error.hypothesis.inner_test(" ".join(words))


def test_interactions_are_named_by_first_appearance():
    given_terms = [
        Term("g1", "fixed", ("Z", "X")),
        Term("g2", "fixed", ("X",)),
        Term("g0", "fixed"),
    ]
    assert [label(term.predictors) for term in in_r_order(given_terms)] == [
        "(Intercept)",
        "X",
        "X:Z",
    ]


def test_equations_are_values():
    eq = levels("y = g00 + u0[g] + e")
    assert eq == levels(str(eq))
    assert hash(eq) == hash(levels(str(eq)))
    with pytest.raises(AttributeError):
        eq.levels = ()


def test_predictors_of_crossed_factors_have_no_single_level():
    eq = levels("""
        Level 1:                 y  = b0 + b1*X + e
        Level 2 (subject, item): b0 = g00 + g01*Z + u0[subject] + w0[item]
    """)
    assert eq.predictor_levels == {"X": None, "Z": None}


def test_levels_of_columns_inside_functions():
    eq = levels("""
        Level 1 (ID): y  = b0 + b1*log(X) + b2*t^2 + e
        Level 2 (g):  b0 = g00 + g01*`my col` + u0
    """)
    assert eq.predictor_levels == {"X": "ID", "t": "ID", "my col": "g"}
