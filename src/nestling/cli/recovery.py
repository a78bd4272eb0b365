"""`nestling recovery`: whether the fit gives back what was put in."""

from __future__ import annotations

from typing import Final

from nestling.cli import study_options as options
from nestling.cli.reported import reported

EXAMPLES: Final = """\b
Examples:
  nestling example > study.toml
  nestling recovery study.toml --time
  nestling recovery study.toml
  nestling recovery study.toml --n-sims 10000 --jobs -1 --store recovery.store
  nestling recovery study.toml --html recovery.html -o recovery.csv
\b
The section [recovery] of the file holds arguments of nestling.recovery; options override them.
"""


def recovery(
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
    """Simulate a study many times and compare estimates with the truth."""
    with reported():
        from nestling.cli.study_file import arguments_known, read_study
        from nestling.cli.study_run import Wanted, run_study, tell_time
        from nestling.studies.recovery import recovery as call

        given = {
            "n_sims": n_sims, "seed": seed, "n_jobs": jobs, "store": store, "progress": progress,
        }  # fmt: skip
        file, known = read_study(study), arguments_known(call)
        if time:
            tell_time(file, "recovery", known, given)
        else:
            run_study(file, "recovery", call, known, given, Wanted(output, html))
