"""Model matrices against R: reference cases, and formulas.json made by r/make.R."""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference_cases
from nestling.data.door import read
from nestling.model import checks
from nestling.model.formula import parse
from nestling.model.matrices import build, encode, lme4_order

R = json.loads((Path(__file__).parent / "r" / "formulas.json").read_text())

# Sums of products of numbers that agree to the last bit or two.
CLOSE = {"rtol": 1e-12, "atol": 1e-10}


@pytest.fixture(scope="module")
def contr():
    data = reference_cases.frame("contr_default")
    row = np.arange(1, len(data) + 1)
    return data.assign(
        n=row % 4 + 1,
        h=np.array(list("uvw"))[row // 7 % 3],
        x_na=np.where(row % 50 == 3, np.nan, data["x"]),
    )


@pytest.fixture
def any_groups(monkeypatch):
    """Let grouping factors have as many levels as there are rows."""
    monkeypatch.setattr(checks, "check_groups", lambda *_: None)


def dense(columns, n):
    return np.column_stack(columns) if columns else np.empty((n, 0))


def z_matrix(term):
    """Z of one term: levels one after another, the effects of each together."""
    n, k = len(term.codes), len(term.columns)
    Z = np.zeros((n, k * len(term.levels)))
    for i, column in enumerate(term.columns):
        Z[np.arange(n), term.codes * k + i] = column
    return Z


def digest(matrix):
    return matrix.sum(axis=0), (matrix * np.arange(1, len(matrix) + 1)[:, None]).sum(axis=0)


def assert_digest(matrix, expected):
    for ours, theirs in zip(digest(matrix), (expected["sum"], expected["turned"]), strict=True):
        np.testing.assert_allclose(ours, np.ravel(theirs), **CLOSE)


@pytest.mark.parametrize("model", R["models"], ids=lambda model: model["formula"])
def test_formula_gives_the_matrices_of_lme4(model, contr, any_groups):
    formula = parse(model["formula"])
    ours = build(formula, read(contr), contrasts=model["contrasts"] or None)
    assert formula.text == model["text"]
    assert len(ours.response) == model["n"]
    assert ours.names == tuple(model["names"])
    assert ours.assign == tuple(model["assign"])
    assert ours.term_labels == tuple(model["labels"])
    assert_digest(dense(ours.columns, model["n"]), model["X"])
    assert [term.group for term in ours.random] == model["groups"]
    assert [list(term.names) for term in ours.random] == model["effects"]
    for term, Z in zip(ours.random, model["Z"], strict=True):
        assert [str(level) for level in np.asarray(term.levels)] == model["levels"][term.group]
        assert_digest(z_matrix(term), Z)


@pytest.mark.parametrize("name", [*reference_cases.names("lmer"), *reference_cases.names("glmer")])
def test_reference_case_has_the_structure_of_lme4(name, any_groups):
    case = reference_cases.case(name)
    data, options, expected = reference_cases.frame(name), case["options"], case["structure"]
    text = case["formula"]
    if case["kind"] == "glmer":  # its response may be counts or a factor: only X and Z count here
        data["some_response"] = np.arange(len(data))
        text = f"some_response ~ {text.partition('~')[2]}"
    ours = build(
        parse(text),
        read(data),
        weights=options["weights"],
        offset=options["offset"],
        contrasts=options["contrasts"],
    )
    n = expected["n"]
    X = dense(ours.columns, n)
    names = expected["X_columns"]
    kept = [ours.names.index(each) for each in names]  # lme4 has dropped dependent columns
    assert ours.names == tuple(names) or name.startswith("rankdef")
    np.testing.assert_allclose(X[:6, kept], expected["X_head"]["data"], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(X[:, kept].sum(axis=0), expected["X_colsums"], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(
        (X[:, kept] ** 2).sum(axis=0), np.ravel(expected["X_colsumsq"]), rtol=1e-12, atol=1e-9
    )
    assert [term.group for term in ours.random] == expected["term_groups"]
    assert [list(term.names) for term in ours.random] == expected["term_columns"]
    columns = [column for term in ours.random for column in term.columns]
    assert sum(np.count_nonzero(column) for column in columns) == expected["Z_nnz"]
    assert sum(column.sum() for column in columns) == pytest.approx(expected["Z_sum"], rel=1e-12)
    sizes = [len(term.levels) * len(term.names) for term in ours.random]
    assert [0, *np.cumsum(sizes)] == expected["Gp"]


@pytest.mark.parametrize("model", R["predicted"], ids=lambda model: model["formula"])
def test_new_rows_keep_knots_centres_levels_and_contrasts(model, contr):
    formula = parse(f"y ~ {model['formula']} + (1 | g)")
    new = pd.DataFrame(
        {"x": [-3, 2, 5.5, 30], "n": [4, 2, 2, 1], "A": ["trt1", "trt1", "ctl", "trt2"],
         "B": ["z", "w", "w", "x"], "lgl": True, "O": ["top", "low", "low", "med"]}
    )  # fmt: skip
    rows = encode(formula, build(formula, read(contr)), read(new), frozenset())
    # R extends bs() beyond its knots from another point, which loses a few digits
    np.testing.assert_allclose(dense(rows.columns, 4), model["X"], rtol=1e-11, atol=1e-12)


def test_new_rows_of_missing_values_are_missing_and_new_groups_unknown(contr):
    formula = parse("y ~ A * x + (1 | g) + (1 | h:n)")
    new = pd.DataFrame(
        {"A": ["ctl", None, "trt2"], "x": [1.0, 2.0, np.nan], "g": ["s01", "s99", None],
         "h": ["u", "u", "v"], "n": [1, 2, 77]}
    )  # fmt: skip
    rows = encode(formula, build(formula, read(contr)), read(new), frozenset({0, 1}))
    assert np.isnan(dense(rows.columns, 3)).any(axis=1).tolist() == [False, True, True]
    codes = {term.group: term.codes.tolist() for term in rows.random}
    assert codes == {"g": [0, -1, -1], "h:n": [0, 1, -1]}


def test_new_rows_need_only_the_columns_of_what_is_asked_for(contr):
    formula = parse("y ~ x - A + offset(n) + (lgl | g)")
    rows = encode(formula, build(formula, read(contr)), read({"x": [1.0], "n": [3]}), frozenset())
    assert [float(column[0]) for column in rows.columns] == [1.0, 1.0]
    assert rows.offset.tolist() == [3.0]
    assert rows.random == ()


def test_missing_rows_are_dropped_over_all_variables_and_levels_after_that():
    data = pd.DataFrame(
        {"y": [1.0, 2.0, 3.0, np.nan, 5.0, 6.0, 4.0, 2.0], "x": [1.0, 2, 3, 4, 5, 6, 7, 8],
         "a": pd.Categorical(list("uuuwvvvv"), categories=list("zwvu")),
         "g": ["p", "p", "q", "q", "r", "r", None, "q"], "w": [1, 1, 1, 1, np.nan, 1, 1, 1]}
    )  # fmt: skip
    ours = build(parse("y ~ a + (1 | g)"), read(data), weights="w", offset=np.arange(8.0))
    assert ours.row_index.tolist() == [0, 1, 2, 5, 7]
    assert ours.n_omitted == 3
    assert ours.names == ("(Intercept)", "au")
    assert ours.weights.tolist() == [1.0] * 5
    assert ours.offset.tolist() == [0.0, 1.0, 2.0, 5.0, 7.0]
    assert ours.random[0].levels.tolist() == ["p", "q", "r"]
    assert ours.random[0].codes.tolist() == [0, 0, 1, 2, 1]


def test_plain_numbers_pass_without_a_copy():
    data = {"y": np.arange(9.0), "x": np.arange(9.0) ** 2, "g": np.arange(9) // 3}
    ours = build(parse("y ~ x + (x | g)"), read(data))
    assert ours.response is data["y"]
    assert ours.columns[1] is ours.random[0].columns[1] is data["x"]
    assert ours.columns[0].strides == ours.random[0].columns[0].strides == (0,)
    assert ours.row_index is None
    assert ours.random[0].levels.dtype.kind == "i"


def test_terms_of_one_factor_share_codes():
    data = {"y": np.arange(8.0), "x": np.arange(8.0) ** 2, "g": np.arange(8) // 2}
    first, second = build(parse("y ~ x + (x || g)"), read(data)).random
    assert first.codes is second.codes


def test_an_intercept_stays_one_number_when_pickled(contr):
    ours = build(parse("y ~ poly(x, 2) + ns(x, 3) + (1 | g:h)"), read(contr))
    again = pickle.loads(pickle.dumps(ours))
    assert again.columns[0].strides == again.random[0].columns[0].strides == (0,)
    np.testing.assert_array_equal(dense(again.columns, 240), dense(ours.columns, 240))
    assert np.asarray(again.random[0].levels).tolist() == np.asarray(ours.random[0].levels).tolist()


@pytest.mark.parametrize(
    ("sizes", "order"),
    [([5, 3, 3], [0, 1, 2]), ([3, 3, 5], [2, 1, 0]), ([3, 5, 3], [1, 2, 0]), ([4], [0])],
)
def test_terms_stand_as_in_lme4(sizes, order):
    assert lme4_order(sizes) == order


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_permuted_rows_give_permuted_matrices(random):
    n = 48
    rows = np.array(random.sample(range(n), n))
    step = np.arange(n)
    data = pd.DataFrame(
        {"y": np.sin(step), "x": np.cos(1.7 * step), "a": np.array(list("bca"))[step % 3],
         "g": step // 6, "h": step % 4}
    )  # fmt: skip
    formula = parse("y ~ a * x + poly(x, 2) + (1 + x | g) + (a | h)")
    ours, moved = (build(formula, read(each)) for each in (data, data.iloc[rows]))
    assert ours.names == moved.names
    np.testing.assert_allclose(dense(moved.columns, n), dense(ours.columns, n)[rows], atol=1e-13)
    for before, after in zip(ours.random, moved.random, strict=True):
        assert before.levels.tolist() == after.levels.tolist()
        np.testing.assert_array_equal(before.codes[rows], after.codes)
