"""`nestling simulate`: one study from true values."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nestling.cli import study
from nestling.cli.reported import reported
from nestling.errors import ArgumentError

if TYPE_CHECKING:
    from nestling.model.equations import Equations

EXAMPLES: Final = """\b
Examples:
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
Spreads are variances; sd(2), icc(0.2), cov([[5, 1], [1, 3]]) and corr([2, 1], 0.3) say otherwise.
Predictors: normal(mean, sd), uniform(low, high), bernoulli(p), categorical({"a": 0.4, "b": 0.6}),
constant(value), values([1, 2, 3]); @Cluster draws one value per cluster.
"""


class Generator(StrEnum):
    """Whose random numbers."""

    NUMPY = "numpy"
    R = "R"


def simulate(
    *,
    design: Annotated[
        str,
        typer.Option(
            metavar="UNITS", help='Units, outermost first: "Cluster=20, ID=50"; or crossed(...).'
        ),
    ],
    residual: Annotated[
        str,
        typer.Option(metavar="SPREAD", help="Residual variance, or sd(...)."),
    ],
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
        Generator,
        typer.Option(help="Random numbers of numpy or R."),
    ] = Generator.NUMPY,
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
        from nestling.data.files import write_file
        from nestling.simulate.population import Population

        truth = Population(
            _model(formula, equations),
            fixed=study.fixed_effects(fixed or []),
            random=study.spreads(random or []),
            residual=study.residual(residual),
            predictors=study.predictors(predictor or []),
        )
        data = truth.simulate(
            study.design(design),
            seed=None if seed is None else study.seed(seed),
            rng=rng.value,
            components=components,
        )
        if output is None:
            data.to_csv(sys.stdout, index=False, lineterminator="\n")
        else:
            write_file(data, output)
            typer.echo(f"Wrote {len(data):,} rows and {data.shape[1]} columns to {output}.")


def _model(formula: str | None, equations: Path | None) -> str | Equations:
    """Return the formula, or the equations that a file holds."""
    if (formula is None) == (equations is None):
        raise ArgumentError(
            "Give the model once: --formula with a formula, or --equations with a file."
        )
    if formula is not None:
        return formula
    assert equations is not None  # one of the two is given
    from nestling.model.levels import levels

    try:
        return levels(equations.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ArgumentError(f"--equations {str(equations)!r} is not text in UTF-8.") from error
