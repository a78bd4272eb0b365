"""Formulas: fixed and random parts, lme4's names and text, and what is refused."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference_cases
from nestling.errors import ArgumentTypeError, FormulaError
from nestling.model.deparse_lines import deparse_lines
from nestling.model.expressions import deparse
from nestling.model.formula import parse

R = json.loads((Path(__file__).parent / "r" / "formulas.json").read_text())


@pytest.mark.parametrize(
    ("text", "shown", "bars"),
    [
        ("y~x+(1|g)", "y ~ x + (1 | g)", ["1 | g"]),
        ("y~x+(x||g)", "y ~ x + ((1 | g) + (0 + x | g))", ["1 | g", "0 + x | g"]),
        ("y~(x*z||g)", "y ~ ((1 | g) + (0 + x | g) + (0 + z | g) + (0 + x:z | g))",
         ["1 | g", "0 + x | g", "0 + z | g", "0 + x:z | g"]),
        ("y~(0+x||g)", "y ~ ((0 + x | g))", ["0 + x | g"]),
        ("y~(-1+x||g)+(1|h)", "y ~ ((0 + x | g)) + (1 | h)", ["0 + x | g", "1 | h"]),
        ("y~((x||g))", "y ~ (((1 | g) + (0 + x | g)))", ["1 | g", "0 + x | g"]),
        ("y~(1||g)", "y ~ ((1 | g))", ["1 | g"]),
        ("y~(1|a/b)", "y ~ (1 | a/b)", ["1 | b:a", "1 | a"]),
        ("y~(1|a/b/c)", "y ~ (1 | a/b/c)", ["1 | c:(b:a)", "1 | b:a", "1 | a"]),
        ("y~(x||a/b)", "y ~ ((1 | a/b) + (0 + x | a/b))",
         ["1 | b:a", "1 | a", "0 + x | b:a", "0 + x | a"]),
        ("y~(1|a/(b:c))", "y ~ (1 | a/(b:c))", ["1 | (b:c):a", "1 | a"]),
        ("y~(1|a:b:c)", "y ~ (1 | a:b:c)", ["1 | a:b:c"]),
        ("y~(1|factor(g))", "y ~ (1 | factor(g))", ["1 | factor(g)"]),
        ("y~x", "y ~ x", []),
    ],
)  # fmt: skip
def test_bars_are_found_and_written_out(text, shown, bars):
    formula = parse(text)
    assert formula.text == shown
    assert [bar.text for bar in formula.random] == bars


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("y ~ x + (1 | g) + z", "x + z"),
        ("y ~ (1 | g)", None),
        ("y ~ (1 | g) - 1", "-1"),
        ("y ~ (x + (1 | g))", "(x)"),
        ("y ~ x - z + (1 | g)", "x - z"),
        ("y ~ (a + b) * (c + d) + (1 | g)", "(a + b) * (c + d)"),
    ],
)
def test_what_is_left_without_bars_is_fixed(text, fixed):
    node = parse(text).fixed
    assert (node if node is None else deparse(node)) == fixed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y + x", "has no '~'"),
        ("y ~ x ~ z", "more than one '~'"),
        ("1 ~ x + (1 | g)", "names no column"),
        ("y ~ x + 1 | g", r"without parentheses. Write \(1 \| g\)"),
        ("y ~ x || g", r"without parentheses. Write \(x \|\| g\)"),
        ("y ~ x * (1 | g)", r"can only be added.*Put '\+'"),
        ("y ~ x - (1 | g)", "can only be added"),
        ("y ~ x : (z || g)", "can only be added"),
        ("y ~ (0 | g)", "no random effects"),
        ("y ~ (0 || g)", "no random effects"),
        ("y ~ (. | g)", "Write the columns out"),
        ("y ~ (offset(x) | g)", "cannot vary by group"),
        ("y ~ (1 | g + h)", "cannot be a grouping factor"),
        ("y ~ (1 | 2)", "cannot be a grouping factor"),
        ("y ~ (1 | (x | g))", "cannot be a grouping factor"),
        ("y ~ y + (1 | g)", "response 'y' also stands on the right"),
        ("log(y) ~ x + (y | g)", "response 'y' also stands on the right"),
        ("y ~ (1 | y)", "response 'y' also stands on the right"),
        ("y ~ 2 * x", r"number 2 cannot be a term.*write I\(2 \* x\)"),
        ("y ~ x^1.5", r"whole number from 1 to 20.*write I\(x\^1.5\)"),
        ("y ~ x^z", "whole number"),
        ("y ~ 'x'", "without quotes"),
        ("y ~ x * offset(z)", "can only be added"),
        ("y ~ x %% 2", r"write I\(x%%2\)"),
        ("y ~ c(x, z)", r"c\(\) cannot be a term"),
        (f"y ~ ({' + '.join('abcdefhijklmno')})^10", "more than 5000 terms"),
        ("y ~ " + " * ".join(f"x{i}" for i in range(40)), "more than 5000 terms"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(text, message):
    with pytest.raises(FormulaError, match=message):
        parse(text)


def test_a_formula_is_text():
    with pytest.raises(ArgumentTypeError, match="type int; give a text"):
        parse(3)


def test_formulas_are_remembered_compared_and_pickled_by_their_source():
    formula = parse("y ~ x + (1 | g)")
    assert parse("y ~ x + (1 | g)") is formula
    assert pickle.loads(pickle.dumps(formula)) == formula
    assert formula != parse("y ~ z + (1 | g)")
    assert "tree" not in repr(formula)


def test_a_sum_of_thousands_of_terms_is_read_written_and_pickled():
    text = "y ~ " + " + ".join(f"x{i}" for i in range(3000)) + " + (1 | g)"
    formula = parse(text)
    assert formula.text == text
    assert len(formula.terms.terms) == 3000
    assert "".join(deparse_lines(formula.tree)).replace(" ", "") == text.replace(" ", "")
    assert pickle.loads(pickle.dumps(formula)) == formula


@pytest.mark.parametrize("entry", R["lines"], ids=lambda entry: entry["formula"][:40])
def test_long_formulas_break_where_r_breaks_them(entry):
    assert deparse_lines(parse(entry["formula"]).tree) == entry["lines"]


@pytest.mark.parametrize("name", reference_cases.names("lmer"))
def test_text_is_that_of_lme4s_summary(name):
    case = reference_cases.case(name)
    lines = case["results"]["summary_lines_tight"]
    assert f"Formula: {parse(case['formula']).text}" in lines


def sums(parts):
    return st.lists(parts, min_size=1, max_size=3).map(" + ".join)


NAMES = st.sampled_from(["a", "b", "long_name", ".c", "`d e`"])
TERMS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([":", "*", "/", " %in% "]), inner).map("".join),
        sums(inner).map(lambda text: f"({text})"),
        sums(inner).map(lambda text: f"({text})^2"),
        NAMES.map(lambda name: f"poly({name}, degree=2)"),
        NAMES.map(lambda name: f"I(-{name}^2 + 1e5)"),
    ),
    max_leaves=5,
)
BARS = st.tuples(sums(TERMS), st.sampled_from(["|", "||"]), st.sampled_from(["g", "g/h", "g:h"]))


@settings(max_examples=80, deadline=None)
@given(sums(TERMS), BARS)
def test_a_formula_written_is_read_as_itself(fixed, bar):
    formula = parse(f"y ~ {fixed} + ({' '.join(bar)})")
    again = parse(formula.text)
    assert again.text == formula.text
    assert again.terms == formula.terms
    assert [each.text for each in again.random] == [each.text for each in formula.random]
    joined = " ".join(line.strip() for line in deparse_lines(formula.tree))
    assert joined == formula.text
