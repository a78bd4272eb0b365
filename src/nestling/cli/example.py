"""`nestling example`: a study file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from nestling.cli.reported import reported
from nestling.errors import ArgumentError

EXAMPLES: Final = """\b
Examples:
  nestling example > study.toml
  nestling example --output study.toml
  nestling simulate study.toml -o data.csv
  nestling power study.toml --html power.html
"""

STUDY: Final = '''\
# A study: pupils in schools. Z is a treatment of whole schools, X a covariate of pupils.
# nestling simulate | power | recovery | curve | search, each followed by this file's name.

title = "Pupils in schools"
seed = 707

[model]
formula = "y ~ 1 + Z + X + (1 | school)"   # as in lme4; or by level: levels = """..."""
residual = 1                               # a variance; "sd(1)" for a standard deviation

[fixed]                                    # every coefficient by its name
"(Intercept)" = 2
Z = "d(0.5)"                               # a number, or "d(0.5)", "standardised(0.2)", "r2(0.1)"
X = 0.3

[random]                                   # by grouping factor
school = "icc(0.15)"                       # a variance, or "sd(2)", "cov([[5, 1], [1, 3]])", ...

[predictors]                               # what is drawn for each
Z = "bernoulli(0.5, level='school')"       # one value per school
X = "normal(0, 1)"                         # mean and SD; one value per row

[design]                                   # units, outermost first
school = 30
pupil = 20

[simulate]
# output = "data.parquet"                  # default is CSV on the standard output
# components = true                        # the true random effects and residuals too

[power]
n_sims = 2000
test = ["satterthwaite", "z"]
predictors = "fixed"                       # drawn once: thousands of replicates take a second

[recovery]
n_sims = 2000
predictors = "fixed"

[curve]
along = { school = [10, 20, 40, 80] }      # or { fixed = { Z = [0.2, 0.4] } }
n_sims = 1000
effect = "Z"
predictors = "fixed"

[search]
sizes = { school = [10, 200], pupil = [5, 40] }
effect = "Z"
power = 0.8
cost = { school = 300, pupil = 10 }        # of one unit; default is the number of rows
predictors = "fixed"
'''


def example(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a new file; default is stdout."),
    ] = None,
) -> None:
    """Print a study file with comments, for a start."""
    with reported():
        if output is None:
            typer.echo(STUDY, nl=False)
            return
        if output.exists():
            raise ArgumentError(f"--output {str(output)!r} is there already; nothing was written.")
        output.write_text(STUDY, encoding="utf-8")
        typer.echo(f"Wrote {output}.")
