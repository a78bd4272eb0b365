"""What `nestling simulate` draws: the study of a file, of options, or of a file changed by them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nestling.cli import study as options
from nestling.cli.study_file import StudyFile, read_study
from nestling.data.files import kind_of
from nestling.errors import ArgumentError
from nestling.simulate.population import Population
from nestling.simulate.reading import text

if TYPE_CHECKING:
    import pandas as pd

    from nestling.model.equations import Equations

KEYS: Final = ("seed", "rng", "components", "output")


@dataclass(frozen=True, slots=True)
class Given:
    """The options, as they were typed."""

    formula: str | None = None
    equations: Path | None = None
    fixed: tuple[str, ...] = ()
    random: tuple[str, ...] = ()
    residual: str | None = None
    predictors: tuple[str, ...] = ()
    design: str | None = None
    seed: str | None = None
    rng: str | None = None
    components: bool = False

    def population(self) -> dict[str, Any]:
        """Return the arguments of the population that were given."""
        made: dict[str, Any] = {
            "fixed": options.fixed_effects(self.fixed),
            "random": options.spreads(self.random),
            "predictors": options.predictors(self.predictors),
        }
        if self.residual is not None:
            made["residual"] = options.residual(self.residual)
        if self.formula is not None or self.equations is not None:
            made["formula"] = model_of(self.formula, self.equations)
        return made

    def drawing(self) -> dict[str, Any]:
        """Return the arguments of the drawing that were given."""
        made: dict[str, Any] = {}
        if self.seed is not None:
            made["seed"] = options.seed(self.seed)
        if self.rng is not None:
            made["rng"] = self.rng
        if self.components:
            made["components"] = True
        return made


def simulated(
    path: Path | None, given: Given, output: Path | None
) -> tuple[pd.DataFrame, Path | None]:
    """Return the data, and the file they go to."""
    if path is None:
        if given.formula is None and given.equations is None:
            model_of(None, None)
        truth = Population(**given.population())
        return truth.simulate(options.design(given.design or ""), **given.drawing()), output
    study = read_study(path)
    section = study.section("simulate", KEYS)
    with study.located():
        named = section.pop("output", None)
        named = None if named is None else Path(text(named, ("simulate", "output")))
    output = named if output is None else output
    if output is not None:
        kind_of(output)
    truth = _changed(study, given)
    design = study.design() if given.design is None else options.design(given.design)
    drawing = given.drawing()
    with study.located("simulate", drawing):
        return truth.simulate(design, **{**section, **drawing}), output


def _changed(study: StudyFile, given: Given) -> Population:
    """Return the population of a file with the entries that options name in place of its own."""
    arguments, changes = study.arguments(), given.population()
    named = {name for value in changes.values() if isinstance(value, dict) for name in value}
    named |= {name for name, value in changes.items() if not isinstance(value, dict)}
    for name, value in changes.items():
        arguments[name] = {**arguments[name], **value} if isinstance(value, dict) else value
    with study.located(options=named):
        return Population(**arguments)


def model_of(formula: str | None, equations: Path | None) -> str | Equations:
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
