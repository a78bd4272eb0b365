"""Values given by the user, kept as columns: numbers, truth values, or labels with codes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.errors import ArgumentTypeError, PopulationError

# More distinct values than this are numbers of a continuum, which a few can stand for.
DISTINCT = 1000

# Numbers are kept in one width, so that equal values are equal predictors.
_KIND = {"i": np.int64, "u": np.int64, "f": np.float64}


@dataclass(frozen=True, slots=True)
class Labels:
    """Categories: codes into labels, in the labels' own order."""

    codes: IntArray
    labels: tuple[str, ...]
    ordered: bool = False

    def take(self, rows: IntArray) -> "Labels":
        """Repeat the categories for the rows given."""
        return Labels(self.codes[rows], self.labels, self.ordered)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One column of given values: an array, with labels when it holds categories."""

    array: AnyArray
    labels: tuple[str, ...] | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        self.array.flags.writeable = False

    @classmethod
    def read(cls, values: Any, what: str = "nl.values()") -> "Values":
        """Read what a user passes to nl.values() or another call."""
        if hasattr(getattr(values, "dtype", None), "categories"):
            series = values if hasattr(values, "codes") else values.array
            codes = np.array(series.codes, dtype=np.intp)
            if (codes < 0).any():
                raise PopulationError(_missing(int(np.argmax(codes < 0)), what))
            labels = tuple(str(label) for label in series.categories)
            return cls(codes, labels, bool(series.ordered))
        array = np.array(values)
        if array.ndim != 1 or array.size == 0:
            raise PopulationError(
                f"{what}: the values have shape {array.shape}; expected one dimension "
                "with at least one value."
            )
        if array.dtype.kind in "biuf":
            _check_finite(array, what)
            return cls(array if array.dtype.kind == "b" else array.astype(_KIND[array.dtype.kind]))
        text = array.tolist()
        if not all(isinstance(item, str) for item in text):
            raise ArgumentTypeError(
                f"{what}: the values are of type {array.dtype}; expected numbers, truth "
                "values or text."
            )
        distinct, codes = np.unique(np.array(text, dtype=np.str_), return_inverse=True)
        return cls(codes.astype(np.intp), tuple(distinct.tolist()))

    @property
    def n(self) -> int:
        """How many values there are."""
        return self.array.size

    @property
    def distinct(self) -> int:
        """How many different values there are, a thousand at most."""
        return min(np.unique(self.array).size, DISTINCT)

    def column(self) -> AnyArray | Labels:
        """Return the values as a drawn column."""
        return self._wrap(self.array)

    def taken(self, rows: IntArray) -> AnyArray | Labels:
        """Return the values at these positions."""
        return self._wrap(self.array[rows])

    def cycled(self, n: int) -> AnyArray | Labels:
        """Make n values that show every distinct one, or a thousand across their range."""
        distinct = np.unique(self.array)
        if distinct.size > DISTINCT:
            distinct = distinct[np.linspace(0, distinct.size - 1, DISTINCT).astype(np.intp)]
        return self._wrap(np.resize(distinct, n))

    def _wrap(self, array: AnyArray) -> AnyArray | Labels:
        return array if self.labels is None else Labels(array, self.labels, self.ordered)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Values):
            return NotImplemented
        return (
            (self.labels, self.ordered) == (other.labels, other.ordered)
            and self.array.dtype == other.array.dtype
            and np.array_equal(self.array, other.array)
        )

    def __hash__(self) -> int:
        return hash((self.labels, self.ordered, self.array.tobytes()))

    def __str__(self) -> str:
        shown = self.array[:4]
        first = [self.labels[i] for i in shown] if self.labels else shown.tolist()
        if self.n > 4:
            return f"[{', '.join(map(repr, first))}, ... {self.n} values]"
        return repr(first)


def _check_finite(array: AnyArray, what: str) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        at = int(np.argmax(bad))
        raise PopulationError(
            _missing(at, what)
            if np.isnan(array[at])
            else f"{what}: value {at} is {array[at]}; expected finite numbers."
        )


def _missing(at: int, what: str) -> str:
    return f"{what}: value {at} is missing; give every unit a value."
