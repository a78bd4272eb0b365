"""LaTeX and HTML of equations."""

import re

import pytest

from nestling.model.equations_display import Shape, column_shape, symbol_shape
from nestling.model.latex import drawn
from nestling.model.levels import levels
from nestling.model.levels_of import levels_of

DESIGN = """
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1
"""


DESIGN_LATEX = r"""
\begin{aligned}
& \text{Level 1 (ID):}\quad & y_{ij} &= \beta_{0j} + \beta_{1j} X_{ij} + e_{ij} \\
& \text{Level 2 (Cluster):}\quad & \beta_{0j} &= \gamma_{00} + \gamma_{01} Z_{j} + u_{0j} \\
& & \beta_{1j} &= \gamma_{10} + u_{1j} \\
& \text{Composite:}\quad & y_{ij} &= \gamma_{00} + \gamma_{01} Z_{j} + \gamma_{10} X_{ij}
 + u_{0j} + u_{1j} X_{ij} + e_{ij} \\
& & \begin{pmatrix} u_{0j} \\ u_{1j} \end{pmatrix} &\sim N\left(\mathbf{0},\,
 \begin{pmatrix} \tau_{0}^{2} & \tau_{01} \\ \tau_{01} & \tau_{1}^{2} \end{pmatrix}\right) \\
& & e_{ij} &\sim N(0,\, \sigma^{2})
\end{aligned}
"""


def test_two_levels():
    assert levels(DESIGN).latex() == DESIGN_LATEX.replace("\n ", " ").strip()


THREE = levels_of(
    "y ~ t * X + (t || ID) + (1 | school)",
    type("Design", (), {"names": ("school", "ID", "time")})(),
    at={"X": "ID"},
)
CROSSED = levels_of("rt ~ cond + (cond | subject) + (1 | item)")
MODELS = {
    "two": levels(DESIGN),
    "three": THREE,
    "crossed": CROSSED,
    "one": levels("y = b0 + b1*I(X^2) + e"),
    "odd": levels("y = start + slope*age_c + tutor[my_g] + e; Coefficients: start, slope"),
    "kept": levels("yij = g00 + g10*Xij + u0j[g] + eij", subscripts="keep"),
    "many": levels_of("y ~ A + B + C + D + (1 + A + B + C + D | g)"),
    "ten": levels_of(f"y ~ {' + '.join(f'X{n}' for n in range(1, 13))} + (1 | g)"),
}


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("three", r"y_{ijk} &= \pi_{0jk} + \pi_{1jk} t_{ijk} + e_{ijk} \\"),
        ("three", r"\pi_{0jk} &= \beta_{00k} + \beta_{01k} X_{jk} + r_{0jk} \\"),
        ("three", r"\beta_{00k} &= \gamma_{000} + u_{00k} \\"),
        ("three", r"r_{0jk} &\sim N(0,\, \tau_{r0}^{2})"),
        ("three", r"r_{0jk} &\perp r_{1jk}"),
        (
            "crossed",
            r"\text{rt}_{ijk} &= \beta_{0jk} + \beta_{1jk}\,\text{cond}_{ijk} + e_{ijk} \\",
        ),
        ("crossed", r"\gamma_{00} + u_{0j} + w_{0k}"),
        ("crossed", r"\tau_{u0,u1}"),
        ("one", r"y_{i} &= \beta_{0} + \beta_{1} X_{i}^{2} + e_{i} \\"),
        ("odd", r"\text{start} + \text{slope}\,\text{age\_c}_{ij}"),
        ("odd", r"\text{Level 2 (my\_g):}"),
        ("odd", r"\tau_{\text{tutor}}^{2}"),
        ("kept", r"y_{ij} &= \beta_{0j} + \beta_{1j} X_{ij} + e_{ij} \\"),
        ("many", r"\mathbf{T}"),
        ("ten", "\\\\\n& & &\\quad + "),
        ("ten", r"\gamma_{12,0} X_{12ij}"),
    ],
)
def test_parts(model, part):
    assert part in MODELS[model].latex()


@pytest.mark.parametrize("eq", MODELS.values(), ids=MODELS)
def test_every_row_is_drawn(eq):
    """Each cell, without the alignment that only a page knows, is mathematics to matplotlib."""
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    rows = eq.latex().splitlines()[1:-1]
    for row in rows:
        flat = re.sub(r"\\begin{pmatrix}.*?\\end{pmatrix}", "M", row.removesuffix(r" \\"))
        assert flat.replace(r"\&", "").count("&") == 3
        parser.parse(f"${flat.replace('&', ' ')}$")


def test_braces_balance():
    for eq in MODELS.values():
        text = eq.latex().replace(r"\{", "").replace(r"\}", "")
        assert text.count("{") == text.count("}")
        assert text.count(r"\begin") == text.count(r"\end")


def test_notebooks():
    eq = MODELS["odd"]
    assert eq._repr_latex_().startswith(r"$\displaystyle \begin{aligned}")
    html = eq._repr_html_()
    assert html.startswith("<table>")
    assert "Level 2 (my_g)" in html
    assert "age_c<sub>ij</sub>" in html
    assert "<i>β</i><sub>0j</sub>" in MODELS["two"]._repr_html_()


def test_html_escapes_names():
    html = levels("y = b0 + b1*`a<b` + e")._repr_html_()
    assert "a&lt;b" in html
    assert "a<b" not in html


@pytest.mark.parametrize(
    ("shape", "latex"),
    [
        (symbol_shape("gamma_00", ""), r"\gamma_{00}"),
        (symbol_shape("b0j", "j"), r"\beta_{0j}"),
        (symbol_shape("g1_10", ""), r"\gamma_{1,10}"),
        (symbol_shape("b1_10", "j"), r"\beta_{1,10,j}"),
        (symbol_shape("ε", "ij"), r"\varepsilon_{ij}"),
        (symbol_shape("slope", "j"), r"\text{slope}_{j}"),
        (column_shape("X1", "ij"), "X_{1ij}"),
        (column_shape("week", "ijk"), r"\text{week}_{ijk}"),
        (column_shape("`a %`", "j"), r"\text{a \%}_{j}"),
        (column_shape("I(t^3)", "i"), "t_{i}^{3}"),
        (column_shape("poly(t, 2)", "i"), r"\text{poly(t, 2)}_{i}"),
        (Shape("x"), "x"),
    ],
)
def test_symbols(shape, latex):
    assert drawn(shape) == latex
