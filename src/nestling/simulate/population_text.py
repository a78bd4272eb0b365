"""A population as text: formula, fixed effects, random effects, predictors."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from nestling.simulate.population import Population

Table: TypeAlias = list[tuple[str, ...]]
Block: TypeAlias = tuple[str, tuple[str, ...] | None, Table, tuple[int, ...]]


def text(truth: "Population") -> str:
    """Write the blocks of a population, each an aligned table."""
    lines = [f"Population: {truth.formula.text}"]
    for heading, head, rows, numeric in _blocks(truth):
        lines += ["", f"{heading}:"]
        lines += [
            f"  {line}".rstrip() for line in aligned([head, *rows] if head else rows, numeric)
        ]
    return "\n".join(lines)


def html(truth: "Population") -> str:
    """Write the same blocks as HTML tables."""
    made = [f"<p>Population: <code>{escape(truth.formula.text)}</code></p>"]
    for heading, head, rows, numeric in _blocks(truth):
        top = "".join(f"<th>{escape(cell)}</th>" for cell in head or ())
        body = "".join(
            "<tr>"
            + "".join(
                f"<td style='text-align:{'right' if j in numeric else 'left'}'>{escape(cell)}</td>"
                for j, cell in enumerate(row)
            )
            + "</tr>"
            for row in rows
        )
        thead = f"<thead><tr>{top}</tr></thead>" if top else ""
        made.append(
            f"<table><caption>{escape(heading)}</caption>{thead}<tbody>{body}</tbody></table>"
        )
    return "".join(made)


def _blocks(truth: "Population") -> list[Block]:
    """Heading, column heads, rows, and which columns are numbers."""
    parameters = truth.parameters
    symbols = (
        {name: symbol for symbol, name in truth.stated_equations.coefficients.items()}
        if truth.stated_equations
        else {}
    )
    fixed: Table = [
        (name, f"{value:g}", symbols.get(name, ""))
        for name, value in zip(parameters.names, parameters.beta, strict=True)
    ]
    made: list[Block] = [
        ("Fixed effects", None, fixed, (1,)),
        (
            "Random effects",
            ("Groups", "Name", "Variance", "Std.Dev.", "Corr"),
            _random(truth),
            (2, 3, 4),
        ),
    ]
    if not truth.family.has_residual:
        made.append(("Family", None, [(str(truth.family), f"{truth.family.link} link")], ()))
    if truth.predictors:
        shown: Table = [(name, str(each)) for name, each in truth.predictors.items()]
        made.append(("Predictors", None, shown, ()))
    if truth.departures:
        made.append(("Departures", None, [(str(each),) for each in truth.departures], ()))
    others = [("weights", truth.weights), ("offset", truth.offset)]
    named: Table = [(what, name) for what, name in others if name]
    named += [(f"contrasts of {name}", str(given)) for name, given in truth.contrasts.items()]
    return [*made, ("Also", None, named, ())] if named else made


def _random(truth: "Population") -> Table:
    """Rows as in a summary: the correlations of an effect with those before it on its line."""
    rows: Table = []
    by_effect = {(row.grp, row.var1, row.var2): row for row in truth.parameters.varcorr_rows()}
    seen: set[str] = set()
    for (group, name, other), row in by_effect.items():
        if other is not None:
            continue
        before = (
            [
                f"{pair.sdcor:.2f}"
                for (g, _, b), pair in by_effect.items()
                if g == group and b == name
            ]
            if name is not None
            else []
        )
        rows.append(
            (
                "" if group in seen else group,
                name or "",
                f"{row.vcov:g}",
                f"{row.sdcor:.4g}",
                " ".join(before),
            )
        )
        seen.add(group)
    return rows


def aligned(rows: Sequence[Sequence[str]], numeric: tuple[int, ...]) -> list[str]:
    """Pad the cells of a table; the columns in `numeric` stand right."""
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))] if rows else []
    return [
        "  ".join(
            f"{cell:>{width}}" if j in numeric else f"{cell:<{width}}"
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
