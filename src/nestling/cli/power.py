"""`nestling power`: how often each effect is found."""

from __future__ import annotations

from typing import Final

from nestling.cli import study_options as options
from nestling.cli.reported import reported

EXAMPLES: Final = """\b
Examples:
  nestling example > study.toml
  nestling power study.toml --time
  nestling power study.toml
  nestling power study.toml --n-sims 10000 --jobs -1 --store power.store
  nestling power study.toml --html power.html -o power.csv
\b
The section [power] of the file holds arguments of nestling.power; options override them.
"""


def power(
    study: options.Study,
    n_sims: options.NSims = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    store: options.Store = None,
    progress: options.Progress = None,
    time: options.Time = False,
    html: options.Html = None,
    output: options.Output = None,
) -> None:
    """Simulate a study many times and count how often each effect is found."""
    with reported():
        from nestling.cli.study_file import arguments_known, read_study
        from nestling.cli.study_run import Wanted, run_study, tell_time
        from nestling.studies.power import power as call

        given = {
            "n_sims": n_sims, "seed": seed, "n_jobs": jobs, "store": store, "progress": progress,
        }  # fmt: skip
        file, known = read_study(study), arguments_known(call)
        if time:
            tell_time(file, "power", known, given)
        else:
            run_study(file, "power", call, known, given, Wanted(output, html))
