"""Terms as R's terms() expands them; the results are those of R 4.2.2."""

import pytest

from nestling.model.parser import parse_expression
from nestling.model.terms import expand

EXPANSIONS = {
    "b + a + a:b": "b a b:a",
    "a + b %in% a": "a a:b",
    "b %in% a": "b:a",
    "(a + b) %in% c": "a:c b:c",
    "(a + b) %in% (c + d)": "a:c:d b:c:d",
    "a/b/c": "a a:b a:b:c",
    "a/(b + c)": "a a:b a:c",
    "(a + b)/c": "a b a:b:c",
    "a * b - a": "b a:b",
    "(a + b + c)^2 - a:b": "a b c a:c b:c",
    "(a + b + 1)^2": "a b a:b",
    "(a + b:c)^2": "a b:c a:b:c",
    "(a + x/l)^2": "a x a:x x:l a:x:l",
    "x:x + x^2": "x",
    "a - (b + a)": "",
    "-a + b + a": "b a",
    "a - b + c:b": "a b:c",
    "x - a:b + b:a": "x a:b",
    "a * b * c - (a + b)^2": "c a:c b:c a:b:c",
    "x + offset(o) + z": "x z",
    "(x > 3) + z": "x > 3 z",
    "log(x):a + a": "a log(x):a",
}


@pytest.mark.parametrize("text", EXPANSIONS)
def test_operators_expand_as_in_r(text):
    terms = expand(parse_expression(text))
    assert " ".join(terms.label(term) for term in terms.terms) == EXPANSIONS[text]


@pytest.mark.parametrize(
    ("text", "intercept"),
    [("a", True), ("a - 1", False), ("a + 0", False), ("0 + a", False), ("-1 + a", False),
     ("a - 0", True), ("a - 1 + 1", True), ("(a - 1) * b", False), ("(0 + a) + b", False),
     ("a - (b - 1)", True), ("a - (b + 1)", False), ("a + (b - 1)", False), ("a * 0", False),
     ("1", True)],
)  # fmt: skip
def test_constants_set_the_intercept(text, intercept):
    assert expand(parse_expression(text)).intercept is intercept


def test_a_removed_variable_is_still_a_variable():
    terms = expand(parse_expression("a - b"))
    assert terms.variables == ("a", "b")
    assert [terms.label(term) for term in terms.terms] == ["a"]


def test_the_dot_is_all_columns_given():
    terms = expand(parse_expression(". - b"), ("a", "b", "c d"))
    assert [terms.label(term) for term in terms.terms] == ["a", "`c d`"]
