"""`nestling fit`: a model to a data file, and lme4's summary of it."""

from __future__ import annotations

import sys
import textwrap
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nestling.cli.reported import reported
from nestling.errors import ArgumentError
from nestling.report.cells import WIDTH, number_matrix_lines

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit

EXAMPLES: Final = """\b
Examples:
  nestling fit study.csv "y ~ X + (1 + X | Cluster)"
  nestling fit study.parquet "y ~ X + (1 | school/pupil)" --ml --weights w
  nestling fit study.csv "y ~ X + (1 | Cluster)" --confint profile --output summary.html
  nestling simulate ... | nestling fit - "y ~ X + (1 | Cluster)"
\b
DATA is a .csv, .tsv or .parquet file, or - for CSV on the standard input.
--output writes by suffix: .txt the summary, .html and .tex its tables, .csv one row per estimate.
"""


class Intervals(StrEnum):
    """How confidence limits are found."""

    PROFILE = "profile"
    WALD = "wald"


def fit(
    *,
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help="The data file."),
    ],
    formula: Annotated[
        str,
        typer.Argument(metavar="FORMULA", help="The model, as in lme4."),
    ],
    ml: Annotated[
        bool,
        typer.Option("--ml", help="Maximum likelihood; default is REML."),
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of prior weights."),
    ] = None,
    offset: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column added with coefficient one."),
    ] = None,
    confint: Annotated[
        Intervals | None,
        typer.Option(help="Add 95 % confidence limits."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to a .txt, .html, .tex or .csv file."
        ),
    ] = None,
) -> None:
    """Fit a multilevel model and print lme4's summary."""
    with reported():
        from nestling.results.lmer import lmer

        if output is not None:
            _check_suffix(output)
        fitted = lmer(formula, _read(data), reml=not ml, weights=weights, offset=offset)
        text = _text(fitted, confint)
        typer.echo(text)
        if output is not None:
            output.write_text(_written(fitted, confint, text, output.suffix), encoding="utf-8")
            typer.echo(f"\nWrote {output}.")


def _read(data: str) -> pd.DataFrame:
    from nestling.data.files import read_file, read_stream

    if data != "-":
        return read_file(data)
    frame = read_stream(sys.stdin)
    frame.attrs["name"] = "stdin"
    return frame


def _text(fitted: LmerFit, confint: Intervals | None) -> str:
    """Return the summary, what to know about the optimum, and the limits that were asked for."""
    parts = [str(fitted.summary())]
    if fitted.n_omitted:
        rows = "row was" if fitted.n_omitted == 1 else "rows were"
        parts.append(f"({fitted.n_omitted:,} {rows} left out because a value is missing)")
    if fitted.convergence.status == "optimum on the boundary":
        parts.append(textwrap.fill(fitted.convergence.remedy, WIDTH))
    if confint is not None:
        limits = fitted.confint("beta_" if confint == "wald" else None, method=confint.value)
        lines = number_matrix_lines(
            [str(name) for name in limits.index],
            [str(name) for name in limits.columns],
            limits.to_numpy().tolist(),
        )
        parts.append("\n".join([f"Confidence limits ({confint.value}):", *lines]))
    return "\n\n".join(parts)


def _written(fitted: LmerFit, confint: Intervals | None, text: str, suffix: str) -> str:
    match suffix:
        case ".html":
            return _page(fitted)
        case ".tex":
            return fitted.to_latex() + "\n"
        case ".csv":
            return fitted.tidy(conf_int=confint is not None).to_csv(index=False)
        case _:
            return text + "\n"


def _page(fitted: LmerFit) -> str:
    """Return the summary as a page of its own."""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        f"<title>{escape(fitted.call.data_name)}</title></head>\n<body>\n"
        f"{fitted.summary()._repr_html_()}\n</body></html>\n"
    )


def _check_suffix(output: Path) -> None:
    if output.suffix not in {".txt", ".html", ".tex", ".csv"}:
        raise ArgumentError(
            f"--output {str(output)!r} ends in {output.suffix or 'no suffix'!r}; expected .txt, "
            ".html, .tex or .csv."
        )
