"""The `nestling` command and its subcommands."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from nestling._version import __version__
from nestling.cli import article, curve, example, fit, power, recovery, search, simulate

EXAMPLES: Final = """\b
Examples:
  nestling article
  nestling example > study.toml
  nestling simulate study.toml -o data.csv
  nestling fit data.csv "y ~ 1 + Z + X + (1 | school)"
  nestling power study.toml --html power.html
\b
  nestling simulate --formula "y ~ X + (1 | g)" --fixed "(Intercept)=2" --fixed X=4 \\
      --random g=5 --residual 3 --predictor "X=normal(0, 1)" --design "g=20, id=50" \\
      --seed 1 --output study.csv
  nestling fit study.csv "y ~ X + (1 | g)"
"""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nestling {__version__}")
        raise typer.Exit


@app.callback(epilog=EXAMPLES)
def nestling(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Multilevel models: write, simulate, fit as lme4 does, compare, and plan studies."""


app.command(epilog=article.EXAMPLES)(article.article)
app.command(epilog=simulate.EXAMPLES)(simulate.simulate)
app.command(epilog=fit.EXAMPLES)(fit.fit)
app.command(epilog=example.EXAMPLES)(example.example)
app.command(epilog=power.EXAMPLES)(power.power)
app.command(epilog=recovery.EXAMPLES)(recovery.recovery)
app.command(epilog=curve.EXAMPLES)(curve.curve)
app.command(epilog=search.EXAMPLES)(search.search)
