"""The columns of a data frame as nestling sees them: numbers or factors."""

from dataclasses import dataclass
from typing import Literal

from nestling.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Numeric:
    """Numbers, one per row; NaN where missing.

    Attributes
    ----------
    values : (n,) array
        May be the user's own array: never written to.
    kind : {"numeric", "integer", "logical"}
        What the values were. A logical column is 0 and 1 here and a factor with the levels
        FALSE and TRUE in a formula.
    integers : (n,) array or None
        The values in their own integer type when none is missing: identifiers beyond 2^53 are
        exact only here.
    """

    values: FloatArray
    kind: Literal["numeric", "integer", "logical"]
    integers: AnyArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Categories, one per row.

    Attributes
    ----------
    codes : (n,) array
        Position in `levels`; -1 where missing.
    levels : tuple of str
        In R's order: text sorted by code point, categorical columns in their own order.
    ordered : bool
        Ordered factors have polynomial contrasts by default.
    """

    codes: IntArray
    levels: tuple[str, ...]
    ordered: bool


Column = Numeric | Factor
