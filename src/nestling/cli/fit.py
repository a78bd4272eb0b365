"""`nestling fit`: a model to a data file, and lme4's summary of it."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nestling.cli.reported import reported
from nestling.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

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


SUFFIXES: Final = (".txt", ".html", ".tex", ".csv")


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
        from nestling.cli.fit_report import FitReport
        from nestling.results.lmer import lmer

        if output is not None:
            _check_suffix(output)
        fitted = lmer(formula, _read(data), reml=not ml, weights=weights, offset=offset)
        report = FitReport(fitted, None if confint is None else confint.value)
        typer.echo(report.text)
        if output is not None:
            output.write_text(report.written(output.suffix), encoding="utf-8")
            typer.echo(f"\nWrote {output}.")


def _read(data: str) -> pd.DataFrame:
    from nestling.data.files import read_file, read_stream

    if data != "-":
        return read_file(data)
    frame = read_stream(sys.stdin)
    frame.attrs["name"] = "stdin"
    return frame


def _check_suffix(output: Path) -> None:
    if output.suffix not in SUFFIXES:
        raise ArgumentError(
            f"--output {str(output)!r} ends in {output.suffix or 'no suffix'!r}; expected one of "
            f"{', '.join(SUFFIXES)}."
        )
