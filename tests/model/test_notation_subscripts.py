"""Level indices: which letters belong to a name."""

import pytest

from nestling.errors import FormulaError
from nestling.model.levels import levels

TWO = """
    Level 1 (ID):      {y} = {b0} + {b1}*{X} + {e}
    Level 2 (Cluster): {b0} = g00 + g01*{Z} + {u0}
                       {b1} = g10 + u1
"""
PLAIN = {"y": "y", "b0": "b0", "b1": "b1", "X": "X", "e": "e", "Z": "Z", "u0": "u0"}


def read(subscripts="auto", **names):
    return levels(TWO.format(**{**PLAIN, **names}), subscripts=subscripts)


@pytest.mark.parametrize(
    ("names", "formula"),
    [
        # the article: everything carries its indices, written with and without underscore
        (
            {"y": "y_ij", "b0": "b0j", "b1": "b1j", "X": "X1ij", "e": "e_ij", "Z": "Zj"},
            "y ~ 1 + Z + X1 + (1 + X1 | Cluster)",
        ),
        (
            {"y": "yij", "b0": "b0j", "b1": "b1j", "X": "Xij", "e": "eij", "Z": "Zj", "u0": "u0j"},
            "y ~ 1 + Z + X + (1 + X | Cluster)",
        ),
        (
            {"y": "yᵢⱼ", "b0": "β₀ⱼ", "X": "Xᵢⱼ", "e": "εᵢⱼ", "Z": "Zⱼ"},
            "y ~ 1 + Z + X + (1 + X | Cluster)",
        ),
        # italic letters of an equation editor
        ({"y": "𝑦ᵢⱼ", "b0": "𝛽₀ⱼ", "e": "𝜀ᵢⱼ", "u0": "𝑢₀ⱼ"}, "y ~ 1 + Z + X + (1 + X | Cluster)"),
        ({"y": "y_{ij}", "X": "X_{1ij}", "e": "e_{ij}"}, "y ~ 1 + Z + X1 + (1 + X1 | Cluster)"),
        # other index letters: time points t in persons i
        (
            {"y": "y_ti", "b0": "b0i", "X": "X_ti", "e": "e_ti", "Z": "Z_i"},
            "y ~ 1 + Z + X + (1 + X | Cluster)",
        ),
        ({"b0": "b0i", "X": "Xti", "e": "eti"}, "y ~ 1 + Z + X + (1 + X | Cluster)"),
        # nothing tells that these letters are indices: the names are columns
        ({"X": "Xij"}, "y ~ 1 + Z + Xij + (1 + Xij | Cluster)"),
        ({"y": "yij", "Z": "Zj"}, "yij ~ 1 + Zj + X + (1 + X | Cluster)"),
        ({"u0": "u0j", "X": "Xij", "Z": "Zj"}, "y ~ 1 + Z + Xij + (1 + Xij | Cluster)"),
        # words that end in an index letter stay words
        ({"X": "pupil", "Z": "taxi", "e": "e_ij"}, "y ~ 1 + taxi + pupil + (1 + pupil | Cluster)"),
        ({"Z": "raj", "e": "e_ij"}, "y ~ 1 + raj + X + (1 + X | Cluster)"),
        # the number of a predictor is part of its name
        ({"X": "X_1ij", "e": "e_ij"}, "y ~ 1 + Z + X_1 + (1 + X_1 | Cluster)"),
        ({"X": "X_1", "e": "e_ij"}, "y ~ 1 + Z + X_1 + (1 + X_1 | Cluster)"),
        ({"X": "age_at_start"}, "y ~ 1 + Z + age_at_start + (1 + age_at_start | Cluster)"),
        # a name in backticks is never changed
        ({"X": "`X_ij`", "e": "e_ij"}, "y ~ 1 + Z + X_ij + (1 + X_ij | Cluster)"),
        ({"X": "log(X_ij)", "e": "e_ij"}, "y ~ 1 + Z + log(X) + (1 + log(X) | Cluster)"),
    ],
)
def test_auto(names, formula):
    assert read(**names).formula == formula


ARTICLE = {"y": "yij", "b0": "b0j", "X": "X1ij", "e": "e_ij", "Z": "sesj", "u0": "u_{0j}"}


@pytest.mark.parametrize(
    ("subscripts", "formula", "symbols"),
    [
        ("keep", "yij ~ 1 + sesj + X1ij + (1 + X1ij | Cluster)", ("u0j", "e_ij")),
        ("auto", "y ~ 1 + sesj + X1 + (1 + X1 | Cluster)", ("u0", "e")),
        ("ignore", "y ~ 1 + ses + X1 + (1 + X1 | Cluster)", ("u0", "e")),
    ],
)
def test_the_three_ways(subscripts, formula, symbols):
    eq = read(subscripts, **ARTICLE)
    assert eq.formula == formula
    assert (next(iter(eq.random_effects)), eq.residual) == symbols


def test_three_levels():
    eq = levels("""
        Level 1:          Y_ijk  = π_0jk + π_1jk*t_ijk + e_ijk
        Level 2 (ID):     π_0jk  = β_00k + β_01k*X_jk + r_0jk
                          π_1jk  = β_10k + r_1jk
        Level 3 (School): β_00k  = γ_000 + γ_001*rank_k + u_00k
                          β_01k  = γ_010
                          β_10k  = γ_100
    """)
    assert eq.formula == "Y ~ 1 + rank + X + t + (1 + t | ID) + (1 | School)"


def test_symbols_with_and_without_indices_are_the_same():
    assert read(b0="b0").formula == read(b0="b0", u0="u0j").formula
    text = TWO.format(**{**PLAIN, "e": "e_ij"}).replace("= b0 +", "= b0j +")
    assert levels(text).formula == read().formula


def test_names_that_differ_only_in_indices_are_refused():
    with pytest.raises(FormulaError, match="'X_ij' and 'X_j' are the same name 'X'"):
        read(X="X_ij", Z="X_j", e="e_ij")
    assert read("keep", X="X_ij", Z="X_j").formula == "y ~ 1 + X_j + X_ij + (1 + X_ij | Cluster)"
