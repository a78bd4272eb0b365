"""What the commands power, recovery, curve and search do alike: read, run, print, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from nestling.cli.study_file import StudyFile
from nestling.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as in a shell: what was finished is printed and written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What becomes of the result, beside the text on the standard output.

    Attributes
    ----------
    output : Path or None
        Where the table goes.
    html : Path or None
        Where the report goes.
    """

    output: Path | None
    html: Path | None

    def check(self) -> None:
        """Refuse places that cannot be written to, before the work is done."""
        from nestling.data.files import kind_of

        if self.output is not None:
            kind_of(self.output)
        if self.html is not None and self.html.suffix not in {".html", ".htm"}:
            raise ArgumentError(f"--html {str(self.html)!r} does not end in .html.")
        for option, path in (("--output", self.output), ("--html", self.html)):
            if path is not None and not path.absolute().parent.is_dir():
                raise ArgumentError(
                    f"{option} {str(path)!r}: there is no folder {str(path.parent)!r}. Make it "
                    "first."
                )


def run_study(
    study: StudyFile,
    section: str,
    call: Callable[..., Any],
    known: Collection[str],
    given: Mapping[str, Any],
    wanted: Wanted,
) -> None:
    """Run a study as its file and the options say.

    Parameters
    ----------
    study : StudyFile
    section : str
        Section of the file with the arguments.
    call : callable
        `nl.power` and its like.
    known : collection of str
        Keys that the section may have.
    given : mapping
        Arguments from the command line; None where an option was not given.
    wanted : Wanted
    """
    wanted.check()
    options = {name: value for name, value in given.items() if value is not None}
    arguments = {**study.section(section, known), **options}
    arguments.pop("of", None)
    truth, design = study.population(), study.design()
    with study.located(section, options):
        result = call(truth, design, **arguments)
        typer.echo(str(result))
    if wanted.output is not None:
        from nestling.data.files import write_file

        table = flat(result.table)
        write_file(table, wanted.output)
        typer.echo(f"\nWrote {len(table)} rows to {wanted.output}.")
    if wanted.html is not None:
        from nestling.cli.study_page import study_page

        wanted.html.write_text(study_page(study, truth, design, result), encoding="utf-8")
        typer.echo(f"\nWrote {wanted.html}.")
    if _interrupted(result):
        raise typer.Exit(INTERRUPTED)


def tell_time(
    study: StudyFile, section: str, known: Collection[str], given: Mapping[str, Any]
) -> None:
    """Print how long a study will take.

    Parameters
    ----------
    study, section, known, given
        As for `run_study`.
    """
    from nestling.cli.study_file import arguments_known
    from nestling.studies.study_time import study_time

    options = {name: value for name, value in given.items() if value is not None}
    arguments = {**study.section(section, known), **options}
    wanted = {name: arguments[name] for name in arguments_known(study_time) if name in arguments}
    truth, design = study.population(), study.design()
    with study.located(section, options):
        typer.echo(str(study_time(truth, design, **wanted)))


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose rows are named by columns.

    Examples
    --------
    >>> import pandas as pd
    >>> flat(pd.DataFrame({"bias": [0.1]}, index=pd.Index(["X"], name="effect"))).columns.tolist()
    ['effect', 'bias']
    """
    return table if None in table.index.names else table.reset_index()


def _interrupted(result: Any) -> bool:
    """Whether a study was broken off, and says less than was asked for."""
    found = getattr(result, "studies", (result,))
    parts = found.values() if isinstance(found, Mapping) else found
    return any(
        "interrupted" in part.replicates.note for part in parts if hasattr(part, "replicates")
    )
