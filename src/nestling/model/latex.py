r"""Equations, composite and distributions as one LaTeX `aligned` block."""

from itertools import groupby, pairwise

from nestling.model.composite import Composite
from nestling.model.equations_display import Shape, Shapes
from nestling.model.equations_parts import Equation, Level, Term

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ψ": "psi", "ω": "omega",
    "ϵ": "epsilon", "Γ": "Gamma", "Σ": "Sigma", "Ω": "Omega", "Λ": "Lambda", "Ψ": "Psi",
}  # fmt: skip
_ESCAPED = str.maketrans(
    {
        "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
        "^": r"\^{}", "~": r"\~{}", "\\": r"\textbackslash{}",
    }
)  # fmt: skip
_WIDEST = 4
_LONGEST = 7


def aligned(
    levels: tuple[Level, ...], equations: tuple[Equation, ...], composite: Composite
) -> str:
    """Write a model for a page.

    Parameters
    ----------
    levels, equations
        The hierarchy and its equations.
    composite : Composite
        What substitution gives.

    Returns
    -------
    str
        An `aligned` environment: equations by level, composite, distributions.
    """
    shapes = Shapes(levels, equations)
    rows = []
    for equation in equations:
        first = equation.level not in {
            done.level for done in equations[: equations.index(equation)]
        }
        heading = levels[equation.level - 1].heading if first else ""
        rows += _rows(
            heading, drawn(shapes.of_left(equation)), _drawn_terms(equation.terms, shapes)
        )
    every = (*composite.fixed, *(Term(call, "offset") for call in composite.offsets))
    residual = Term(composite.residual, "residual")
    response = drawn(shapes.of_left(equations[0]))
    if len(levels) > 1:
        whole = _drawn_terms((*every, *composite.effects, residual), shapes)
        rows += _rows("Composite:", response, whole)
    rows += _distributions(composite, shapes)
    rows.append(rf"& & {drawn(shapes.of_symbol(residual))} &\sim N(0,\, \sigma^{{2}})")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _rows(heading: str, left: str, terms: list[str]) -> list[str]:
    """Write an equation, on as many rows as a page of usual width needs."""
    head = rf"\text{{{heading.translate(_ESCAPED)}}}\quad " if heading else ""
    lines = [" + ".join(terms[at : at + _LONGEST]) for at in range(0, len(terms), _LONGEST)]
    return [f"& {head}& {left} &= {lines[0]}", *(rf"& & &\quad + {line}" for line in lines[1:])]


def _drawn_terms(terms: tuple[Term, ...], shapes: Shapes) -> list[str]:
    return [
        _product([shapes.of_symbol(term), *map(shapes.of_predictor, term.predictors)])
        for term in terms
    ]


def _product(factors: list[Shape]) -> str:
    text = drawn(factors[0])
    for before, factor in pairwise(factors):
        text += (r"\," if before.upright or factor.upright else " ") + drawn(factor)
    return text


def drawn(shape: Shape) -> str:
    r"""Write a shape in LaTeX.

    Examples
    --------
    >>> print(drawn(Shape("γ", "00")), drawn(Shape("age_c", "ij", upright=True)))
    \gamma_{00} \text{age\_c}_{ij}
    """
    if shape.upright:
        letter = rf"\text{{{shape.letter.translate(_ESCAPED)}}}"
    else:
        letter = f"\\{_GREEK[shape.letter]}" if shape.letter in _GREEK else shape.letter
    below = f"_{{{shape.below}}}" if shape.below else ""
    above = f"^{{{shape.above}}}" if shape.above else ""
    return letter + below + above


def _distributions(composite: Composite, shapes: Shapes) -> list[str]:
    several = len({effect.group for effect in composite.effects}) > 1
    rows = []
    for _, parts in groupby(composite.random, key=lambda block: block[0].group):
        parted = list(parts)
        rows += [_normal(block, shapes, several=several) for block in parted]
        if len(parted) > 1:
            names = [", ".join(drawn(shapes.of_symbol(one)) for one in block) for block in parted]
            names = [f"({name})" if "," in name else name for name in names]
            others = r" \perp ".join(names[1:])
            rows.append(rf"& & {names[0]} &\perp {others}")
    return rows


def _normal(block: tuple[Term, ...], shapes: Shapes, *, several: bool) -> str:
    """Write the distribution of effects that are correlated with each other."""
    names = [drawn(shapes.of_symbol(term)) for term in block]
    marks = _marks(block, several=several)
    if len(block) == 1:
        return rf"& & {names[0]} &\sim N(0,\, \tau_{{{marks[0]}}}^{{2}})"
    left = r" \\ ".join(names)
    spread = r"\mathbf{T}"
    if len(block) <= _WIDEST:
        spread = _matrix(marks)
    return (
        rf"& & \begin{{pmatrix}} {left} \end{{pmatrix}} "
        rf"&\sim N\left(\mathbf{{0}},\, {spread}\right)"
    )


def _matrix(marks: list[str]) -> str:
    comma = "," if any(len(mark) > 1 for mark in marks) else ""
    rows = [
        " & ".join(
            rf"\tau_{{{one}}}^{{2}}"
            if row == column
            else rf"\tau_{{{marks[min(row, column)]}{comma}{marks[max(row, column)]}}}"
            for column, one in enumerate(marks)
        )
        for row in range(len(marks))
    ]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


def _marks(block: tuple[Term, ...], *, several: bool) -> list[str]:
    """Return what stands below tau for each effect: digits, with the letter if groups need it."""
    shapes = [Shapes((), ()).of_symbol(Term(term.symbol, "fixed")) for term in block]
    digits = [shape.below for shape in shapes]
    if several or "" in digits or len(set(digits)) < len(digits):
        return [
            rf"\text{{{shape.letter.translate(_ESCAPED)}}}" if shape.upright else drawn_flat(shape)
            for shape in shapes
        ]
    return digits


def drawn_flat(shape: Shape) -> str:
    r"""Write a shape on one line: u_0 as `u0`, ε_0 as `\varepsilon 0`."""
    letter = f"\\{_GREEK[shape.letter]} " if shape.letter in _GREEK else shape.letter
    return letter + shape.below
