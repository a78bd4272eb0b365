"""The report of a study as one page: what was asked, what came out, how to do it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from io import StringIO
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Final

from nestling._version import __version__
from nestling.cli.study_file import StudyFile
from nestling.cli.study_run import flat
from nestling.design.design import Design
from nestling.errors import MissingDependencyError
from nestling.report.page import page, paragraphs
from nestling.report.table import Table
from nestling.simulate.population import Population
from nestling.studies.found_designs import FoundDesigns
from nestling.studies.power_curve import PowerCurve
from nestling.studies.precision_curve import PrecisionCurve
from nestling.studies.study_text import design_text

if TYPE_CHECKING:
    import pandas as pd

INTERCEPT: Final = "(Intercept)"

# Columns that make a table wider than a page.
MARGINAL: Final = re.compile(r"^mcse_|^type1_(lower|upper)$")

MANY: Final = 1e12


def study_page(study: StudyFile, truth: Population, design: Design, result: Any) -> str:
    """Return the page of a study that was run from a file."""
    parts = [
        ("", paragraphs(_head(result))),
        ("Result", paragraphs(_sentences(result)) + _table(result.table)),
        *_figure(result),
        ("Population", _wide(truth._repr_html_())),
        ("Design", _wide(design._repr_html_())),
        ("Study file", f"<pre>{escape(study.text)}</pre>"),
    ]
    return page(study.title, parts, f"nestling {__version__}")


def _head(result: Any) -> list[str]:
    """Return what stands above the table in the study's own text."""
    return str(result).split("\n\n", 1)[0].splitlines()


def _sentences(result: Any) -> Iterator[str]:
    """Yield the results in words."""
    studies = getattr(result, "studies", None)
    if isinstance(studies, Mapping):
        for model, study in studies.items():
            yield from (f"{model}: {said}" for said in _sentences(study))
    elif isinstance(result, FoundDesigns):
        if result.table["reached"].any():
            yield f"The cheapest design that reaches the target: {design_text(result.best)}."
        else:
            yield "No design within these sizes reaches the target."
    elif isinstance(result, PowerCurve | PrecisionCurve):
        yield from _smallest(result)
    elif hasattr(result, "sentence"):
        asked = [(row["effect"], row["test"]) for row in result.table.to_dict("records")]
        for effect, test in [each for each in asked if each[0] != INTERCEPT] or asked:
            yield result.sentence(effect, test)


def _smallest(curve: PowerCurve | PrecisionCurve) -> Iterator[str]:
    """Yield the sizes, or the effects, at which a curve reaches its target."""
    is_power = isinstance(curve, PowerCurve)
    if not (curve.along.rising if is_power else curve.along.kind == "size" and curve.target):
        return
    what = "power" if is_power else "intervals of width"
    for row in curve.smallest().to_dict("records"):
        yield (
            f"Smallest {curve.along.name} with {what} {row['target']:g} for {row['effect']} "
            f"({row['test']}): {_size(row)}."
        )


def _size(row: Mapping[Any, Any]) -> str:
    """Say a size, and between which it lies by the Monte-Carlo limits of the powers."""
    if isnan(row["smallest"]):
        return "not reached along the curve"
    low, high = float(row.get("from", nan)), float(row.get("to", nan))
    sure = "" if isnan(low) or isnan(high) else f" (between {low:.4g} and {high:.4g})"
    return f"{row['smallest']:.4g}{sure}"


def _table(table: pd.DataFrame) -> str:
    """Return the columns that the study's own text has, too; the rest is for --output."""
    shown = flat(table)
    names = [str(name) for name in shown if not MARGINAL.search(str(name))]
    columns = [list(map(_cell, shown[name].tolist())) for name in names]
    text = [shown[name].dtype.kind not in "iuf" for name in names]
    made = Table(
        columns=tuple(names),
        rows=tuple(zip(*columns, strict=True)),
        align=tuple("left" if left else "right" for left in text),
    )
    return _wide(made.to_html())


def _cell(value: Any) -> str:
    """Write one value: four digits, whole numbers in full, nothing for what is not known.

    Examples
    --------
    >>> [_cell(value) for value in (12220.0, 0.86449, True, float("nan"), "z")]
    ['12,220', '0.8645', 'yes', '', 'z']
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    if isnan(value):
        return ""
    return f"{value:,.0f}" if value == round(value) and abs(value) < MANY else f"{value:.4g}"


def _wide(contents: str) -> str:
    """Let what is wider than the page be scrolled by itself."""
    return f"<div class='wide'>{contents}</div>"


def _figure(result: Any) -> list[tuple[str, str]]:
    """Return the figure as SVG inside the page, if the study has one."""
    if isinstance(result, FoundDesigns) and len(result.units) == 1:
        return []
    try:
        drawn = result.plot()
        from matplotlib import rc_context
    except MissingDependencyError as error:
        return [("Figure", paragraphs([str(error)]))]
    axes = drawn[0] if isinstance(drawn, tuple | list) else drawn
    written = StringIO()
    # the same study has the same page to the letter, and its text can be searched
    with rc_context({"svg.hashsalt": "nestling", "svg.fonttype": "none"}):
        axes.get_figure(root=True).savefig(written, format="svg", metadata={"Date": None})
    svg = re.sub(r"\A.*?(?=<svg)", "", written.getvalue(), flags=re.DOTALL)
    return [("Figure", f"<figure>{svg}</figure>")]
