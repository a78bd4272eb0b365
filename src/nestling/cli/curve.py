"""`nestling curve`: power or precision along sizes of the design or values of a parameter."""

from __future__ import annotations

from typing import Final

from nestling.cli import study_options as options
from nestling.cli.reported import reported
from nestling.errors import EntryError, did_you_mean

EXAMPLES: Final = """\b
Examples:
  nestling curve study.toml
  nestling curve study.toml --jobs -1 --store curve.store --html curve.html
\b
The section [curve] of the file holds arguments of nestling.power_curve, along = ... above all;
of = "precision" makes it a curve of nestling.precision_curve. Options override the file.
"""

KINDS: Final = ("power", "precision")


def curve(
    study: options.Study,
    n_sims: options.NSims = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    store: options.Store = None,
    progress: options.Progress = None,
    html: options.Html = None,
    output: options.Output = None,
) -> None:
    """Simulate a study at several sizes, or with several values of a parameter."""
    with reported():
        from nestling.cli.study_file import arguments_known, read_study
        from nestling.cli.study_run import Wanted, run_study
        from nestling.studies.power_curve import power_curve
        from nestling.studies.precision_curve import precision_curve

        given = {
            "n_sims": n_sims, "seed": seed, "n_jobs": jobs, "store": store, "progress": progress,
        }  # fmt: skip
        file = read_study(study)
        every = ("of", *arguments_known(power_curve, precision_curve))
        section = file.section("curve", every)
        with file.located():
            of = section.get("of", "power")
            if of not in KINDS:
                raise EntryError(("curve", "of"), f"{of!r}. {did_you_mean(str(of), KINDS)}")
            if "along" not in section:
                raise EntryError(
                    ("curve",),
                    "nothing says what the curve runs along, such as "
                    "along = { Cluster = [10, 20] }.",
                )
        call = precision_curve if of == "precision" else power_curve
        known = ("of", *arguments_known(call))
        run_study(file, "curve", call, known, given, Wanted(output, html))
