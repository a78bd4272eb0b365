"""Quantities computed from the estimates, with their uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.model.parameters import Parameters, TermParameters
from nestling.report.cells import Align
from nestling.report.table import Table
from nestling.results.derived_expressions import value_and_gradient
from nestling.results.refits import refits

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """Quantities computed from the estimates.

    Attributes
    ----------
    names : tuple of str
    estimate, se, lower, upper : (m,) arrays
    draws : (n_sims, m) array or None
        The quantities of each refit of the bootstrap.
    level : float
    method : str
        'delta method' or 'parametric bootstrap'.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    draws: FloatArray | None
    level: float
    method: str

    @property
    def table(self) -> pd.DataFrame:
        """One row per quantity: estimate, se, lower, upper, and the bootstrap's bias."""
        import pandas as pd

        columns = {
            "estimate": self.estimate, "se": self.se, "lower": self.lower, "upper": self.upper,
        }  # fmt: skip
        if self.draws is not None:
            columns["bias"] = self.draws.mean(axis=0) - self.estimate
        return pd.DataFrame(columns, index=list(self.names))

    def _as_table(self) -> Table:
        frame = self.table
        rows = tuple(
            (name, *(f"{value:.5g}" for value in row))
            for name, row in zip(self.names, frame.to_numpy(), strict=True)
        )
        note = f"{100 * self.level:g} % limits by the {self.method}"
        if self.draws is not None:
            note += f", {len(self.draws)} refits"
        columns = ("", *map(str, frame.columns))
        align: list[Align] = ["left"]
        align += ["right"] * len(frame.columns)
        return Table(columns, rows, tuple(align), notes=(note,))

    def __str__(self) -> str:
        """Return the table as text."""
        return self._as_table().to_text()

    def __repr__(self) -> str:
        """Return the same text."""
        return str(self)

    def _repr_html_(self) -> str:
        return self._as_table().to_html()


def delta(fit: LmerFit, expressions: tuple[Any, ...], level: float) -> Derived:
    """Evaluate expressions by the delta method; see `LmerFit.delta`."""
    from scipy.special import ndtri

    _check_level(level)
    if not expressions:
        raise ArgumentError("There is no expression. Give one or more, such as 'X / Z'.")
    coefficients = dict(zip(fit.coefficient_names, fit.estimates.beta.tolist(), strict=True))
    found = [value_and_gradient(text, coefficients) for text in expressions]
    estimate = np.array([value for value, _ in found])
    gradient = np.stack([each for _, each in found])
    se = np.sqrt(np.einsum("mi,ij,mj->m", gradient, fit.estimates.vcov, gradient))
    half = float(ndtri(0.5 + level / 2.0)) * se
    return Derived(
        tuple(map(str, expressions)), estimate, se, estimate - half, estimate + half, None,
        float(level), "delta method",
    )  # fmt: skip


def derive(
    fit: LmerFit, function: Callable[[Parameters], Any], n_sims: Any, seed: Any, level: float
) -> Derived:
    """Evaluate a function of the estimates by bootstrap; see `LmerFit.derive`."""
    _check_level(level)
    if not callable(function):
        raise ArgumentTypeError(
            f"function is of type {type(function).__name__}; expected a function of the estimates, "
            "such as lambda p: p.fixed()['X'] / p.sigma."
        )
    names, estimate = _named(function(fit.parameters))
    again = refits(fit, fit.simulate(n_sims, seed))
    if len(again) < 2:
        raise ArgumentError(f"n_sims={n_sims!r} must be a whole number of at least 2.")
    draws = np.empty((len(again), len(names)))
    for r in range(len(again)):
        terms = tuple(
            TermParameters(term.group, term.names, each[r].copy())
            for term, each in zip(fit.matrices.random, again.covariances, strict=True)
        )
        found = function(
            Parameters(again.names, again.beta[r].copy(), terms, float(again.sigma[r] ** 2))
        )
        draws[r] = _named(found)[1]
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(draws, [tail, 1.0 - tail], axis=0)
    return Derived(
        names, estimate, np.nanstd(draws, axis=0, ddof=1), low, high, draws, float(level),
        "parametric bootstrap",
    )  # fmt: skip


def _named(value: Any) -> tuple[tuple[str, ...], FloatArray]:
    """Read a number, a mapping from name to number, a series or a sequence."""
    if isinstance(value, Mapping) or hasattr(value, "items"):
        pairs = list(value.items())
        names = tuple(str(name) for name, _ in pairs)
        value = [each for _, each in pairs]
    else:
        count = np.size(value)
        names = ("value",) if np.ndim(value) == 0 else tuple(f"value {i + 1}" for i in range(count))
    try:
        numbers = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"function returned {value!r}; expected a number, several, or a dict of numbers."
        ) from error
    return names, numbers.ravel()


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level={level!r} must be between 0 and 1, for instance 0.95.")
