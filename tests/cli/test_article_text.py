import numpy as np
import pandas as pd
import pytest

from nestling.cli.article_text import comparison, covariances, introduction, matrix_text, section

KEYS = ["m0", "m1", "m2", "m3"]

# the optimum prints these where lme4 stopped just before it
OPTIMUM = {
    " Cluster  (Intercept) 5.631    2.373        ": " Cluster  (Intercept) 5.632    2.373        ",
    "(Intercept)   2.3595     0.5334   4.424": "(Intercept)   2.3595     0.5334   4.423",
}


def _stands_in(lines, whole):
    """Whether lines follow one another somewhere in the whole."""
    n = len(lines)
    return any(whole[i : i + n] == lines for i in range(len(whole) - n + 1))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("block", ["head_lines", "tail_lines", "summary_lines"])
def test_lines_are_those_of_the_article(worked, printed, key, block):
    expected = printed[key][block]
    if key == "m2":
        expected = [OPTIMUM.get(line, line) for line in expected]
    assert _stands_in(expected, list(section(worked(key), 1)))


@pytest.mark.parametrize("block", ["var_mat", "cov2cor", "var_u", "cor_u"])
def test_matrices_are_those_of_the_article(worked, printed, block):
    assert _stands_in(printed["mvrnorm"][f"{block}_lines"], list(section(worked("m3"), 4)))


def test_limits_are_exact_and_near_the_articles(worked, printed):
    table = worked("m2").limits
    expected = printed["m2"]["confint_theta"]
    assert list(table.index) == expected["rows"]
    assert list(table.columns) == expected["cols"]
    # lme4 interpolates: its error here is 1.1e-4 on this machine, 4.2e-4 in the article
    np.testing.assert_allclose(table, expected["data"], atol=2e-4)
    article = printed["article_confint"]
    np.testing.assert_allclose(table.iloc[:, 0], article["lower"], atol=5e-4)
    np.testing.assert_allclose(table.iloc[:, 1], article["upper"], atol=5e-4)


def test_limits_are_printed_as_r_prints_them(worked):
    # from root finding on the ML deviance in R, seven digits
    assert _stands_in(
        [
            "                               2.5 %    97.5 %",
            "sd_(Intercept)|Cluster     1.7388371 3.2756355",
            "cor_X.(Intercept)|Cluster -0.2846442 0.5567508",
            "sd_X|Cluster               0.7661703 1.4882685",
            "sigma                      1.6205690 1.7722665",
        ],
        list(section(worked("m2"), 3)),
    )


@pytest.mark.parametrize("key", KEYS)
def test_equations_and_comparison_stand_in_the_section(worked, key):
    each = worked(key)
    text = "\n".join(section(each, 1))
    assert f"    {each.model.equations.composite}\n" in text
    assert f"    {each.model.equations.formula}\n" in text
    assert "\n".join(comparison(each.table)) in text


def test_the_differences_are_stated(worked):
    notes = " ".join(" ".join(section(worked("m2"), 3)).split())
    assert "prints 5.631" in notes
    assert "lme4 interpolates" in notes


@pytest.mark.parametrize("key", KEYS)
def test_lines_keep_to_the_page(worked, key):
    lines = [*introduction(), *section(worked(key), 1)]
    assert max(map(len, lines)) <= 80


def test_only_correlated_effects_show_their_matrices(worked):
    text = {key: "\n".join(section(worked(key), 1)) for key in KEYS}
    assert [key for key in KEYS if "var(u)" in text[key]] == ["m3"]
    assert "cor(u)" in "\n".join(covariances(worked("m3")))


def test_a_comparison_says_what_is_inside():
    table = pd.DataFrame(
        {
            "truth": [1.0, 2.0], "estimate": [1.1, 1.0], "se": [np.nan, 0.1],
            "lower": [0.9, 0.8], "upper": [1.2, 1.2], "inside": [True, False],
        },
        index=["sigma", "X"],
    )  # fmt: skip
    assert comparison(table) == [
        "      put in came back    SE 2.5 % 97.5 % inside",
        "sigma  1.000     1.100       0.900  1.200    yes",
        "X      2.000     1.000 0.100 0.800  1.200     no",
    ]


def test_matrices_are_numbered_as_in_r():
    assert matrix_text(np.array([[0.5]])) == ["     [,1]", "[1,]  0.5"]
