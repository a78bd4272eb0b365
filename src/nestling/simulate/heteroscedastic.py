"""Residual SDs that depend on a category or a number: nlme's varIdent, varPower, varExp."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError, did_you_mean
from nestling.model.spreads import number
from nestling.simulate.amounts import choice, name_of, positive, shown
from nestling.simulate.departures import Known, ResidualDeparture, Rows

CALL = "nl.heteroscedastic()"
KEEP = ("reference", "mean")
Category: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Heteroscedastic(ResidualDeparture):
    """Residuals whose SD is multiplied by a ratio, a power or an exponential of a predictor."""

    order: ClassVar[int] = 30
    by: str
    ratios: tuple[tuple[Category, float], ...] | None = None
    power: float | None = None
    exponential: float | None = None
    keep: Literal["reference", "mean"] = "reference"

    def __post_init__(self) -> None:
        name_of(self.by, f"{CALL}: by")
        choice(self.keep, KEEP, f"{CALL}: keep")
        ways = ("ratios", "power", "exponential")
        said = [name for name in ways if getattr(self, name) is not None]
        if len(said) != 1:
            raise ArgumentError(
                f"{CALL} has {' and '.join(f'{name}=' for name in said) or 'none of them'}; "
                "expected one of ratios= (SDs of categories), power= (SD as |x| ** power) and "
                "exponential= (SD as exp(exponential * x))."
            )
        if self.ratios is not None:
            object.__setattr__(self, "ratios", _pairs(self.ratios))
        for name in ("power", "exponential"):
            if getattr(self, name) is not None:
                found = number(getattr(self, name), f"{CALL}: {name}")
                object.__setattr__(self, name, found)

    @property
    def label(self) -> str:
        """Name of its stream; several predictors multiply."""
        return f"spread of residuals by {self.by}"

    def check(self, known: Known) -> None:
        """Refuse what is no predictor."""
        known.check_column(self.by, CALL)

    def reshape(self, stream: np.random.Generator, residuals: FloatArray, rows: Rows) -> FloatArray:  # noqa: ARG002  no chance is involved
        """Multiply residuals by their ratio of SDs."""
        ratios = self._of_categories(rows) if self.ratios is not None else self._of_numbers(rows)
        if self.keep == "mean":
            # the mean is no matrix product: pairwise sums are the same on every machine
            ratios = ratios / np.sqrt(np.mean(ratios**2))
        return residuals * ratios

    def _of_categories(self, rows: Rows) -> FloatArray:
        assert self.ratios is not None
        codes, categories = _categories(rows, self.by)
        places = [_place(category, categories) for category, _ in self.ratios]
        # of numbers a small study may lack some, but not all that are named; labels are all known
        named = isinstance(categories[0], str) or not any(place is not None for place in places)
        ratios = np.ones(len(categories))
        for place, (category, ratio) in zip(places, self.ratios, strict=True):
            if place is not None:
                ratios[place] = ratio
            elif named:
                raise PopulationError(
                    f"{CALL} gives a ratio for {category!r}, which {self.by!r} never is. "
                    f"{did_you_mean(str(category), map(str, categories))}"
                )
        return ratios[codes]

    def _of_numbers(self, rows: Rows) -> FloatArray:
        values = rows.numbers(self.by, CALL)
        with np.errstate(divide="ignore", over="ignore"):
            ratios = (
                np.abs(values) ** self.power
                if self.power is not None
                else np.exp(np.float64(self.exponential) * values)
            )
        bad = ~np.isfinite(ratios)
        if bad.any():
            raise PopulationError(
                f"{CALL}: {self.by!r} is {values[np.argmax(bad)]:g} in row {int(np.argmax(bad))}, "
                "where the residual SD would be infinite; keep the predictor away from it, or give "
                "a smaller power= or exponential=."
            )
        if not ratios.any():
            raise PopulationError(
                f"{CALL}: {self.by!r} leaves no row any residual variance; give a predictor whose "
                "values differ from 0."
            )
        return np.asarray(ratios)

    def __str__(self) -> str:
        said = [repr(self.by)]
        if self.ratios is not None:
            pairs = ", ".join(f"{category!r}: {shown(ratio)}" for category, ratio in self.ratios)
            said.append(f"ratios={{{pairs}}}")
        said += [] if self.power is None else [f"power={shown(self.power)}"]
        said += [] if self.exponential is None else [f"exponential={shown(self.exponential)}"]
        said += [] if self.keep == KEEP[0] else [f"keep={self.keep!r}"]
        return f"nl.heteroscedastic({', '.join(said)})"

    __repr__ = __str__


def heteroscedastic(
    by: str,
    ratios: Mapping[Category, float] | None = None,
    *,
    power: float | None = None,
    exponential: float | None = None,
    keep: Literal["reference", "mean"] = "reference",
) -> Heteroscedastic:
    """Let the residual SD depend on a predictor: by category, as a power, or exponentially.

    Parameters
    ----------
    by : str
        Predictor.
    ratios : mapping, optional
        Categories of the predictor with the ratio of their SD to that of the others: those left
        out have 1 (nlme's varIdent).
    power : float, optional
        SD in proportion to |x| ** power (varPower).
    exponential : float, optional
        SD in proportion to exp(exponential * x) (varExp).
    keep : {"reference", "mean"}
        Which variance is `residual=`: that of rows with ratio 1 - a category of ratio 1, |x| = 1,
        x = 0 - as nlme reports sigma²; or the mean over the rows of each study.

    Notes
    -----
    Several predictors multiply: one `nl.heteroscedastic` for each.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.heteroscedastic("sex", ratios={"m": 2})
    nl.heteroscedastic('sex', ratios={'m': 2})
    >>> nl.heteroscedastic("age", power=0.5)
    nl.heteroscedastic('age', power=0.5)
    """
    return Heteroscedastic(by, ratios, power, exponential, keep)  # type: ignore[arg-type]  # reads it


def _pairs(given: Any) -> tuple[tuple[Category, float], ...]:
    if not isinstance(given, Mapping | tuple):
        raise ArgumentTypeError(
            f"{CALL}: ratios is {given!r}; expected categories with SD ratios, such as {{'m': 2}}."
        )
    items = dict(given)
    if not items:
        raise PopulationError(f"{CALL}: ratios is empty; expected one such as {{'m': 2}}.")
    pairs: list[tuple[Category, float]] = []
    for category, ratio in items.items():
        plain = category.item() if isinstance(category, np.generic) else category
        if not isinstance(plain, str | int | float):
            raise ArgumentTypeError(
                f"{CALL}: ratios names {category!r}; expected categories, text or numbers."
            )
        pairs.append((plain, positive(ratio, f"{CALL}: the ratio of {category!r}")))
    return tuple(sorted(pairs, key=lambda pair: str(pair[0])))


def _categories(rows: Rows, name: str) -> tuple[IntArray, list[Any]]:
    """Code of each row and what the codes stand for: labels, or the numbers there are."""
    column = rows.data[name]
    if column.dtype.kind in "biuf":
        numbers, places = np.unique(column.to_numpy(np.float64), return_inverse=True)
        return np.asarray(places, dtype=np.intp), numbers.tolist()
    categories = column.astype("category").cat
    codes = np.asarray(categories.codes, dtype=np.intp)
    return codes, [str(each) for each in categories.categories]


def _place(category: Category, categories: list[Any]) -> int | None:
    """Find a category among the labels, as text, or among the numbers."""
    if isinstance(categories[0], str):
        category = str(category)
    elif isinstance(category, str):
        return None
    return categories.index(category) if category in categories else None
