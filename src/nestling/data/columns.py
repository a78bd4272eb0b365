"""The columns of a data frame as nestling sees them: numbers or factors."""

from dataclasses import dataclass
from typing import Literal

from nestling.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Numeric:
    """Numbers, one per row; NaN where missing.

    Attributes
    ----------
    values : (n,) array
    kind : {"numeric", "integer", "logical"}
        What the values were. A logical column is 0 and 1 here and a factor with the levels
        FALSE and TRUE in a formula.
    """

    values: FloatArray
    kind: Literal["numeric", "integer", "logical"]


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
