"""Equations as an HTML table, for notebooks: no script or font is needed to read it."""

from html import escape

from nestling.model.composite import Composite
from nestling.model.equations_display import Shape, Shapes
from nestling.model.equations_parts import Equation, Level, Term


def html_table(
    levels: tuple[Level, ...], equations: tuple[Equation, ...], composite: Composite
) -> str:
    """Write equations by level and the composite, one row each."""
    shapes = Shapes(levels, equations)
    rows = []
    last = 0
    for equation in equations:
        level = levels[equation.level - 1]
        heading = level.heading.rstrip(":") if level.number != last else ""
        last = level.number
        rows.append(_row(heading, _drawn(shapes.of_left(equation)), _sum(equation.terms, shapes)))
    if len(levels) > 1:
        offsets = tuple(Term(call, "offset") for call in composite.offsets)
        residual = Term(composite.residual, "residual")
        whole = _sum((*composite.fixed, *offsets, *composite.effects, residual), shapes)
        rows.append(_row("Composite", _drawn(shapes.of_left(equations[0])), whole))
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _row(heading: str, left: str, right: str) -> str:
    return (
        f"<tr><th style='text-align:left'>{escape(heading)}</th>"
        f"<td style='text-align:right'>{left}</td>"
        f"<td style='text-align:left'>= {right}</td></tr>"
    )


def _sum(terms: tuple[Term, ...], shapes: Shapes) -> str:
    return " + ".join(
        " ".join(
            [
                _drawn(shapes.of_symbol(term)),
                *(_drawn(shapes.of_predictor(name)) for name in term.predictors),
            ]
        )
        for term in terms
    )


def _drawn(shape: Shape) -> str:
    letter = escape(shape.letter) if shape.upright else f"<i>{escape(shape.letter)}</i>"
    below = f"<sub>{escape(shape.below)}</sub>" if shape.below else ""
    above = f"<sup>{escape(shape.above)}</sup>" if shape.above else ""
    return letter + below + above
