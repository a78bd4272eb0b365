"""Every exception and warning that nestling raises on purpose.

One root for each: catch `NestlingError` or filter `NestlingWarning` and nothing escapes.
A message says what was given, what was expected and what to do.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches


class NestlingError(Exception):
    """Root of all nestling exceptions."""


class ArgumentError(NestlingError, ValueError):
    """An argument has a value outside what the call accepts."""


class ArgumentTypeError(NestlingError, TypeError):
    """An argument has a type the call cannot read."""


class EntryError(ArgumentError):
    """An entry of a dictionary or of a study file cannot be read.

    Attributes
    ----------
    path : tuple
        Names that lead to the entry: ("fixed", "X").
    said : str
        What is wrong.
    """

    def __init__(self, path: tuple[str | int, ...], said: str) -> None:
        super().__init__(path, said)
        self.path, self.said = path, said

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.said}" if self.path else self.said


class DataError(NestlingError, ValueError):
    """The data frame cannot be used as given: missing column, infinity, text response."""


class FormulaError(NestlingError, ValueError):
    """A formula or an equation cannot be read, or uses what the grammar does not allow."""


class DesignError(NestlingError, ValueError):
    """A design of units and clusters is impossible or contradicts the model."""


class PopulationError(NestlingError, ValueError):
    """The true values are incomplete or impossible: negative variance, covariance not PSD."""


class ModelError(NestlingError, ValueError):
    """The model cannot be estimated from these data, whatever the optimiser does."""


class MissingDependencyError(NestlingError, ImportError):
    """An optional library is needed for this call and is not installed."""


class NestlingWarning(UserWarning):
    """Root of all nestling warnings; each subclass is one cause and names its remedy."""


class ConvergenceWarning(NestlingWarning):
    """The optimiser stopped before it could certify an optimum."""


class ProfileWarning(NestlingWarning):
    """A profile could not be followed to the wanted confidence level; the limit is NaN."""


class RefitWarning(NestlingWarning):
    """The model was fitted again by another criterion, because the answer asked for needs it."""


class RankDeficiencyWarning(NestlingWarning):
    """Columns of the fixed-effects matrix were dropped, as R does."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the nearest known name, or lists what exists.

    Examples
    --------
    >>> did_you_mean("Clutser", ["Cluster", "X"])
    "Did you mean 'Cluster'?"
    >>> did_you_mean("q", ["Cluster", "X"])
    "Known: 'Cluster', 'X'."
    """
    names = [str(item) for item in known]
    close = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    shown = ", ".join(repr(item) for item in names[:12])
    return f"Known: {shown}{', ...' if len(names) > 12 else ''}."


def dotted(path: Iterable[str | int]) -> str:
    """Write the path to an entry as TOML does.

    Examples
    --------
    >>> dotted(("fixed", "(Intercept)"))
    'fixed."(Intercept)"'
    """
    return ".".join(
        str(key) if re.fullmatch(r"[A-Za-z0-9_-]+", str(key)) else f'"{key}"' for key in path
    )
