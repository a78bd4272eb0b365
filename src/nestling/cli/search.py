"""`nestling search`: the smallest designs with a power or a width, and the cheapest of them."""

from __future__ import annotations

from typing import Final

from nestling.cli import study_options as options
from nestling.cli.reported import reported
from nestling.errors import EntryError

EXAMPLES: Final = """\b
Examples:
  nestling search study.toml
  nestling search study.toml --jobs -1 --store designs.duckdb --html designs.html -o designs.csv
\b
The section [search] of the file holds arguments of nestling.find_design, sizes = ... above all;
options override them.
"""


def search(
    study: options.Study,
    n_sims: options.NSims = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    store: options.Store = None,
    progress: options.Progress = None,
    html: options.Html = None,
    output: options.Output = None,
) -> None:
    """Search for the smallest designs that reach a power or a width."""
    with reported():
        from nestling.cli.study_file import arguments_known, read_study
        from nestling.cli.study_run import Wanted, run_study
        from nestling.studies.find_design import find_design

        file, known = read_study(study), arguments_known(find_design)
        with file.located():
            if "sizes" not in file.section("search", known):
                raise EntryError(
                    ("search",),
                    "nothing says which sizes are tried, such as sizes = { Cluster = [10, 200] }.",
                )
        given = {
            "n_sims": n_sims, "seed": seed, "n_jobs": jobs, "store": store, "progress": progress,
        }  # fmt: skip
        run_study(file, "search", find_design, known, given, Wanted(output, html))
