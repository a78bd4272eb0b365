"""Study files: a population, a design and what is to be done with them, in TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nestling.cli import concerned
from nestling.data.toml_lines import TomlLines, toml_lines
from nestling.errors import ArgumentError, DataError, EntryError, NestlingError, dotted
from nestling.simulate import reading

if TYPE_CHECKING:
    from nestling.design.design import Design
    from nestling.simulate.population import Population

SECTIONS: Final = ("simulate", "power", "recovery", "curve", "search")
KEYS: Final = ("title", "seed", "design", *SECTIONS, *reading.TABLES)

# Arguments of a study that the file says elsewhere, or a command alone.
ELSEWHERE: Final = ("truth", "design", "progress")


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study file that has been read.

    Attributes
    ----------
    path : Path
    text : str
    data : mapping
        Its tables.
    lines : TomlLines
        Where each entry stands.
    """

    path: Path
    text: str
    data: Mapping[str, Any]
    lines: TomlLines

    @property
    def title(self) -> str:
        """The study's title, or the file's name."""
        with self.located():
            return reading.text(self.data.get("title", self.path.stem), ("title",))

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the population."""
        with self.located():
            return reading.arguments_of(
                {name: table for name, table in self.data.items() if name in reading.TABLES}
            )

    def population(self) -> Population:
        """Return the population."""
        from nestling.simulate.population import Population

        arguments = self.arguments()
        with self.located():
            return Population(**arguments)

    def design(self) -> Design:
        """Return the design."""
        with self.located():
            if "design" not in self.data:
                raise EntryError((), "there is no [design], which says how many units there are.")
            return reading.design_of(self.data["design"])

    def section(self, name: str, known: Collection[str]) -> dict[str, Any]:
        """Return what a section says, with the seed of the file where it has none."""
        with self.located():
            table = reading.mapping(self.data.get(name, {}), (name,))
            reading.check_keys(table, known, (name,))
            if "seed" in self.data and "seed" in known:
                table.setdefault("seed", self.data["seed"])
            return table

    @contextmanager
    def located(self, section: str | None = None, options: Collection[str] = ()) -> Iterator[None]:
        """Say in errors where in the file their cause stands.

        Parameters
        ----------
        section : str, optional
            The section whose arguments are in use; without it the population's are.
        options : collection of str
            Arguments that were given on the command line instead.
        """
        try:
            yield
        except EntryError as error:
            path, said = error.path, error.said
            if path == ("model", "levels"):
                raise self._in_levels(said) from error
            where = f"{dotted(path)}: " if path else ""
            raise ArgumentError(f"{self._place(path)}: {where}{said}") from error
        except NestlingError as error:
            if section is None:
                path = concerned.of_population(error, self.data)
            else:
                path = concerned.of_section(error, self.data, section)
            named = {*path, *concerned.names_in(error), str(error).split("=", maxsplit=1)[0]}
            if not named.isdisjoint(options):
                raise
            raise ArgumentError(f"{self._place(path)}: {error}") from error

    def _place(self, path: concerned.Path) -> str:
        line = self.lines.of(path)
        return str(self.path) if line is None else f"{self.path}, line {line}"

    def _in_levels(self, said: str) -> ArgumentError:
        """Count the lines of the equations as lines of the file."""
        start = self.lines.texts.get(("model", "levels"))
        found = re.search(r"^  line (\d+): ", said, re.MULTILINE)
        if start is None or found is None:
            return ArgumentError(f"{self._place(('model', 'levels'))}: {said}")
        line = start + int(found.group(1)) - 1
        shown = said.replace(found.group(), " " * len(found.group()), 1)
        return ArgumentError(f"{self.path}, line {line}: {shown}")


def read_study(path: Path) -> StudyFile:
    """Read a study file.

    Raises
    ------
    DataError
        When it is not there, or is no text.
    ArgumentError
        When it is no TOML, or has keys that mean nothing; with the line.
    """
    if not path.is_file():
        raise DataError(
            f"There is no file {str(path)!r}. Check the name and the folder; `nestling example` "
            "prints a file to begin with."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{str(path)!r} is not text in UTF-8.") from error
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArgumentError(_no_toml(path, text, str(error))) from error
    study = StudyFile(path, text, data, toml_lines(text))
    with study.located():
        reading.check_keys(data, KEYS, ())
    return study


def arguments_known(*calls: Any) -> tuple[str, ...]:
    """Name the arguments of studies that a file may give.

    Examples
    --------
    >>> def study(truth, design, n_sims=10, *, seed=None, progress=None): ...
    >>> arguments_known(study)
    ('n_sims', 'seed')
    """
    names = dict.fromkeys(name for call in calls for name in signature(call).parameters)
    return tuple(name for name in names if name not in ELSEWHERE)


def _no_toml(path: Path, text: str, said: str) -> str:
    """Say where the text breaks off being TOML, and show the line."""
    found = re.search(r" ?\(at line (\d+), column (\d+)\)| ?\(at end of document\)", said)
    if found is None:
        return f"{path} cannot be read: {said}."
    lines = text.splitlines() or [""]
    line, column = int(found.group(1) or len(lines)), int(found.group(2) or len(lines[-1]) + 1)
    shown = lines[line - 1] if line <= len(lines) else ""
    what = said.replace(found.group(), "")
    return f"{path}, line {line}: {what}.\n  {shown}\n  {' ' * (column - 1)}^"
