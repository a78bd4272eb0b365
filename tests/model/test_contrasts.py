"""Contrast matrices against R's contr.* functions."""

import numpy as np
import pandas as pd
import pytest

from nestling.errors import ArgumentError, DataError
from nestling.model.contrasts import contrast_matrix

LEVELS = ("a", "b", "c", "d")
ROOT5, ROOT20 = np.sqrt(5.0), np.sqrt(20.0)

R = {
    "contr.treatment": ([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], ("b", "c", "d")),
    "contr.SAS": ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], ("a", "b", "c")),
    "contr.sum": ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -1, -1]], ("1", "2", "3")),
    "contr.helmert": ([[-1, -1, -1], [1, -1, -1], [0, 2, -1], [0, 0, 3]], ("1", "2", "3")),
    "contr.poly": (
        [[-3 / ROOT20, 0.5, -1 / ROOT20], [-1 / ROOT20, -0.5, 3 / ROOT20],
         [1 / ROOT20, -0.5, -3 / ROOT20], [3 / ROOT20, 0.5, 1 / ROOT20]],
        (".L", ".Q", ".C"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", R)
@pytest.mark.parametrize("short", [False, True])
def test_named_contrasts_are_those_of_r(name, short):
    given = name.removeprefix("contr.") if short else name
    matrix, suffixes = contrast_matrix("A", LEVELS, ordered=False, given=given)
    np.testing.assert_allclose(matrix, R[name][0], atol=1e-15)
    assert suffixes == R[name][1]


@pytest.mark.parametrize(("ordered", "name"), [(False, "contr.treatment"), (True, "contr.poly")])
def test_defaults_are_those_of_r(ordered, name):
    np.testing.assert_allclose(contrast_matrix("A", LEVELS, ordered)[0], R[name][0], atol=1e-15)


def test_polynomials_of_many_levels_stay_orthonormal_and_named():
    matrix, suffixes = contrast_matrix("A", tuple("abcdefghij"), ordered=True)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(9), atol=1e-12)
    assert suffixes[:5] == (".L", ".Q", ".C", "^4", "^5")


@pytest.mark.parametrize(
    ("given", "suffixes"),
    [
        (np.array([[1, 0], [0, 1], [0, 0], [-1, -1]]), ("1", "2")),
        (pd.DataFrame([[1, 0], [0, 1], [0, 0], [-1, -1]], columns=["one", "two"]), ("one", "two")),
        (pd.DataFrame([[1], [0], [0], [-1]]), ("1",)),
        ([-3, -1, 1, 3], ("1",)),
    ],
)
def test_matrices_are_taken_with_their_column_names(given, suffixes):
    matrix, names = contrast_matrix("A", LEVELS, False, given)
    assert names == suffixes
    np.testing.assert_array_equal(matrix, np.asarray(given, dtype=float).reshape(4, -1))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("contr.summ", "unknown contrasts. Did you mean 'sum'"),
        (np.eye(4), r"shape \(4, 4\); the factor has 4 levels \(a, b, c, d\)"),
        (np.eye(3), r"shape \(3, 3\)"),
        (np.ones((4, 1)), "singular"),
        (3, r"shape \(\)"),
        (print, "neither a name nor a matrix"),
    ],
)
def test_other_contrasts_are_refused(given, message):
    with pytest.raises(ArgumentError, match=message):
        contrast_matrix("A", LEVELS, False, given)


def test_a_factor_of_one_level_has_no_contrasts():
    with pytest.raises(DataError, match="has only the level 'a'"):
        contrast_matrix("A", ("a",), False)
