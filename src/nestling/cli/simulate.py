"""`nestling simulate`: one study from true values, in a file or in options."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from nestling.cli.reported import reported

EXAMPLES: Final = """\b
Examples:
  nestling example > study.toml
  nestling simulate study.toml --seed 707 -o study.csv
  nestling simulate study.toml --fixed Z=0 --random "Cluster=icc(0.2)"
\b
  nestling simulate --formula "y ~ 1 + Z + X + (1 | Cluster)" \\
      --fixed "(Intercept)=2" --fixed Z=3 --fixed X=4 --random Cluster=5 --residual 3 \\
      --predictor "Z=normal(0, 3)@Cluster" --predictor "X=normal(0, 1)" \\
      --design "Cluster=20, ID=50" --seed 707 --output study.csv
\b
  nestling simulate --equations model.txt --fixed g00=2 --fixed g10=5 \\
      --random "Cluster=cov([[5, 1], [1, 3]])" --residual "sd(1.7)" \\
      --predictor "X=normal(0, 1)" --design "Cluster=20, ID=50" --components
\b
  nestling simulate --formula "y ~ 1 + (1 | subject) + (1 | item)" --fixed "(Intercept)=0" \\
      --random subject=1 --random "item=icc(0.1)" --residual 2 \\
      --design "crossed(subject=30, item=20)" --rng R --seed 1
\b
Options override what the file says. Spreads are variances; sd(2), icc(0.2),
cov([[5, 1], [1, 3]]) and corr([2, 1], 0.3) say otherwise. Predictors are normal(mean, sd),
uniform(low, high), bernoulli(p), categorical({"a": 0.4, "b": 0.6}), ...; @Cluster draws one value
per cluster. docs/files.md has them all.
"""


class Generator(StrEnum):
    """Whose random numbers."""

    NUMPY = "numpy"
    R = "R"


def simulate(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY", help="A study file, or all in options."),
    ] = None,
    *,
    design: Annotated[
        str | None,
        typer.Option(
            metavar="UNITS", help='Units, outermost first: "Cluster=20, ID=50"; or crossed(...).'
        ),
    ] = None,
    residual: Annotated[
        str | None,
        typer.Option(metavar="SPREAD", help="Residual variance, or sd(...)."),
    ] = None,
    formula: Annotated[
        str | None,
        typer.Option(metavar="FORMULA", help="The model in lme4's syntax."),
    ] = None,
    equations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File with the equations by level, instead of a formula."
        ),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A fixed effect; repeat the option."),
    ] = None,
    random: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SPREAD", help="Variance of a grouping factor; repeat."),
    ] = None,
    predictor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=CALL", help='A predictor, "X=normal(0, 1)"; repeat.'),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="SEED", help='One number, or "Cluster=707, X=555, residual=777".'),
    ] = None,
    rng: Annotated[
        Generator | None,
        typer.Option(help="Random numbers of numpy (default) or R."),
    ] = None,
    components: Annotated[
        bool,
        typer.Option("--components", help="Add the true random effects and residuals."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A .csv, .tsv or .parquet file; default is CSV to stdout."
        ),
    ] = None,
) -> None:
    """Simulate data from a model with known values."""
    with reported():
        from nestling.cli.simulate_study import Given, simulated
        from nestling.data.files import write_file

        if study is None and (design is None or residual is None):
            missing = "--design" if design is None else "--residual"
            raise typer.BadParameter(f"Missing option '{missing}'; or give a study file.")
        given = Given(
            formula=formula,
            equations=equations,
            fixed=tuple(fixed or ()),
            random=tuple(random or ()),
            residual=residual,
            predictors=tuple(predictor or ()),
            design=design,
            seed=seed,
            rng=None if rng is None else rng.value,
            components=components,
        )
        data, output = simulated(study, given, output)
        if output is None:
            data.to_csv(sys.stdout, index=False, lineterminator="\n")
        else:
            write_file(data, output)
            typer.echo(f"Wrote {len(data):,} rows and {data.shape[1]} columns to {output}.")
