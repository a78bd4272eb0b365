"""What a column is once it is inside: numbers, or codes into levels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import DataError, did_you_mean


@dataclass(frozen=True, slots=True, eq=False)
class Numeric:
    """A column of numbers.

    Attributes
    ----------
    values : (n,) float64 array
        NaN where missing. May be the user's own array: never write to it.
    kind : {"numeric", "integer", "logical"}
        R's class of the column; a logical column is coded as a factor with levels FALSE, TRUE.
    integers : (n,) integer array or None
        The same numbers in their own type, where that is an integer type and none is missing:
        identifiers beyond 2^53 are exact only here.
    """

    values: FloatArray
    kind: Literal["numeric", "integer", "logical"]
    integers: AnyArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A column of categories.

    Attributes
    ----------
    codes : (n,) array
        Position in `levels`, -1 where missing.
    levels : tuple of str
        In R's order: text sorted by code point, a categorical column in its own order.
    ordered : bool
    """

    codes: IntArray
    levels: tuple[str, ...]
    ordered: bool = False


Column: TypeAlias = Numeric | Factor


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A data frame behind the door: columns by name, each read when it is asked for.

    Attributes
    ----------
    names : tuple of str
    n_rows : int
    reader : callable
        Takes the name of an existing column and reads it.

    Examples
    --------
    >>> from nestling.data.door import read
    >>> frame = read({"g": ["b", "a", "b"], "x": [1.5, 2.0, 2.5]})
    >>> frame.names, frame.n_rows
    (('g', 'x'), 3)
    >>> frame.column("g").levels
    ('a', 'b')
    """

    names: tuple[str, ...]
    n_rows: int
    reader: Callable[[str], Column]

    def column(self, name: str) -> Column:
        """Read a column; an unknown name is a DataError that suggests the nearest."""
        if name not in self.names:
            raise DataError(
                f"The data has no column {name!r}. {did_you_mean(name, self.names)} "
                "Names are case-sensitive."
            )
        return self.reader(name)
