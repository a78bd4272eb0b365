"""Characters to tokens: plain text, Greek, Unicode subscripts, LaTeX."""

import pytest

from nestling.errors import FormulaError
from nestling.model.notation import Place, problem, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b0 = g00 + g01*Z", ["b0", "=", "g00", "+", "g01", "*", "Z"]),
        ("b1 × X · Z", ["b1", "*", "X", "*", "Z"]),
        (r"b1 \times X \cdot Z", ["b1", "*", "X", "*", "Z"]),
        ("u0 ∼ N(0, τ²)", ["u0", "~", "N", "(", "0", ",", "τ", "^", "2", ")"]),
        (r"y &= \left( b \right)", ["y", "=", "(", "b", ")"]),
        ("Sepal.Length", ["Sepal.Length"]),
        ("`age at start`", ["age at start"]),
        ("t² + t^2", ["t", "^", "2", "+", "t", "^", "2"]),
        ("Größe + 年齢", ["Größe", "+", "年齢"]),
        (r"\text{SES\_c}", ["SES_c"]),
    ],
)
def test_text_of_tokens(text, expected):
    assert [token.text for token in tokens(text, 1)] == expected


@pytest.mark.parametrize(
    ("text", "name", "subscript"),
    [
        ("γ₀₀", "γ", "00"),
        ("β₀ⱼ", "β", "0j"),
        ("Xᵢⱼ", "X", "ij"),
        ("X₁ᵢⱼ", "X", "1ij"),
        ("b_{0j}", "b", "0j"),
        ("X_{1 ij}", "X", "1ij"),
        (r"\gamma_{00}", "γ", "00"),
        (r"\beta_0", "β", "0"),
        (r"\varepsilon_{ij}", "ε", "ij"),
        ("b_0j", "b_0j", ""),
        ("X1ij", "X1ij", ""),
    ],
)
def test_what_is_below_the_line(text, name, subscript):
    (token,) = tokens(text, 1)
    assert (token.text, token.subscript) == (name, subscript)


@pytest.mark.parametrize("character", [*list("!?%@'\"<>\\{}_"), "\u200b", "🙂"])
def test_other_characters_are_refused_where_they_stand(character):
    with pytest.raises(FormulaError, match="not part of an equation") as error:
        tokens(f"y = b0 {character} e", 3)
    assert "line 3: y = b0" in str(error.value)
    assert str(error.value).splitlines()[-1].index("^") == len("  line 3: y = b0 ")


def test_an_unknown_latex_command_is_refused():
    with pytest.raises(FormulaError, match=r"LaTeX command '\\frac'"):
        tokens(r"y = \frac{a}{b}", 1)


def test_the_caret_stands_below_the_symbol():
    message = str(problem("No.", Place(2, 9, 11, "    b0 = g0 + u0")))
    assert message == "No.\n  line 2: b0 = g0 + u0\n               ^^"
