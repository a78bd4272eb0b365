"""The options that all studies share; each overrides what the file says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Study: TypeAlias = Annotated[
    Path, typer.Argument(metavar="STUDY", help="The study file; `nestling example` prints one.")
]
NSims: TypeAlias = Annotated[
    int | None, typer.Option("--n-sims", metavar="N", help="Replicates (at each point).")
]
Seed: TypeAlias = Annotated[int | None, typer.Option("--seed", metavar="SEED", help="The seed.")]
Jobs: TypeAlias = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="Processes; -1 for one per processor.")
]
Store: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="PATH",
        help="Keep finished replicates in this folder, of Parquet files where it ends in .parquet, "
        "or in one file where it ends in .duckdb; "
        "the same command goes on from there.",
    ),
]  # fmt: skip
Progress: TypeAlias = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", help="A progress bar; default is in a terminal."),
]
Time: TypeAlias = Annotated[
    bool, typer.Option("--time", help="Tell how long the study will take, and stop.")
]
Html: TypeAlias = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a report as an .html page.")
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write the table to a .csv, .tsv or .parquet file."
    ),
]
